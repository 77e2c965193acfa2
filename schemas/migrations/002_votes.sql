-- Chats show what their votes come to, and the tools that were offered; a record has its format and
-- every id that votes may name it by, a vote the wider unit it names. `records` is made anew: DuckDB
-- 1.5 cannot fill a column and drop another of the same table in one transaction.
ALTER TABLE chats ADD COLUMN vote DOUBLE;
ALTER TABLE chats ADD COLUMN tools VARCHAR;
ALTER TABLE votes ADD COLUMN within_key VARCHAR;
CREATE TABLE newer_records (
    day         DATE      NOT NULL,
    record_id   VARCHAR   NOT NULL,
    source      VARCHAR   NOT NULL,
    path        VARCHAR   NOT NULL,
    line        BIGINT    NOT NULL,
    digest      VARCHAR   NOT NULL,
    format      VARCHAR,
    outcome     VARCHAR   NOT NULL,
    ref_keys    VARCHAR[] NOT NULL,
    message_keys STRUCT(key VARCHAR, turn INTEGER)[] NOT NULL,
    session_keys VARCHAR[] NOT NULL,
    chat_id     VARCHAR,
    turn        INTEGER
);
INSERT INTO newer_records BY NAME
SELECT * EXCLUDE (ref_key, session_key), CAST([] AS STRUCT(key VARCHAR, turn INTEGER)[]) AS message_keys,
       CASE WHEN ref_key IS NULL THEN [] ELSE [ref_key] END AS ref_keys,
       CASE WHEN session_key IS NULL THEN [] ELSE [session_key] END AS session_keys
FROM records;
DROP TABLE records;
ALTER TABLE newer_records RENAME TO records;
