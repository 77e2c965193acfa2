-- Where the rows of a frozen dataset come from; a chat that was forgotten since has no source.
SELECT CASE r.area WHEN 'extra' THEN 'extra set ' || r.kind ELSE coalesce(c.source, 'no longer stored') END AS source, count(DISTINCT r.chat_id) AS chats,
       count(*) FILTER (split = 'train') AS train_rows,
       count(*) FILTER (split = 'validation') AS validation_rows,
       min(r.day) AS first_day, max(r.day) AS last_day,
       coalesce(string_agg(DISTINCT c.language, ' ' ORDER BY c.language), '') AS languages
FROM (SELECT *, split_part(answer_id, '-', 1) AS chat_id FROM sft_rows
      WHERE dataset_version = $version) r
LEFT JOIN chats c ON c.day = r.day AND c.chat_id = r.chat_id
GROUP BY 1 ORDER BY 1
