-- Kept prompts that share band keys with today's (`met`: their rows of `bands`), oldest first.
-- They are found before their messages are read; left to itself DuckDB joins all days first. Of
-- unique_prompts only the followers are joined: a join with all of them takes as long again.
WITH found AS MATERIALIZED (
    SELECT m.row, b.day, b.id FROM met m JOIN bands b ON b.rowid = m.row
)
SELECT f.row, f.id, u.template_of, p.messages
FROM found f
JOIN prompts p ON p.day = f.day AND p.prompt_id = f.id
LEFT JOIN (FROM unique_prompts WHERE template_of IS NOT NULL) u
  ON u.day = f.day AND u.prompt_id = f.id
ORDER BY p.started_at, f.id
