-- How far each log file has been read, so that each new byte is read once. Written by tasks/pull.py.
CREATE TABLE IF NOT EXISTS pulled_files (
    source    VARCHAR NOT NULL,  -- name of the [[sources]] block
    path      VARCHAR NOT NULL,  -- the file, redacted
    size      BIGINT  NOT NULL,  -- its size when it was read, in bytes; of a query, in rows
    mtime_ns  BIGINT  NOT NULL,  -- its modification time when it was read, in ns; where there is none, a hash of its tag or rows
    mark      VARCHAR NOT NULL,  -- hash of the first and last bytes read: another mark is another file
    read_to   BIGINT  NOT NULL,  -- bytes read so far
    torn      VARCHAR,           -- record_id of a last line that was still being written; it is read again
    last_day  DATE               -- day of the last readable record: what follows it may inherit it
);
