-- The loss of a run on validation rows, per task type. Written by tasks/train.py.
-- At most 200 rows are measured at each checkpoint; with the weights that are kept, all.
CREATE TABLE IF NOT EXISTS training_validation (
    run_id        VARCHAR NOT NULL,  -- same id as in training_runs
    step          BIGINT  NOT NULL,  -- optimizer step, as in training_metrics
    area          VARCHAR NOT NULL,  -- first level of the task type
    kind          VARCHAR NOT NULL,  -- second level of the task type
    rows          BIGINT  NOT NULL,  -- validation rows that were measured
    label_tokens  BIGINT  NOT NULL,  -- their tokens that carry loss
    loss          DOUBLE  NOT NULL   -- mean over these tokens
);
