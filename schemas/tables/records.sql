-- Every log record that was read, and what became of it. The ledger behind conservation of pull
-- and behind `flywheel explain FILE:LINE`. Written by tasks/pull.py.
CREATE TABLE IF NOT EXISTS records (
    day         DATE    NOT NULL,  -- UTC day the record belongs to
    record_id   VARCHAR NOT NULL,  -- hash of source name, record bytes and n-th occurrence in its file
    source      VARCHAR NOT NULL,  -- name of the [[sources]] block
    path        VARCHAR NOT NULL,  -- file the record was last read from, redacted
    line        BIGINT  NOT NULL,  -- line, in a JSON array the element, in Parquet or a query the row, from 1
    digest      VARCHAR NOT NULL,  -- hash of source name and record bytes
    format      VARCHAR,           -- shape it was read as; NULL where none was recognised
    outcome     VARCHAR NOT NULL,  -- chat, vote or quarantine
    ref_keys    VARCHAR[] NOT NULL,  -- hashes of source name and each id the log gives the record, which votes may name
    message_keys STRUCT(key VARCHAR, turn INTEGER)[] NOT NULL,  -- the same for each message with an id, and its user turn from 0
    session_keys VARCHAR[] NOT NULL,  -- the same for the conversation and a wider session
    chat_id     VARCHAR,           -- the chat it is a version of; NULL for votes and quarantine
    turn        INTEGER            -- last user turn that this record shows, from 0
);
