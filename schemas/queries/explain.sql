-- The journey of one id: its chat's records, and its own turns and answers only.
SELECT day, step, stage, record_id, chat_id, prompt_id, answer_id, decision, reason, detail
FROM journey
WHERE (record_id = $record_id OR (chat_id = $chat_id
  AND (prompt_id IS NULL OR $prompt_id IS NULL OR prompt_id = $prompt_id)
  AND (answer_id IS NULL OR $answer_id IS NULL OR answer_id = $answer_id)))
