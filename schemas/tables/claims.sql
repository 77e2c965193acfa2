-- One call that some process is buying right now. Written by tasks/adapters/calls.py.
CREATE TABLE IF NOT EXISTS claims (
    call_key  VARCHAR   NOT NULL,  -- same key as in llm_calls
    owner     VARCHAR   NOT NULL,  -- journal segment of the process; free once that process is gone
    until     TIMESTAMP NOT NULL   -- UTC end of the lease; free after it
);
