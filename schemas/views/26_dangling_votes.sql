-- Votes whose chat is not in the store, or not yet.
CREATE OR REPLACE VIEW dangling_votes AS
SELECT source, target_id, turn, kind, "value", comment, voted_at, vote_id
FROM votes WHERE status = 'dangling'
ORDER BY source, voted_at, vote_id;
COMMENT ON VIEW dangling_votes IS 'Votes whose chat is not in the store, or not yet. They join it when it is pulled.';
COMMENT ON COLUMN dangling_votes.source IS 'name of the [[sources]] block they came from';
COMMENT ON COLUMN dangling_votes.target_id IS 'the record, conversation or session they name, redacted';
COMMENT ON COLUMN dangling_votes.turn IS 'user turn they name, from 0';
COMMENT ON COLUMN dangling_votes.kind IS 'thumb, rating, demonstration, or the name of a metric';
COMMENT ON COLUMN dangling_votes."value" IS '1 / 0 for thumbs; as logged for ratings and rewards';
COMMENT ON COLUMN dangling_votes.comment IS 'what the user wrote, redacted';
COMMENT ON COLUMN dangling_votes.voted_at IS 'UTC time of the vote';
COMMENT ON COLUMN dangling_votes.vote_id IS 'id in votes';
