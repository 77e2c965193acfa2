-- An answer of the log may be one to a prompt that repeats its own. Those from before are to their own.
ALTER TABLE answers ADD COLUMN logged_for VARCHAR;
UPDATE answers SET logged_for = prompt_id WHERE origin = 'logged' AND failed IS NULL;
