-- Why records of some days could not become chats, with one example of each reason.
SELECT reason, count(*) AS records, arg_min(location, record_id) AS example,
       arg_min(detail, record_id) AS detail
FROM quarantine WHERE day BETWEEN $first AND $last
GROUP BY reason ORDER BY records DESC, reason
