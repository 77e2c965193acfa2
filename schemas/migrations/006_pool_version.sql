-- An answer names the version of the few-shot pool that its examples are from. Answers from before
-- were shown none.
ALTER TABLE answers ADD COLUMN pool_version INTEGER;
