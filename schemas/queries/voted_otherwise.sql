-- Task types, by day, with answers that do not go by today's votes: one that is up-voted and was not
-- taken from the log, or was taken and is up-voted no more.
SELECT DISTINCT a.day, a.area, a.kind
FROM answers a LEFT JOIN (FROM voted_answers WHERE vote > 0) g USING (day, prompt_id)
WHERE (g.prompt_id IS NOT NULL) <> (a.origin = 'logged' AND a.failed IS NULL)
ORDER BY ALL
