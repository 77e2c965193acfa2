-- Language of each prompt of a day, and the pool version that it was first asked with.
SELECT p.prompt_id, p.language, min(a.pool_version) AS pool_version
FROM prompts p LEFT JOIN answers a USING (day, prompt_id)
WHERE p.day = $day
GROUP BY p.prompt_id, p.language
