-- One frozen dataset. Written by tasks/upsample.py; a row is never changed, and goes only by `flywheel dataset remove` or `prune`.
CREATE TABLE IF NOT EXISTS dataset_versions (
    dataset_version         VARCHAR   NOT NULL,  -- its name
    created_at              TIMESTAMP NOT NULL,  -- UTC
    first_day               DATE      NOT NULL,  -- first UTC day of the chats it was made from
    last_day                DATE      NOT NULL,  -- last one, included
    sha256                  VARCHAR   NOT NULL,  -- of its rows, splits, copies and drops: the same ones give the same hash
    tokenizer               VARCHAR,             -- base model whose tokenizer and chat template measured the rows; NULL = lengths are estimates
    tokenizer_sha256        VARCHAR,             -- of that tokenizer and its chat template; NULL = lengths are estimates, or from before it was kept
    settings                VARCHAR   NOT NULL,  -- settings that decided its rows, as JSON text
    inputs                  VARCHAR   NOT NULL,  -- outputs of dedupe_answers it was made from, as day=hash
    rows_in                 BIGINT    NOT NULL,  -- kept answers of these days, and chats of extra sets
    train_rows              BIGINT    NOT NULL,  -- of them, rows to train on
    validation_rows         BIGINT    NOT NULL,  -- of them, rows that are only measured
    dropped                 BIGINT    NOT NULL,  -- of them, rows left out, each in dataset_drops
    train_rows_with_copies  BIGINT    NOT NULL,  -- rows of one epoch
    label_tokens            BIGINT    NOT NULL,  -- tokens that carry loss in one epoch
    plan                    VARCHAR              -- JSON: what there was, was wanted and is shown of each task type and trait, and warnings; NULL = from before plans were kept
);
