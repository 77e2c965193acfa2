-- One log record that could not become a chat. Written by tasks/pull.py.
CREATE TABLE IF NOT EXISTS quarantine (
    day        DATE    NOT NULL,  -- day of the nearest readable record in the file, else default_day, else that in the file name, else the day first seen
    record_id  VARCHAR NOT NULL,  -- same id as in records
    source     VARCHAR NOT NULL,  -- name of the [[sources]] block
    location   VARCHAR NOT NULL,  -- file:line, redacted
    reason     VARCHAR NOT NULL,  -- why, from a closed list (schemas/conversation.py)
    detail     VARCHAR NOT NULL,  -- what exactly, redacted
    payload    VARCHAR USING COMPRESSION zstd  -- private: the record itself, redacted and cut to 10,000 characters
);
