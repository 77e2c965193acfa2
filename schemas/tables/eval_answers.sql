-- What one model said to one prompt of an eval set. Written by tasks/evaluate.py.
CREATE TABLE IF NOT EXISTS eval_answers (
    model_id        VARCHAR NOT NULL,  -- same id as in models
    eval_set        VARCHAR NOT NULL,  -- same name as in eval_prompts
    prompt_id       VARCHAR NOT NULL,  -- same id as in eval_prompts
    answer          VARCHAR NOT NULL USING COMPRESSION zstd,  -- greedy answer, without special tokens
    stopped         BOOLEAN NOT NULL,  -- it ended its turn by itself within the limit
    new_tokens      BIGINT  NOT NULL,  -- length of the answer, the end of turn included
    max_new_tokens  BIGINT  NOT NULL,  -- the limit, in tokens
    correct         BOOLEAN            -- it equals the reference; NULL = the prompt has no exact answer
);
