-- The task type of every kept prompt. Written by tasks/tag.py.
CREATE TABLE IF NOT EXISTS tagged_prompts (
    day               DATE    NOT NULL,  -- UTC day of the chat
    prompt_id         VARCHAR NOT NULL,  -- same id as in prompts
    area              VARCHAR NOT NULL,  -- first level of the task type; unknown is a tag
    kind              VARCHAR NOT NULL,  -- second level of the task type
    confidence        DOUBLE  NOT NULL,  -- 0 to 1; 1 for keywords and the strong model, whose word is taken
    tagger            VARCHAR NOT NULL,  -- keywords, classifier, model, or none: nobody could name it
    taxonomy_version  INTEGER NOT NULL,  -- version in task_types.toml
    reason            VARCHAR,           -- what the strong model said before it chose, or why it could not
    tag_key           VARCHAR,           -- names what the strong model was shown; the same text is not bought twice
    call_key          VARCHAR,           -- the call that tagged it; NULL = no call
    input_hash        UBIGINT NOT NULL   -- hash of the input this row was made from
);
