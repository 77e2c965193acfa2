-- What users ask for, and how far each task type gets.
CREATE OR REPLACE VIEW task_types AS
SELECT t.area, t.kind, count(*) AS prompts,
       round(count(*) / sum(count(*)) OVER (), 4) AS share,
       count(*) FILTER (u.drop_reason IS NULL AND u.prompt_id IS NOT NULL) AS "unique",
       count(a.prompt_id) AS trainable,
       count(*) FILTER (p.language = 'en') AS en,
       count(*) FILTER (p.language = 'zh') AS zh,
       count(*) FILTER (p.language = 'ko') AS ko
FROM tagged_prompts t
JOIN prompts p USING (day, prompt_id)
LEFT JOIN unique_prompts u USING (day, prompt_id)
LEFT JOIN (SELECT DISTINCT day, prompt_id FROM unique_answers WHERE drop_reason IS NULL) a USING (day, prompt_id)
GROUP BY t.area, t.kind
ORDER BY prompts DESC, t.area, t.kind;
COMMENT ON VIEW task_types IS 'What users ask for, and how far each task type gets.';
COMMENT ON COLUMN task_types.area IS 'first level of the task type';
COMMENT ON COLUMN task_types.kind IS 'second level of the task type';
COMMENT ON COLUMN task_types.prompts IS 'kept prompts';
COMMENT ON COLUMN task_types.share IS 'of all kept prompts, 0 to 1';
COMMENT ON COLUMN task_types."unique" IS 'of them, those that repeat no earlier one';
COMMENT ON COLUMN task_types.trainable IS 'of them, those with an answer to train on';
COMMENT ON COLUMN task_types.en IS 'prompts in English';
COMMENT ON COLUMN task_types.zh IS 'prompts in Chinese';
COMMENT ON COLUMN task_types.ko IS 'prompts in Korean';
