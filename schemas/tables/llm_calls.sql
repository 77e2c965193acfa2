-- One bought call to a model. Written by tasks/adapters/calls.py; rows are never changed.
CREATE TABLE IF NOT EXISTS llm_calls (
    call_key       VARCHAR   NOT NULL,  -- hash of endpoint group, model, messages, sampling parameters and sample
    endpoint       VARCHAR   NOT NULL,  -- endpoint group
    purpose        VARCHAR   NOT NULL,  -- tag or answer: what it was first bought for
    model          VARCHAR   NOT NULL,  -- the model that says it answered; the one asked when it failed
    reply          VARCHAR   USING COMPRESSION zstd,  -- private: the reply as JSON text; NULL on error
    error          VARCHAR,             -- a permanent error; NULL = answered
    prompt_tokens  BIGINT,              -- tokens of the request
    answer_tokens  BIGINT,              -- tokens of the reply, reasoning included
    cost_usd       DOUBLE,              -- price at the time; NULL = no price set
    latency_s      DOUBLE    NOT NULL,  -- time to the reply, last try only, in seconds
    attempts       INTEGER   NOT NULL,  -- tries it took
    bought_at      TIMESTAMP NOT NULL,  -- UTC time of the reply
    run_id         VARCHAR   NOT NULL   -- run that bought it
);
