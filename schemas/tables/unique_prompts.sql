-- Every tagged prompt, with its twin if it repeats an earlier one of its task type.
-- Written by tasks/dedupe.py. Rows that are sent to the strong model: drop_reason IS NULL.
CREATE TABLE IF NOT EXISTS unique_prompts (
    day           DATE    NOT NULL,  -- UTC day of the chat
    prompt_id     VARCHAR NOT NULL,  -- same id as in prompts
    area          VARCHAR NOT NULL,  -- first level of the task type
    kind          VARCHAR NOT NULL,  -- second level of the task type
    duplicate_of  VARCHAR,           -- prompt_id of the kept twin; NULL = this one is kept
    template_of   VARCHAR,           -- prompt_id of a kept prompt of the same template
    jaccard       DOUBLE,            -- exact Jaccard similarity to duplicate_of or template_of
    drop_reason   VARCHAR,           -- duplicate or template_over_cap; NULL = kept
    input_hash    UBIGINT NOT NULL   -- hash of the input this row was made from
);
