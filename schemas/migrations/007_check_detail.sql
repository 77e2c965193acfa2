-- A defect says what was wanted and what came instead.
ALTER TABLE checked_answers ADD COLUMN detail VARCHAR;
