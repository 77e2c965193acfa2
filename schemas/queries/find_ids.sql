-- Everything that an id, the beginning of one, or FILE:LINE may mean.
SELECT record_id AS id, record_id, chat_id, NULL::VARCHAR AS prompt_id, NULL::VARCHAR AS answer_id
FROM records
WHERE starts_with(record_id, $wanted)
   OR path || ':' || line = $place OR ends_with(path || ':' || line, '/' || $place)
   OR ends_with($place, '/' || path || ':' || line)
UNION
SELECT chat_id, NULL, chat_id, NULL, NULL FROM chats WHERE starts_with(chat_id, $wanted)
UNION
SELECT prompt_id, NULL, chat_id, prompt_id, NULL FROM prompts
WHERE starts_with(prompt_id, $wanted) AND contains($wanted, '-')
UNION
SELECT answer_id, NULL, p.chat_id, a.prompt_id, answer_id
FROM answers a JOIN prompts p USING (day, prompt_id)
WHERE starts_with(answer_id, $wanted) AND length($wanted) - length(replace($wanted, '-', '')) = 2
ORDER BY id
