-- MinHash band keys: two rows that share one are compared. Written by tasks/dedupe.py.
-- Dropped rows are here too: a change of their neighbours can make them the ones to keep.
CREATE TABLE IF NOT EXISTS bands (
    pass      VARCHAR NOT NULL,    -- prompts or answers
    day       DATE NOT NULL,       -- UTC day of the row
    id        VARCHAR NOT NULL,    -- prompt_id or answer_id
    kept      BOOLEAN NOT NULL,    -- whether later rows are compared with this one
    keys      UBIGINT[] NOT NULL,  -- per band: task type, band number and band folded into 64 bits
    made_with VARCHAR NOT NULL     -- what keys depend on besides the row; others are made anew
);
