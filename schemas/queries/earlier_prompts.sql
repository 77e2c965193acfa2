-- Kept prompts that share band keys with today's (`wanted`): of earlier days, and those of today
-- that stay as they are (`carried`); oldest first.
SELECT list(b.key ORDER BY b.key) AS key, b.id, u.template_of, any_value(p.messages) AS messages
FROM (SELECT * EXCLUDE keys, unnest(keys) AS key FROM bands) b
JOIN wanted USING (key)
JOIN unique_prompts u ON u.day = b.day AND u.prompt_id = b.id
JOIN prompts p ON p.day = b.day AND p.prompt_id = b.id
WHERE b.pass = 'prompts' AND b.kept
  AND (b.day < $day OR (b.day = $day AND b.id IN (SELECT id FROM carried)))
GROUP BY b.id, u.template_of, p.started_at
ORDER BY p.started_at, b.id
