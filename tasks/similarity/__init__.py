"""When two texts are the same: nominate by MinHash, prove on the texts, keep the first.

    normalise -> shingles -> signatures -> bands          which pairs are worth a look
    verify                                                which of them are twins
    greedy                                                which row of them stays
    templates                                             how many of a pattern stay

MinHash only nominates. What removes a row is the proof in `verify`, so a hash collision costs
time and never data.
"""
