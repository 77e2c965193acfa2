-- What check reads: the answers of one day, with their prompts.
SELECT a.answer_id, a.day, a.prompt_id, a.sample, a.area, a.kind, a.answer, a.reasoning, a.finish_reason,
       p.prompt, p.messages, p.language, c.tools
FROM answers a JOIN prompts p USING (day, prompt_id) LEFT JOIN chats c USING (day, chat_id)
WHERE a.day = $day AND a.failed IS NULL
ORDER BY p.started_at, a.answer_id
