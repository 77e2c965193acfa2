-- One user turn with its logged context, and the verdict of the rules. Written by tasks/filter.py.
-- Rows that go on: drop_reason IS NULL.
CREATE TABLE IF NOT EXISTS prompts (
    day          DATE      NOT NULL,  -- UTC day of the chat
    prompt_id    VARCHAR   NOT NULL,  -- chat_id-turn
    chat_id      VARCHAR   NOT NULL,  -- same id as in chats
    turn         INTEGER   NOT NULL,  -- which user turn of the chat, from 0
    started_at   TIMESTAMP NOT NULL,  -- as in chats; with prompt_id the order in which the first of two twins is kept
    user_key     VARCHAR,             -- private: as in chats
    language     VARCHAR   NOT NULL,  -- ISO 639-1 code of this turn, of the chat where the turn is too short to tell
    messages     STRUCT(role VARCHAR, content VARCHAR, parts VARCHAR, name VARCHAR, tool_call_id VARCHAR, tool_calls VARCHAR)[] NOT NULL,  -- the context as logged, then this turn; what the strong model is asked
    prompt       VARCHAR   NOT NULL USING COMPRESSION zstd,  -- text of this turn
    traits       VARCHAR[] NOT NULL,  -- facts found by rules
    origin       VARCHAR   NOT NULL,  -- log: a user wrote it
    rule_hits    STRUCT(rule VARCHAR, "value" DOUBLE)[] NOT NULL,  -- every rule that fired, with the value it measured
    drop_reason  VARCHAR,             -- name of the first rule that fired; NULL = kept
    input_hash   UBIGINT   NOT NULL   -- hash of the input this row was made from
);
