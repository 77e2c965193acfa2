"""What a dataset is made of: who is in which split, what leaks, how often a row is shown.

lengths     rows -> tokens and tokens that carry loss
split       users and chats -> train or validation, for ever
leaks       rows -> the eval prompt, or the validation row, that they repeat
mix         label tokens per task type -> copies
versions    rows -> a frozen version in the store, and its rows again
difference  two versions -> rows and shares that differ
retention   versions -> those that may go
"""
