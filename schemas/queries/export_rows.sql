-- Rows of a frozen dataset to write out; the last message is the answer.
SELECT answer_id AS id, split, messages[1:len(messages) - 1] AS prompt, learned_turns,
       messages[len(messages)].content AS answer, tools, copies,
       CAST(NULL AS VARCHAR) AS rejected, CAST(NULL AS BOOLEAN) AS label,
       CAST(NULL AS VARCHAR) AS why, CAST(NULL AS VARCHAR) AS refused
FROM sft_rows WHERE dataset_version = $version
