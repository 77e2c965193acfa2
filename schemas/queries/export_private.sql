-- Private values that placeholders stand for, in the chats that a frozen dataset was made from.
WITH of_chats AS (
    SELECT day, split_part(answer_id, '-', 1) AS chat_id FROM sft_rows
    WHERE dataset_version = $version
),
found AS (SELECT unnest(pii) AS one FROM chats SEMI JOIN of_chats USING (day, chat_id))
SELECT one.kind AS kind, CAST(sum(one.replaced) AS BIGINT) AS replaced, count(*) AS chats
FROM found GROUP BY 1 ORDER BY 1
