-- What a prompt may take from the log: the answer to it that a user gave a thumb up, else one to a
-- prompt that repeats it. Votes on dropped prompts so stay with the kept one.
CREATE OR REPLACE VIEW liked_answers AS
SELECT CASE WHEN u.duplicate_of IS NULL THEN v.day ELSE k.day END AS day,
       coalesce(u.duplicate_of, v.prompt_id) AS prompt_id,
       v.answer, v.model, v.prompt_id AS logged_for
FROM voted_answers v
LEFT JOIN unique_prompts u ON u.day = v.day AND u.prompt_id = v.prompt_id
LEFT JOIN unique_prompts k ON k.prompt_id = u.duplicate_of
WHERE v.vote > 0
QUALIFY row_number() OVER (
    PARTITION BY coalesce(u.duplicate_of, v.prompt_id)
    ORDER BY u.duplicate_of IS NOT NULL, v.day, v.prompt_id
) = 1
ORDER BY 1, 2;
COMMENT ON VIEW liked_answers IS 'What a prompt may take from the log: the answer to it that a user gave a thumb up, else one to a prompt that repeats it.';
COMMENT ON COLUMN liked_answers.day IS 'UTC day of the prompt';
COMMENT ON COLUMN liked_answers.prompt_id IS 'the user turn, or the kept one that it repeats';
COMMENT ON COLUMN liked_answers.answer IS 'the reply, as logged and redacted';
COMMENT ON COLUMN liked_answers.model IS 'model that answered in production';
COMMENT ON COLUMN liked_answers.logged_for IS 'the user turn that it was given to';
