-- One kept answer, or chat of an extra set, that a dataset left out, and why. Written by tasks/upsample.py.
CREATE TABLE IF NOT EXISTS dataset_drops (
    dataset_version  VARCHAR NOT NULL,  -- same name as in dataset_versions
    answer_id        VARCHAR NOT NULL,  -- same id as in unique_answers
    day              DATE    NOT NULL,  -- UTC day of the chat
    area             VARCHAR NOT NULL,  -- first level of the task type
    kind             VARCHAR NOT NULL,  -- second level of the task type
    reason           VARCHAR NOT NULL,  -- leak, too_long, empty_answer, template_refuses, prompt_not_kept, call_not_rendered, stop_in_answer, split_conflict, quota; unreadable: of an extra set
    match            VARCHAR,           -- leak: eval_set/prompt_id, or FILE/line of dataset.keep_out, that it repeats or quotes; split_conflict: answer_id of the validation row; unreadable: FILE/line and why
    jaccard          DOUBLE             -- exact Jaccard similarity of the two; 1 = equal
);
