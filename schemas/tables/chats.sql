-- One conversation as pulled: the latest version its log records show, redacted.
-- Written by tasks/pull.py. A chat is removed only by `forget` or retention.
CREATE TABLE IF NOT EXISTS chats (
    day         DATE      NOT NULL,  -- UTC day of the first user turn; does not move when the chat grows
    chat_id     VARCHAR   NOT NULL,  -- hash of source name and source_id; never of redacted text
    source      VARCHAR   NOT NULL,  -- name of the [[sources]] block
    source_id   VARCHAR,             -- the log's own id of the conversation, redacted
    session_id  VARCHAR,             -- the log's id of a wider session, redacted
    record_id   VARCHAR   NOT NULL,  -- the record this version was read from
    started_at  TIMESTAMP NOT NULL,  -- UTC time of the first user turn; 00:00 of the day when the log has no time
    updated_at  TIMESTAMP NOT NULL,  -- UTC time of the latest record; like started_at when the log has no time
    model       VARCHAR,             -- model that answered in production
    user_key    VARCHAR,             -- private: HMAC of the user with FLYWHEEL_USER_KEY; NULL without that key
    language    VARCHAR   NOT NULL,  -- ISO 639-1 code of the user's words, or und
    messages    STRUCT(role VARCHAR, content VARCHAR, parts VARCHAR, name VARCHAR, tool_call_id VARCHAR, tool_calls VARCHAR)[] NOT NULL,  -- the conversation, oldest first; parts and tool_calls are JSON text
    traits      VARCHAR[] NOT NULL,  -- facts found by rules
    pii         STRUCT(kind VARCHAR, replaced INTEGER)[] NOT NULL,  -- private values replaced by placeholders, counted by kind
    tools       VARCHAR USING COMPRESSION zstd,  -- JSON text of the tools that the model was offered
    vote        DOUBLE               -- what its thumbs come to, 1 up or 0 down: the latest counts; every one is in votes
);
