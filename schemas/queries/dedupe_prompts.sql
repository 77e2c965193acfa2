-- What the first dedupe pass reads: the tagged prompts of one day, in the order that decides
-- which of two twins is kept.
SELECT t.prompt_id, t.day, t.area, t.kind, p.started_at, p.messages
FROM tagged_prompts t JOIN prompts p USING (day, prompt_id)
WHERE t.day = $day
ORDER BY p.started_at, t.prompt_id
