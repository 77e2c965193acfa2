-- Everything that an id, the beginning of one, or FILE:LINE may mean.
-- A path that was shown without its private values ends in ~ and a hash, which nobody types.
WITH placed AS (
    SELECT record_id, chat_id, regexp_replace(path, '~[0-9a-f]{8}$', '') || ':' || line AS place
    FROM records
)
SELECT record_id AS id, record_id, chat_id, NULL::VARCHAR AS prompt_id, NULL::VARCHAR AS answer_id
FROM placed
WHERE starts_with(record_id, $wanted)
   OR place = $place OR ends_with(place, '/' || $place) OR ends_with($place, '/' || place)
UNION
SELECT chat_id, NULL, chat_id, NULL, NULL FROM chats WHERE starts_with(chat_id, $wanted)
UNION
SELECT prompt_id, NULL, chat_id, prompt_id, NULL FROM prompts
WHERE starts_with(prompt_id, $wanted) AND contains($wanted, '-')
UNION
SELECT answer_id, NULL, p.chat_id, a.prompt_id, answer_id
FROM answers a JOIN prompts p USING (day, prompt_id)
WHERE starts_with(answer_id, $wanted) AND length($wanted) - length(replace($wanted, '-', '')) = 2
UNION
SELECT answer_id, NULL, split_part(answer_id, '-', 1), regexp_replace(answer_id, '-[0-9]+$', ''), answer_id
FROM (SELECT answer_id FROM sft_rows UNION SELECT answer_id FROM dataset_drops)  -- frozen: there as long as the version
WHERE starts_with(answer_id, $wanted) AND length($wanted) - length(replace($wanted, '-', '')) = 2
ORDER BY id
