-- One logged step of an SFT run. Written by tasks/train.py.
CREATE TABLE IF NOT EXISTS training_metrics (
    run_id          VARCHAR NOT NULL,  -- same id as in training_runs
    step            BIGINT  NOT NULL,  -- optimizer step, from 1
    epoch           DOUBLE  NOT NULL,  -- epochs so far
    loss            DOUBLE  NOT NULL,  -- mean over the label tokens since the step before
    learning_rate   DOUBLE  NOT NULL,  -- at this step
    grad_norm       DOUBLE  NOT NULL,  -- before clipping
    token_accuracy  DOUBLE  NOT NULL,  -- share of label tokens predicted right, 0 to 1
    tokens          BIGINT  NOT NULL   -- tokens seen so far, prompts included
);
