-- Answers of the log that prompts of a day may take.
SELECT prompt_id, answer, model, logged_for FROM liked_answers WHERE day = $day
