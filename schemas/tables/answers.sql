-- One answer, of the strong model or of the log. Written by tasks/answer.py.
-- A prompt that could not be asked yet (cap, server down) has no row: stage_runs counts it as pending.
CREATE TABLE IF NOT EXISTS answers (
    day               DATE    NOT NULL,  -- UTC day of the chat
    answer_id         VARCHAR NOT NULL,  -- prompt_id-sample
    prompt_id         VARCHAR NOT NULL,  -- same id as in prompts
    sample            INTEGER NOT NULL,  -- which of several answers to one prompt, from 0
    area              VARCHAR NOT NULL,  -- first level of the task type
    kind              VARCHAR NOT NULL,  -- second level of the task type
    answer            VARCHAR USING COMPRESSION zstd,  -- what was said, without its reasoning; NULL when failed
    reasoning         VARCHAR USING COMPRESSION zstd,  -- what it thought before; never trained on
    origin            VARCHAR NOT NULL,  -- model: bought from the strong model; logged: given in production
    model             VARCHAR,           -- the model that says it answered
    logged_for        VARCHAR,           -- prompt_id that production gave it to: this one, or one that repeats it; NULL = not from the log
    finish_reason     VARCHAR,           -- stop, length, content_filter ...
    prompt_tokens     BIGINT,            -- tokens of the request
    answer_tokens     BIGINT,            -- tokens of the reply, reasoning included
    cost_usd          DOUBLE,            -- price of the call, also when it came from the cache; NULL = no price set
    template_version  VARCHAR,           -- version of the prompt template; NULL = not asked for
    few_shot_ids      VARCHAR[] NOT NULL,  -- examples shown to the model: example_id in few_shot_pool
    pool_version      INTEGER,           -- version of few_shot_pool that the prompt was first asked with, and keeps; NULL = none
    call_key          VARCHAR,           -- the call in llm_calls; NULL = not asked for
    failed            VARCHAR,           -- why there is no answer and never will be; NULL = answered
    input_hash        UBIGINT NOT NULL   -- hash of the input this row was made from
);
