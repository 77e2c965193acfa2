-- The prompts whose id begins like this, as the answer stage would read them.
SELECT p.prompt_id, p.day, u.area, u.kind, p.messages, u.drop_reason, p.drop_reason AS filtered
FROM prompts p LEFT JOIN unique_prompts u USING (day, prompt_id)
WHERE starts_with(p.prompt_id, $wanted)
ORDER BY p.prompt_id
LIMIT 6
