-- MinHash band keys: two rows that share a key are compared. Written by tasks/dedupe.py.
-- Dropped rows are here too: a change of their neighbours can make them the ones to keep.
CREATE TABLE IF NOT EXISTS bands (
    pass  VARCHAR NOT NULL,  -- prompts or answers
    day   DATE    NOT NULL,  -- UTC day of the row
    key   UBIGINT NOT NULL,  -- task type, band number and band folded into 64 bits
    id    VARCHAR NOT NULL,  -- prompt_id or answer_id
    kept  BOOLEAN NOT NULL   -- whether later rows are compared with this one
);
