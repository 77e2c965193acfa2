-- What the strong model was asked before about the texts in `wanted`, on any day.
SELECT tag_key, area || '/' || kind AS label, tagger, confidence, reason, call_key, taxonomy_version
FROM tagged_prompts SEMI JOIN wanted USING (tag_key)
QUALIFY row_number() OVER (PARTITION BY tag_key ORDER BY day, prompt_id) = 1
