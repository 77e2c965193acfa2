-- Kept prompts that share band keys with today's (`met`: their rows of `bands`), oldest first.
-- Of unique_prompts only the followers are joined: a join with all of them takes as long again.
SELECT m.row, b.id, u.template_of, p.messages
FROM met m
JOIN bands b ON b.rowid = m.row
JOIN prompts p ON p.day = b.day AND p.prompt_id = b.id
LEFT JOIN (FROM unique_prompts WHERE template_of IS NOT NULL) u
  ON u.day = b.day AND u.prompt_id = b.id
ORDER BY p.started_at, b.id
