-- One sign of what a user thought of a chat. It may arrive before its chat or long after.
-- Written by tasks/pull.py; a late vote makes no tag and no answer stale.
CREATE TABLE IF NOT EXISTS votes (
    vote_id    VARCHAR NOT NULL,  -- hash of source name and the vote
    chat_id    VARCHAR,           -- the chat it speaks of; NULL while dangling
    turn       INTEGER,           -- user turn it speaks of, from 0; NULL = the whole chat
    source     VARCHAR NOT NULL,  -- name of the [[sources]] block
    target_key VARCHAR,           -- hash of source name and target_id; NULL for a vote that came inside its chat
    within_key VARCHAR,           -- the same for the wider unit it names too, tried where target_key is unknown
    target_id  VARCHAR,           -- what the log says it is about: a record, conversation or session, redacted
    kind       VARCHAR NOT NULL,  -- thumb, rating, demonstration, or the metric's name
    value      DOUBLE,            -- 1 / 0 for thumbs; as logged for ratings and rewards
    comment    VARCHAR USING COMPRESSION zstd,  -- what the user wrote, redacted
    voted_at   TIMESTAMP,         -- UTC time of the vote
    status     VARCHAR NOT NULL   -- joined, dangling (no such chat yet) or conflicting (its chat or turn has both signs of its kind)
);
