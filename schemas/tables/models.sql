-- The registry: every model that was trained, and the base models they started from.
-- Written by tasks/train.py and tasks/promote.py. At most one row is the champion.
CREATE TABLE IF NOT EXISTS models (
    model_id         VARCHAR   NOT NULL,  -- its name
    run_id           VARCHAR,             -- run that made it; NULL = a base model
    dataset_version  VARCHAR,             -- what it was trained on; NULL = a base model
    base_model       VARCHAR,             -- model_id of the model it started from; NULL = a base model
    path             VARCHAR   NOT NULL,  -- folder of a Hugging Face model, from the folder of flywheel.toml; or a name on the hub
    status           VARCHAR   NOT NULL,  -- base, candidate, champion or retired
    registered_at    TIMESTAMP NOT NULL,  -- UTC
    promoted_at      TIMESTAMP,           -- UTC; NULL = it never was champion, or was rolled back
    reason           VARCHAR              -- why it was promoted, refused or retired; NULL = not decided yet
);
