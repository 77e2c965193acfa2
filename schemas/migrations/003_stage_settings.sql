-- A run remembers the settings that decided its rows, so that a question about other settings need
-- not make all rows anew. Runs from before have none: their fingerprint is a hash.
ALTER TABLE stage_runs ADD COLUMN settings VARCHAR;
