-- Let every vote find its chat. What it names may be a message, a record, a conversation or a
-- session; where that is unknown, the wider unit it names too. One that names a conversation speaks
-- of all of it, also where a record bears the same id.
CREATE OR REPLACE TEMP TABLE named AS
SELECT vote_id, target_key AS key, 0 AS width FROM votes WHERE target_key IS NOT NULL
UNION ALL
SELECT vote_id, within_key, 1 FROM votes WHERE within_key IS NOT NULL;

CREATE OR REPLACE TEMP TABLE places AS
WITH known AS (
    SELECT unnest(ref_keys) AS key, 'record' AS unit, chat_id, turn, NULL AS started_at
    FROM records WHERE outcome = 'chat'
    UNION ALL
    SELECT m.key, 'record', chat_id, m.turn, NULL
    FROM (SELECT unnest(message_keys) AS m, chat_id FROM records WHERE outcome = 'chat')
    UNION ALL
    SELECT chat_id, 'chat', chat_id, NULL, NULL FROM chats
    UNION ALL
    SELECT unnest(session_keys), 'session', chat_id, NULL, c.started_at
    FROM records JOIN chats c USING (chat_id) WHERE outcome = 'chat'
)
FROM known SEMI JOIN named USING (key);

CREATE OR REPLACE TEMP TABLE found AS
WITH widths AS (
    SELECT n.vote_id, n.width,
           coalesce(min(p.chat_id) FILTER (p.unit = 'record'),
                    min(p.chat_id) FILTER (p.unit = 'chat'),
                    max_by(p.chat_id, (p.started_at, p.chat_id)) FILTER (p.unit = 'session')) AS chat_id,
           CASE WHEN count(*) FILTER (p.unit = 'chat') = 0
                THEN min_by(p.turn, (p.chat_id, p.turn)) FILTER (p.unit = 'record') END AS turn
    FROM named n JOIN places p USING (key)
    GROUP BY n.vote_id, n.width
)
SELECT vote_id, arg_min(chat_id, width) AS chat_id, arg_min_null(turn, width) AS turn
FROM widths GROUP BY vote_id;

UPDATE votes SET chat_id = f.chat_id, turn = coalesce(votes.turn, f.turn)
FROM found f
WHERE votes.vote_id = f.vote_id
  AND (votes.chat_id, votes.turn) IS DISTINCT FROM (f.chat_id, coalesce(votes.turn, f.turn));

-- A chat, or one turn of it, may have both signs of one kind.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT vote_id, CASE WHEN chat_id IS NULL THEN 'dangling'
                     WHEN max("value") OVER given > 0 AND min("value") OVER given <= 0 THEN 'conflicting'
                     ELSE 'joined' END AS status
FROM votes WINDOW given AS (PARTITION BY chat_id, turn, kind);

UPDATE votes SET status = s.status FROM standing s
WHERE votes.vote_id = s.vote_id AND votes.status <> s.status;

-- The latest thumb counts, also one that was taken back.
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT chat_id, arg_max_null("value", (voted_at IS NOT NULL, voted_at, vote_id)) AS vote
FROM votes WHERE chat_id IS NOT NULL AND kind = 'thumb' GROUP BY chat_id;

UPDATE chats SET vote = c.vote
FROM (SELECT chat_id, r.vote FROM chats LEFT JOIN resolved r USING (chat_id)
      WHERE chats.vote IS DISTINCT FROM r.vote) c
WHERE chats.chat_id = c.chat_id;
