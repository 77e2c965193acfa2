-- One SFT run. Written by tasks/train.py, at its start and at its end.
CREATE TABLE IF NOT EXISTS training_runs (
    run_id             VARCHAR   NOT NULL,  -- hash of rows, base model and settings: the same run is resumed, not repeated
    model_id           VARCHAR   NOT NULL,  -- the model it makes
    dataset_version    VARCHAR   NOT NULL,  -- what it trains on
    base_model         VARCHAR   NOT NULL,  -- model_id of the model it starts from
    batching           VARCHAR   NOT NULL,  -- padding, concat, packed or padding_free, as `train.batching`
    status             VARCHAR   NOT NULL,  -- running, complete or failed; a killed run stays running until it is resumed
    settings           VARCHAR   NOT NULL,  -- all of its settings, as JSON text
    rows_trained       BIGINT,              -- distinct rows
    dropped            STRUCT(answer_id VARCHAR, reason VARCHAR, tokens BIGINT)[] NOT NULL,  -- rows of the dataset it could not train on
    label_tokens       BIGINT,              -- tokens that carry loss in one epoch
    tokens             BIGINT,              -- tokens of one epoch, prompts included
    steps              BIGINT,              -- optimizer steps
    resumed_from       BIGINT,              -- step that the last attempt went on from; 0 = the start
    loss               DOUBLE,              -- of the last logged step, mean over label tokens
    validation_loss    DOUBLE,              -- mean over the label tokens of all validation rows; NULL = there are none
    best_step          BIGINT,              -- step of the weights that were kept, the best on validation rows; NULL = the last
    stop_rates         STRUCT(step BIGINT, prompts BIGINT, stopped BIGINT)[],  -- prompts asked during training, and how many answers ended by themselves
    checks             STRUCT(name VARCHAR, passed BOOLEAN, finding VARCHAR)[],  -- what preflight found
    notes              VARCHAR[],           -- what is odd about the run, and what to look at
    pad_token          VARCHAR,             -- what rows are padded with; never the stop token
    pad_reason         VARCHAR,             -- why that token
    stop_token         VARCHAR,             -- what ends an answer
    versions           VARCHAR,             -- versions of torch, transformers, trl, as JSON text
    message            VARCHAR,             -- what stopped it
    seconds            DOUBLE,              -- of the last attempt
    started_at         TIMESTAMP NOT NULL,  -- UTC, first attempt
    finished_at        TIMESTAMP            -- UTC; NULL = not finished
);
