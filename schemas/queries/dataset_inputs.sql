-- What names the state of the days a dataset is made from; the view conservation says the same.
SELECT coalesce(string_agg(day || '=' || outputs, ' ' ORDER BY day), '') AS inputs,
       CAST(coalesce(sum(kept), 0) AS BIGINT) AS kept
FROM stage_runs WHERE stage = 'dedupe_answers' AND day BETWEEN $first AND $last
