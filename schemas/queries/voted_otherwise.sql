-- Task types, by day, with answers that do not go by today's votes: one that is up-voted and was not
-- taken from the log, or was taken and is up-voted no more. An answer that another prompt was given
-- may also have changed, on a day that these do not read; until that day has been run, who repeats
-- whom is not known, and it stays.
SELECT DISTINCT a.day, a.area, a.kind
FROM answers a LEFT JOIN liked_answers g USING (day, prompt_id)
WHERE (a.logged_for IS DISTINCT FROM g.logged_for
       OR (a.logged_for <> a.prompt_id AND NOT contains(g.answer, a.answer)))
  AND NOT EXISTS (
      FROM unique_prompts u JOIN stage_runs r ON r.day = u.day
      WHERE u.prompt_id = a.logged_for AND u.day <> a.day
        AND r.stage = 'dedupe_prompts' AND r.stale IS NOT NULL
  )
ORDER BY ALL
