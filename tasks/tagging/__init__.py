"""What the tag stage knows: how a strong model is asked and read, and how a local one learns.

shown       what of a prompt the strong model sees, and its tag_key
packs       which prompts share a call
requests    the calls: one prompt, a pack, a repair
replies     what was said, or what is wrong with it
stored      tags that the strong model gave before
strong      all of these together: rows in, tags out
features    a prompt as counts of character n-grams
linear      the model over them, and its confidence
classifier  the local tagger: fit, guess, threshold
held_out    how good it is on prompts it has not seen
lessons     what it learns from
training    from stored tags to a classifier on disk
model_file  the trained one on disk
local       the one that a run uses
"""
