-- Kept prompts that share band keys with today's (`met`: their rows of `bands`), oldest first.
SELECT m.row, b.id, u.template_of, p.messages
FROM met m
JOIN bands b ON b.rowid = m.row
JOIN unique_prompts u ON u.day = b.day AND u.prompt_id = b.id
JOIN prompts p ON p.day = b.day AND p.prompt_id = b.id
ORDER BY p.started_at, b.id
