-- Where a model answers fewer prompts right than the one it was compared with, worst first.
CREATE OR REPLACE VIEW regressions AS
SELECT model_id, against, eval_set, area, kind, exact AS prompts,
       round(correct_against / exact, 4) AS accuracy_against, round(correct / exact, 4) AS accuracy,
       won, lost, p_worse, conclusion
FROM verdicts WHERE correct < correct_against
ORDER BY p_worse, model_id, against, eval_set, area, kind;
COMMENT ON VIEW regressions IS 'Where a model answers fewer prompts right than the one it was compared with, worst first.';
COMMENT ON COLUMN regressions.model_id IS 'the candidate';
COMMENT ON COLUMN regressions.against IS 'model it was compared with';
COMMENT ON COLUMN regressions.eval_set IS 'prompts that both answered';
COMMENT ON COLUMN regressions.area IS 'first level of the task type, or all';
COMMENT ON COLUMN regressions.kind IS 'second level of the task type, or all';
COMMENT ON COLUMN regressions.prompts IS 'prompts with an exact answer';
COMMENT ON COLUMN regressions.accuracy_against IS 'share that the other answers right, 0 to 1';
COMMENT ON COLUMN regressions.accuracy IS 'share that the candidate answers right, 0 to 1';
COMMENT ON COLUMN regressions.won IS 'right where the other is wrong';
COMMENT ON COLUMN regressions.lost IS 'wrong where the other is right';
COMMENT ON COLUMN regressions.p_worse IS 'chance of as many losses if both were equal';
COMMENT ON COLUMN regressions.conclusion IS 'worse = ruled out as chance, so the gate refuses it; no_difference = it may be chance';
