-- Kept prompts that share band keys with today's (`met`), oldest first.
SELECT m.day, m.id, u.template_of, p.messages
FROM met m
JOIN unique_prompts u ON u.day = m.day AND u.prompt_id = m.id
JOIN prompts p ON p.day = m.day AND p.prompt_id = m.id
ORDER BY p.started_at, m.id
