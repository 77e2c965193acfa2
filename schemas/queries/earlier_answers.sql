-- Kept answers that share band keys with today's (`met`: their rows of `bands`): oldest day first,
-- best first within a day.
SELECT m.row, b.id, u.prompt_id, u.answer, u.template_of, p.messages
FROM met m
JOIN bands b ON b.rowid = m.row
JOIN unique_answers u ON u.day = b.day AND u.answer_id = b.id
JOIN prompts p ON p.day = u.day AND p.prompt_id = u.prompt_id
ORDER BY b.day, length(u.answer) DESC, p.started_at, b.id
