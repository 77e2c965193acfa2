-- What there is to train on, per task type.
CREATE OR REPLACE VIEW mix AS
SELECT area, kind, count(*) AS answers,
       round(count(*) / sum(count(*)) OVER (), 4) AS share,
       round(avg(length(answer)), 1) AS mean_chars,
       round(sum(length(answer)) / sum(sum(length(answer))) OVER (), 4) AS chars_share
FROM unique_answers WHERE drop_reason IS NULL
GROUP BY area, kind
ORDER BY answers DESC, area, kind;
COMMENT ON VIEW mix IS 'What there is to train on, per task type.';
COMMENT ON COLUMN mix.area IS 'first level of the task type';
COMMENT ON COLUMN mix.kind IS 'second level of the task type';
COMMENT ON COLUMN mix.answers IS 'answers to train on';
COMMENT ON COLUMN mix.share IS 'of all answers to train on, 0 to 1';
COMMENT ON COLUMN mix.mean_chars IS 'mean length of an answer, in characters';
COMMENT ON COLUMN mix.chars_share IS 'of all characters to train on, 0 to 1: short answers starve when this is far below share';
