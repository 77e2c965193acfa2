-- What filter reads: the chats of one day.
SELECT chat_id, day, started_at, user_key, language, messages, tools, traits
FROM chats WHERE day = $day
ORDER BY started_at, chat_id
