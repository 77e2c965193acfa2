-- Task types, by day, with answers that do not go by today's votes: one that is up-voted and was not
-- taken from the log, or was taken and is up-voted no more. An answer that another prompt was given
-- may also have changed, on a day that these do not read.
SELECT DISTINCT a.day, a.area, a.kind
FROM answers a LEFT JOIN liked_answers g USING (day, prompt_id)
WHERE a.logged_for IS DISTINCT FROM g.logged_for
   OR (a.logged_for <> a.prompt_id AND NOT contains(g.answer, a.answer))
ORDER BY ALL
