-- The latest run of one stage over one day, written in the transaction that replaced the day.
-- Written by tasks/adapters/store.py.
CREATE TABLE IF NOT EXISTS stage_runs (
    stage         VARCHAR   NOT NULL,  -- pull, filter, tag, dedupe_prompts, answer, check, dedupe_answers
    day           DATE      NOT NULL,  -- UTC day
    run_id        VARCHAR   NOT NULL,  -- one command or flow run
    status        VARCHAR   NOT NULL,  -- complete, partial (more to come) or failed (tables as before)
    rows_in       BIGINT    NOT NULL,  -- units that came in
    kept          BIGINT    NOT NULL,  -- units that go on
    dropped       BIGINT    NOT NULL,  -- units that stop here, each with its reason
    quarantined   BIGINT    NOT NULL,  -- records that could not become a chat (pull only)
    pending       BIGINT    NOT NULL,  -- units not done yet; the next run takes them up
    fingerprint   VARCHAR   NOT NULL,  -- hash of the settings that decide its rows; mixed = rows of older settings are among them
    settings      VARCHAR,             -- JSON of those settings; NULL = mixed, or run before the flywheel kept them
    code_version  VARCHAR   NOT NULL,  -- hash of the stage's own source files, SQL and templates; mixed as in fingerprint
    inputs        VARCHAR   NOT NULL,  -- outputs of the stages whose tables it read, as stage=hash
    outputs       VARCHAR   NOT NULL,  -- hash of the rows it wrote into its first table
    stale         VARCHAR,             -- why it must run again although its inputs are the same; NULL = it need not
    message       VARCHAR,             -- what stopped it: an error or a cap
    seconds       DOUBLE    NOT NULL,  -- how long it took
    finished_at   TIMESTAMP NOT NULL   -- UTC
);
