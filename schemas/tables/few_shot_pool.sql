-- One example of one frozen version of the few-shot pool: a prompt with an answer worth imitating.
-- Written by tasks/pool/versions.py. A version holds all of its examples and never changes, redaction apart; new prompts are shown the highest one.
CREATE TABLE IF NOT EXISTS few_shot_pool (
    pool_version  INTEGER   NOT NULL,  -- number of the version, from 1
    area          VARCHAR   NOT NULL,  -- first level of the task type
    kind          VARCHAR   NOT NULL,  -- second level of the task type
    example_id    VARCHAR   NOT NULL,  -- the answer_id it comes from; of a file's row a hash
    language      VARCHAR   NOT NULL,  -- ISO 639-1 code of the prompt
    prompt        VARCHAR   NOT NULL USING COMPRESSION zstd,  -- what the user says, redacted
    answer        VARCHAR   NOT NULL USING COMPRESSION zstd,  -- what the assistant says, redacted
    origin        VARCHAR   NOT NULL,  -- file: `flywheel pool add FILE`; answer: a row of unique_answers
    added_in      INTEGER   NOT NULL,  -- first version that has it
    added_at      TIMESTAMP NOT NULL   -- UTC
);
