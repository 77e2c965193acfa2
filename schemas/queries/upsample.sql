-- What a dataset is made from: the kept answers of a range of days, with their prompts.
SELECT u.day, u.answer_id, u.prompt_id, p.chat_id, p.user_key, u.area, u.kind, p.messages, u.answer
FROM unique_answers u JOIN prompts p USING (day, prompt_id)
WHERE u.drop_reason IS NULL AND u.day BETWEEN $first AND $last
ORDER BY u.answer_id
