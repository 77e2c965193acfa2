-- One row of a frozen dataset. Written by tasks/upsample.py; a row is never changed, and goes with its version only: `flywheel dataset remove`.
-- Trained on: split = 'train', `copies` times an epoch; the last message carries the loss, and those in learned_turns.
CREATE TABLE IF NOT EXISTS sft_rows (
    dataset_version  VARCHAR NOT NULL,  -- same name as in dataset_versions
    answer_id        VARCHAR NOT NULL,  -- same id as in unique_answers; of an extra set a hash of the chat
    day              DATE    NOT NULL,  -- UTC day of the chat; of an extra set the last one of the version
    split            VARCHAR NOT NULL,  -- train or validation: fixed by user, else chat, for ever
    area             VARCHAR NOT NULL,  -- first level of the task type; extra: of a set under [[dataset.extra]]
    kind             VARCHAR NOT NULL,  -- second level of the task type; name of the extra set
    messages         STRUCT(role VARCHAR, content VARCHAR, parts VARCHAR, name VARCHAR, tool_call_id VARCHAR, tool_calls VARCHAR)[] NOT NULL,  -- the prompt with its context, then the answer
    learned_turns    INTEGER[],        -- places in messages, from 0, of answers before the last that carry loss too; NULL = none
    tools            VARCHAR          USING COMPRESSION zstd,  -- JSON text of the tools that the model of the log was offered
    copies           INTEGER NOT NULL,  -- how often an epoch shows it
    weight           DOUBLE  NOT NULL,  -- of each of its label tokens in the loss, by train.length_alpha; 1 = as any other
    tokens           BIGINT  NOT NULL,  -- length of prompt and answer, in tokens
    label_tokens     BIGINT  NOT NULL   -- tokens that carry loss, the end of turn included
);
