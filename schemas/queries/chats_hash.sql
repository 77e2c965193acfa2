-- One hash of the chats of a day, whatever their order, without holding them in memory. A vote is
-- not part of it: it changes no prompt.
SELECT md5(coalesce(string_agg(line, '' ORDER BY line), '')) AS hash
FROM (SELECT md5(CAST(to_json(c) AS VARCHAR)) AS line
      FROM (SELECT * EXCLUDE (vote) FROM chats WHERE day = $day) c)
