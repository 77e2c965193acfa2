-- The answer after the rule checks. Written by tasks/check.py.
-- Answers that go on: the highest version, with no defects.
CREATE TABLE IF NOT EXISTS checked_answers (
    day         DATE      NOT NULL,  -- UTC day of the chat
    answer_id   VARCHAR   NOT NULL,  -- same id as in answers
    version     INTEGER   NOT NULL,  -- 0 as answered, 1 after repair, 2 with a rewritten prompt
    prompt_id   VARCHAR   NOT NULL,  -- same id as in prompts
    answer      VARCHAR   NOT NULL USING COMPRESSION zstd,  -- the text that was checked
    defects     VARCHAR[] NOT NULL,  -- names of the checks that fired; empty = passed
    input_hash  UBIGINT   NOT NULL,  -- hash of the input this row was made from
    detail      VARCHAR             USING COMPRESSION zstd,  -- for each defect what was wanted and what came; NULL = passed
    call_key    VARCHAR,   -- the call in llm_calls that repaired it; NULL = as answered
    rewritten   VARCHAR             USING COMPRESSION zstd   -- the user turn it is trained on, which asks for what the answer does; NULL = as logged
);
