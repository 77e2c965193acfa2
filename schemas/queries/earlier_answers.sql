-- Kept answers that share band keys with today's (`wanted`): of earlier days, and those of today
-- that stay as they are (`carried`); oldest day first, best first within a day. Materialized, or
-- every row's text is read.
WITH met AS MATERIALIZED (
    SELECT day, id, list(key ORDER BY key) AS key
    FROM (
        SELECT day, id, unnest(keys) AS key FROM bands
        WHERE pass = 'answers' AND kept
          AND (day < $day OR (day = $day AND id IN (SELECT id FROM carried)))
    )
    SEMI JOIN wanted USING (key)
    GROUP BY day, id
)
SELECT m.key, m.id, u.prompt_id, u.answer, u.template_of, p.messages
FROM met m
JOIN unique_answers u ON u.day = m.day AND u.answer_id = m.id
JOIN prompts p ON p.day = u.day AND p.prompt_id = u.prompt_id
ORDER BY m.day, length(u.answer) DESC, p.started_at, m.id
