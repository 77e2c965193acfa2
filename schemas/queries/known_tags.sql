-- What the strong model said last about the texts in `wanted`, on any day, and the labels that it
-- had to choose from where a run still tells them.
SELECT tag_key, area || '/' || kind AS label, tagger, confidence, reason, call_key,
    taxonomy_version, list.labels
FROM tagged_prompts SEMI JOIN wanted USING (tag_key)
LEFT JOIN (
    SELECT (settings ->> '$.task_labels.version')::INTEGER AS taxonomy_version,
        any_value(settings -> '$.task_labels.labels')::VARCHAR AS labels
    FROM stage_runs WHERE stage = 'tag' GROUP BY ALL
) AS list USING (taxonomy_version)
QUALIFY row_number() OVER (
    PARTITION BY tag_key ORDER BY taxonomy_version DESC, tagger = 'none', day, prompt_id
) = 1
