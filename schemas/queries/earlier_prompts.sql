-- Kept prompts that share a band key with today's (`wanted`): of earlier days, and those of today
-- that stay as they are (`carried`); oldest first.
SELECT b.key, b.id, p.messages
FROM bands b
JOIN wanted USING (key)
JOIN prompts p ON p.day = b.day AND p.prompt_id = b.id
WHERE b.pass = 'prompts' AND b.kept
  AND (b.day < $day OR (b.day = $day AND b.id IN (SELECT id FROM carried)))
ORDER BY p.started_at, b.id, b.key
