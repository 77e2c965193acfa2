-- What answer reads: the prompts of one day that repeat no earlier one.
SELECT u.prompt_id, u.day, u.area, u.kind, p.messages
FROM unique_prompts u JOIN prompts p USING (day, prompt_id)
WHERE u.day = $day AND u.drop_reason IS NULL
ORDER BY p.started_at, u.prompt_id
