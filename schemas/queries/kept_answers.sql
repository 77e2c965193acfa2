-- The answers to train on, of a range of days; an end that is NULL is open.
SELECT answer_id, area, kind, answer FROM unique_answers
WHERE drop_reason IS NULL AND day >= coalesce($first::DATE, day) AND day <= coalesce($last::DATE, day)
ORDER BY answer_id
