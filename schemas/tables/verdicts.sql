-- One comparison of a candidate with the champion, or the base model, for one task type.
-- Written by tasks/evaluate.py. Both answered the same prompts; the row all/all is over all of them.
CREATE TABLE IF NOT EXISTS verdicts (
    model_id         VARCHAR   NOT NULL,  -- the candidate
    against          VARCHAR   NOT NULL,  -- model_id it is compared with
    eval_set         VARCHAR   NOT NULL,  -- prompts that both answered
    area             VARCHAR   NOT NULL,  -- first level of the task type, or all
    kind             VARCHAR   NOT NULL,  -- second level of the task type, or all
    prompts          BIGINT    NOT NULL,  -- prompts of the task type
    exact            BIGINT    NOT NULL,  -- of them, those with an exact answer
    correct          BIGINT    NOT NULL,  -- of them, answered right by the candidate
    correct_against  BIGINT    NOT NULL,  -- answered right by the other
    won              BIGINT    NOT NULL,  -- right where the other is wrong
    lost             BIGINT    NOT NULL,  -- wrong where the other is right
    stopped          BIGINT    NOT NULL,  -- answers of the candidate that ended by themselves
    stopped_against  BIGINT    NOT NULL,  -- answers of the other that did
    p_better         DOUBLE    NOT NULL,  -- exact sign test: chance of as many wins if both were equal
    p_worse          DOUBLE    NOT NULL,  -- the same for losses; per task type, corrected for their number (Holm)
    conclusion       VARCHAR   NOT NULL,  -- better, worse, no_difference or not_comparable
    judged_at        TIMESTAMP NOT NULL   -- UTC
);
