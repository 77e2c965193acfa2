-- Stages of a range of days that still have something to do.
SELECT day, stage, pending, message FROM stage_runs
WHERE pending > 0 AND day BETWEEN $first AND $last
ORDER BY day, stage
