-- How often each task type was given under each version of the list.
SELECT
    area || '/' || kind AS label,
    taxonomy_version AS version,
    count(*) AS rows
FROM tagged_prompts
GROUP BY ALL
ORDER BY ALL
