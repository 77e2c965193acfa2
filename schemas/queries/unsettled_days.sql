-- Days whose chats have changed since pull wrote its ledger row for them.
SELECT DISTINCT day FROM records WHERE outcome <> 'vote'
  AND day NOT IN (SELECT day FROM stage_runs WHERE stage = 'pull')
UNION
SELECT day FROM stage_runs WHERE stage = 'pull' AND stale IS NOT NULL
ORDER BY day
