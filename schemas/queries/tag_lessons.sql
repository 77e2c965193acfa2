-- Prompts that the strong model has tagged, oldest first.
SELECT p.prompt, t.area || '/' || t.kind AS label
FROM tagged_prompts t JOIN prompts p USING (day, prompt_id)
WHERE t.tagger = 'model'
ORDER BY p.started_at, t.prompt_id
