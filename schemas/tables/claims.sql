-- One call that some process is buying right now. Written by tasks/adapters/purchases.py.
CREATE TABLE IF NOT EXISTS claims (
    call_key  VARCHAR   NOT NULL,  -- same key as in llm_calls
    owner     VARCHAR   NOT NULL,  -- the process, as its journal segments are named; free once it is gone
    until     TIMESTAMP NOT NULL,  -- UTC end of the lease; free after it
    run_id    VARCHAR   NOT NULL,  -- run that buys it
    tokens    BIGINT    NOT NULL,  -- what it takes at most, as estimated: tokens of prompt and answer
    usd       DOUBLE    NOT NULL   -- price of those tokens; 0 without a price
);
