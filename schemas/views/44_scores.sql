-- How well each model does on each eval set, per task type.
CREATE OR REPLACE VIEW scores AS
SELECT a.model_id, a.eval_set, p.area, p.kind, count(*) AS prompts, count(a.correct) AS exact,
       count(*) FILTER (a.correct) AS correct,
       round(count(*) FILTER (a.correct) / nullif(count(a.correct), 0), 4) AS accuracy,
       round(count(*) FILTER (a.stopped) / count(*), 4) AS stop_rate,
       round(avg(a.new_tokens), 1) AS mean_tokens
FROM eval_answers a JOIN eval_prompts p USING (eval_set, prompt_id)
GROUP BY a.model_id, a.eval_set, p.area, p.kind
ORDER BY a.eval_set, p.area, p.kind, a.model_id;
COMMENT ON VIEW scores IS 'How well each model does on each eval set, per task type.';
COMMENT ON COLUMN scores.model_id IS 'the model';
COMMENT ON COLUMN scores.eval_set IS 'name of the eval set';
COMMENT ON COLUMN scores.area IS 'first level of the task type';
COMMENT ON COLUMN scores.kind IS 'second level of the task type';
COMMENT ON COLUMN scores.prompts IS 'prompts it answered';
COMMENT ON COLUMN scores.exact IS 'of them, those with an exact answer';
COMMENT ON COLUMN scores.correct IS 'of them, answered right';
COMMENT ON COLUMN scores.accuracy IS 'correct / exact, 0 to 1; NULL when nothing is exact';
COMMENT ON COLUMN scores.stop_rate IS 'share of answers that end by themselves, 0 to 1';
COMMENT ON COLUMN scores.mean_tokens IS 'mean length of an answer, in tokens';
