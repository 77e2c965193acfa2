-- How many votes have found their chat.
SELECT status, count(*) AS votes FROM votes GROUP BY status ORDER BY votes DESC, status
