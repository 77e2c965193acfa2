-- Every answer that passed the checks, with its twin if it repeats another.
-- Written by tasks/dedupe.py. Rows to train on: drop_reason IS NULL.
CREATE TABLE IF NOT EXISTS unique_answers (
    day           DATE    NOT NULL,  -- UTC day of the chat
    answer_id     VARCHAR NOT NULL,  -- same id as in answers
    prompt_id     VARCHAR NOT NULL,  -- same id as in prompts
    version       INTEGER NOT NULL,  -- version in checked_answers
    area          VARCHAR NOT NULL,  -- first level of the task type
    kind          VARCHAR NOT NULL,  -- second level of the task type
    answer        VARCHAR NOT NULL USING COMPRESSION zstd,  -- the text to train on
    duplicate_of  VARCHAR,           -- answer_id of the kept twin: prompt and answer are near
    template_of   VARCHAR,           -- answer_id of a kept near answer to another prompt
    jaccard       DOUBLE,            -- exact Jaccard similarity of the answers
    drop_reason   VARCHAR,           -- duplicate or template_over_cap; NULL = train on it
    input_hash    UBIGINT NOT NULL   -- hash of the input this row was made from
);
