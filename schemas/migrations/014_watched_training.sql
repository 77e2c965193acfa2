-- A training run keeps why its padding token was taken, and what preflight and watching found.
ALTER TABLE training_runs ADD COLUMN best_step BIGINT;
ALTER TABLE training_runs ADD COLUMN stop_rates STRUCT(step BIGINT, prompts BIGINT, stopped BIGINT)[];
ALTER TABLE training_runs ADD COLUMN checks STRUCT(name VARCHAR, passed BOOLEAN, finding VARCHAR)[];
ALTER TABLE training_runs ADD COLUMN notes VARCHAR[];
ALTER TABLE training_runs ADD COLUMN pad_reason VARCHAR;
