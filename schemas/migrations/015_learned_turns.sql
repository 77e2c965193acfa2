-- A row of an extra set may teach more answers than its last. Rows from before teach that alone.
ALTER TABLE sft_rows ADD COLUMN learned_turns INTEGER[];
