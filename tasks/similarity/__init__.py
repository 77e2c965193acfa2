"""When two texts are the same: nominate by MinHash, prove on the texts, keep the first.

    normalise -> shingles -> signatures -> bands          which pairs are worth a look
    verify -> guard                                       which of them say the same
    kept -> greedy                                        which row of them stays

MinHash only nominates. What removes a row is the proof in `verify`, so a hash collision costs
time and never data. The modules behind `marking` and `sketch` do the same in machine code.
"""
