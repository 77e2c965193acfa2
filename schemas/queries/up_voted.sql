-- Answers of the log to prompts of a day that users thought good.
SELECT prompt_id, answer, model FROM voted_answers WHERE day = $day AND vote > 0
