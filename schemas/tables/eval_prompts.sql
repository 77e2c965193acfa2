-- One prompt of a frozen eval set. Written by tasks/exam.py (`flywheel eval add`); rows are never
-- changed: another text or another prompt is another set.
CREATE TABLE IF NOT EXISTS eval_prompts (
    eval_set     VARCHAR NOT NULL,  -- name and version of the set
    prompt_id    VARCHAR NOT NULL,  -- hash of its messages
    area         VARCHAR NOT NULL,  -- first level of the task type
    kind         VARCHAR NOT NULL,  -- second level of the task type
    messages     STRUCT(role VARCHAR, content VARCHAR, parts VARCHAR, name VARCHAR, tool_call_id VARCHAR, tool_calls VARCHAR)[] NOT NULL,  -- what the models are asked, the user's turn last
    reference    VARCHAR,           -- a right answer; NULL = none is known
    expectation  VARCHAR NOT NULL   -- exact: an answer must equal the reference; none: it only has to stop
);
