-- A prompt may be rewritten to ask for what its answer does.
ALTER TABLE checked_answers ADD COLUMN rewritten VARCHAR;
