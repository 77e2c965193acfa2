-- What the second dedupe pass reads: the good answers of one day, best first. Of two twins of
-- one day the one that a user liked is kept, then the longer one, then that to the earlier prompt.
SELECT a.answer_id, a.day, a.prompt_id, c.version, a.area, a.kind, c.answer, p.started_at, p.messages,
       a.logged_for IS NOT NULL AND c.version = 0 AS liked
FROM checked_answers c
JOIN answers a USING (day, answer_id)
JOIN prompts p ON p.day = a.day AND p.prompt_id = a.prompt_id
WHERE c.day = $day AND len(c.defects) = 0
  AND c.version = (SELECT max(v.version) FROM checked_answers v
                   WHERE v.day = c.day AND v.answer_id = c.answer_id)
ORDER BY liked DESC, length(c.answer) DESC, p.started_at, a.answer_id
