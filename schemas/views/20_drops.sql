-- Why units stop, with an example of each reason.
CREATE OR REPLACE VIEW drops AS
WITH stopped AS (
    SELECT day, 1 AS step, 'pull' AS stage, reason, record_id AS id, location || ': ' || detail AS example
    FROM quarantine
    UNION ALL
    SELECT day, 2, 'filter', drop_reason, prompt_id, prompt FROM prompts WHERE drop_reason IS NOT NULL
    UNION ALL
    SELECT u.day, 4, 'dedupe_prompts', u.drop_reason, u.prompt_id, p.prompt
    FROM unique_prompts u JOIN prompts p USING (day, prompt_id) WHERE u.drop_reason IS NOT NULL
    UNION ALL
    SELECT day, 5, 'answer', failed, answer_id, failed FROM answers WHERE failed IS NOT NULL
    UNION ALL
    SELECT day, 6, 'check', unnest(defects), answer_id, answer
    FROM (FROM checked_answers QUALIFY version = max(version) OVER (PARTITION BY day, answer_id))
    UNION ALL
    SELECT day, 7, 'dedupe_answers', drop_reason, answer_id, answer
    FROM unique_answers WHERE drop_reason IS NOT NULL
)
SELECT day, stage, reason, count(*) AS "rows", min(id) AS example_id,
       left(arg_min(example, id), 80) AS example
FROM stopped GROUP BY day, step, stage, reason
ORDER BY day, step, "rows" DESC, reason;
COMMENT ON VIEW drops IS 'Why units stop, with an example of each reason. An answer with two defects counts under both.';
COMMENT ON COLUMN drops.day IS 'UTC day of the chats';
COMMENT ON COLUMN drops.stage IS 'stage that stopped them';
COMMENT ON COLUMN drops.reason IS 'name of the rule, defect or mistake';
COMMENT ON COLUMN drops."rows" IS 'how many';
COMMENT ON COLUMN drops.example_id IS 'one of them, for flywheel explain';
COMMENT ON COLUMN drops.example IS 'its first 80 characters';
