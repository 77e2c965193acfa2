-- Kept answers that share band keys with today's (`met`): oldest day first, best first within a day.
SELECT m.day, m.id, u.prompt_id, u.answer, u.template_of, p.messages
FROM met m
JOIN unique_answers u ON u.day = m.day AND u.answer_id = m.id
JOIN prompts p ON p.day = u.day AND p.prompt_id = u.prompt_id
ORDER BY m.day, length(u.answer) DESC, p.started_at, m.id
