-- Stages of a range of days that still have something to do, or that stopped.
SELECT day, stage, status, pending, message FROM stage_runs
WHERE (pending > 0 OR status = 'failed') AND day BETWEEN $first AND $last
ORDER BY day, stage
