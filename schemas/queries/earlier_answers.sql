-- Kept answers that share band keys with today's (`met`: their rows of `bands`): oldest day first,
-- best first within a day. They are found before any text is read; left to itself DuckDB joins
-- all days first.
WITH found AS MATERIALIZED (
    SELECT m.row, b.day, b.id FROM met m JOIN bands b ON b.rowid = m.row
), answered AS MATERIALIZED (
    SELECT f.row, f.day, f.id, u.prompt_id, u.answer, u.version, u.template_of
    FROM found f JOIN unique_answers u ON u.day = f.day AND u.answer_id = f.id
)
SELECT a.row, a.id, a.prompt_id, a.answer, a.template_of, p.messages
FROM answered a JOIN prompts p ON p.day = a.day AND p.prompt_id = a.prompt_id
JOIN (SELECT day, answer_id, logged_for FROM answers) o ON o.day = a.day AND o.answer_id = a.id
ORDER BY a.day, (o.logged_for IS NOT NULL AND a.version = 0) DESC, length(a.answer) DESC, p.started_at, a.id
