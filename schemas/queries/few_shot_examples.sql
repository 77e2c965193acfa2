-- The examples of the latest pool version and of the given ones.
SELECT pool_version, area, kind, example_id, language, prompt, answer
FROM few_shot_pool
WHERE list_contains($versions::INTEGER[], pool_version)
   OR pool_version = (SELECT max(pool_version) FROM few_shot_pool)
ORDER BY pool_version, example_id
