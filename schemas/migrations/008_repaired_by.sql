-- A repaired answer names the call that brought it.
ALTER TABLE checked_answers ADD COLUMN call_key VARCHAR;
