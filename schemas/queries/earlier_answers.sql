-- Kept answers that share band keys with today's (`wanted`): of earlier days, and those of today
-- that stay as they are (`carried`); oldest day first, best first within a day.
SELECT list(b.key ORDER BY b.key) AS key, b.id, u.prompt_id, u.answer, u.template_of,
       any_value(p.messages) AS messages
FROM (SELECT * EXCLUDE keys, unnest(keys) AS key FROM bands) b
JOIN wanted USING (key)
JOIN unique_answers u ON u.day = b.day AND u.answer_id = b.id
JOIN prompts p ON p.day = u.day AND p.prompt_id = u.prompt_id
WHERE b.pass = 'answers' AND b.kept
  AND (b.day < $day OR (b.day = $day AND b.id IN (SELECT id FROM carried)))
GROUP BY b.day, b.id, u.prompt_id, u.answer, u.template_of, p.started_at
ORDER BY b.day, length(u.answer) DESC, p.started_at, b.id
