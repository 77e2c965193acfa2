-- What the votes on a chat, or on one turn of it, come to: of several the latest counts.
CREATE OR REPLACE VIEW resolved_votes AS
SELECT chat_id, turn, kind,
       arg_max_null("value", (voted_at IS NOT NULL, voted_at, vote_id)) AS vote,
       arg_max(comment, (voted_at IS NOT NULL, voted_at, vote_id)) AS comment,
       max(voted_at) AS voted_at, count(*) AS votes, bool_or(status = 'conflicting') AS conflicting
FROM votes WHERE chat_id IS NOT NULL
GROUP BY chat_id, turn, kind
ORDER BY chat_id, turn NULLS FIRST, kind;
COMMENT ON VIEW resolved_votes IS 'What the votes on a chat, or on one turn of it, come to: of several the latest counts.';
COMMENT ON COLUMN resolved_votes.chat_id IS 'the chat';
COMMENT ON COLUMN resolved_votes.turn IS 'user turn, from 0; NULL = the whole chat';
COMMENT ON COLUMN resolved_votes.kind IS 'thumb, rating, demonstration, or the name of a metric';
COMMENT ON COLUMN resolved_votes.vote IS 'the latest value: 1 / 0 for thumbs, as logged for others; NULL = taken back, or words only';
COMMENT ON COLUMN resolved_votes.comment IS 'the latest words, redacted';
COMMENT ON COLUMN resolved_votes.voted_at IS 'UTC time of the latest';
COMMENT ON COLUMN resolved_votes.votes IS 'how many there are';
COMMENT ON COLUMN resolved_votes.conflicting IS 'true where some say yes and some no';
