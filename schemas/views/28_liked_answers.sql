-- What a prompt may take from the log: the answer to it that a user gave a thumb up, else one to a
-- prompt that repeats it after the same system prompt and replies. Votes on dropped prompts so stay
-- with the kept one.
CREATE OR REPLACE VIEW liked_answers AS
WITH settled AS (
    FROM unique_prompts ANTI JOIN (
        SELECT day FROM stage_runs WHERE stage = 'dedupe_prompts' AND stale IS NOT NULL
    ) USING (day)
),
liked AS (
    SELECT v.day, v.prompt_id, v.answer, v.model, u.duplicate_of AS keeper
    FROM voted_answers v LEFT JOIN settled u USING (day, prompt_id)
    WHERE v.vote > 0
),
of_twins AS (
    SELECT k.day, l.keeper AS prompt_id, l.answer, l.model, l.prompt_id AS logged_for
    FROM liked l
    JOIN prompts p ON p.day = l.day AND p.prompt_id = l.prompt_id
    JOIN prompts k ON k.prompt_id = l.keeper
    WHERE list_filter(p.messages, lambda m: m.role <> 'user')
          = list_filter(k.messages, lambda m: m.role <> 'user')
    QUALIFY row_number() OVER (PARTITION BY l.keeper ORDER BY l.day, l.prompt_id, k.day) = 1
)
SELECT day, prompt_id, answer, model, prompt_id AS logged_for FROM liked WHERE keeper IS NULL
UNION ALL
FROM of_twins t WHERE NOT EXISTS (FROM liked l WHERE l.prompt_id = t.prompt_id)
ORDER BY day, prompt_id;
COMMENT ON VIEW liked_answers IS 'What a prompt may take from the log: the answer to it that a user gave a thumb up, else one to a prompt that repeats it after the same system prompt and replies.';
COMMENT ON COLUMN liked_answers.day IS 'UTC day of the prompt';
COMMENT ON COLUMN liked_answers.prompt_id IS 'the user turn, or the kept one that it repeats';
COMMENT ON COLUMN liked_answers.answer IS 'the reply, as logged and redacted';
COMMENT ON COLUMN liked_answers.model IS 'model that answered in production';
COMMENT ON COLUMN liked_answers.logged_for IS 'the user turn that it was given to';
