-- Prompts that the strong model has tagged, newest first: at most 20,000, which are learned in about
-- a minute and a half on one core.
SELECT p.prompt, t.area || '/' || t.kind AS label
FROM tagged_prompts t JOIN prompts p USING (day, prompt_id)
WHERE t.tagger = 'model'
ORDER BY p.started_at DESC, t.prompt_id
LIMIT 20_000
