-- What became of the records of one day; `dropped` are records merged into a chat with others.
SELECT (SELECT count(*) FROM records WHERE day = $day AND outcome <> 'vote') AS rows_in,
       (SELECT count(*) FROM chats WHERE day = $day) AS kept,
       (SELECT count(*) - count(DISTINCT chat_id) FROM records
        WHERE day = $day AND outcome = 'chat') AS dropped,
       (SELECT count(*) FROM quarantine WHERE day = $day) AS quarantined
