-- Stages of a range of days that still have something to do, that stopped, or that never ran.
SELECT day, stage, status, pending, message FROM stage_runs
WHERE (pending > 0 OR status = 'failed') AND day BETWEEN $first AND $last
UNION ALL
SELECT c.day, 'dedupe_answers', 'never run', count(*), 'chats that no stage has seen'
FROM chats c
WHERE c.day BETWEEN $first AND $last
  AND c.day NOT IN (SELECT day FROM stage_runs WHERE stage = 'filter')
GROUP BY c.day
ORDER BY day, stage
