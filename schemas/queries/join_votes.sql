-- Let every vote find its chat. What it names may be a record, a conversation or a session. One that
-- names a conversation speaks of all of it, also where a record bears the same id.
UPDATE votes SET chat_id = found.chat_id, turn = coalesce(votes.turn, found.turn)
FROM (
    SELECT v.vote_id,
           coalesce(min(r.chat_id), min(c.chat_id), max_by(s.chat_id, (s.day, s.chat_id))) AS chat_id,
           CASE WHEN count(c.chat_id) = 0 THEN min_by(r.turn, (r.chat_id, r.turn)) END AS turn
    FROM votes v
    LEFT JOIN records r ON r.source = v.source AND r.ref_key = v.target_key AND r.outcome = 'chat'
    LEFT JOIN chats c ON c.source = v.source AND c.chat_id = v.target_key
    LEFT JOIN records s ON s.source = v.source AND s.session_key = v.target_key AND s.outcome = 'chat'
    WHERE v.target_key IS NOT NULL
    GROUP BY v.vote_id
) found
WHERE votes.vote_id = found.vote_id;

-- A chat, or one turn of it, may have both signs of one kind.
UPDATE votes SET status = CASE
    WHEN votes.chat_id IS NULL THEN 'dangling'
    WHEN (votes.chat_id, votes.turn, votes.kind) IN (
        SELECT (chat_id, turn, kind) FROM votes WHERE chat_id IS NOT NULL
        GROUP BY chat_id, turn, kind HAVING max("value") > 0 AND min("value") <= 0
    ) THEN 'conflicting'
    ELSE 'joined' END
