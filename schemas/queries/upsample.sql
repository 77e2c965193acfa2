-- What a dataset is made from: the kept answers of a day, with their prompts and the tools that their
-- chat was offered. A rewritten prompt takes the place of the logged one, whose
-- conversation is `as_logged` then.
SELECT u.day, u.answer_id, u.prompt_id, p.chat_id, p.user_key, u.area, u.kind, u.answer,
       CASE WHEN c.rewritten IS NULL THEN p.messages
            ELSE list_transform(p.messages, lambda m, i: CASE WHEN i < len(p.messages) THEN m
                 ELSE {'role': m.role, 'content': c.rewritten, 'parts': NULL, 'name': m.name,
                       'tool_call_id': m.tool_call_id, 'tool_calls': m.tool_calls} END)
       END AS messages,
       CASE WHEN c.rewritten IS NOT NULL THEN p.messages END AS as_logged,
       CAST(NULL AS INTEGER[]) AS learned_turns, l.tools, p.traits, a.model AS teacher, a.template_version AS template
FROM unique_answers u JOIN prompts p USING (day, prompt_id)
LEFT JOIN answers a ON a.day = u.day AND a.answer_id = u.answer_id
LEFT JOIN chats l ON l.day = u.day AND l.chat_id = p.chat_id
LEFT JOIN checked_answers c ON c.day = u.day AND c.answer_id = u.answer_id AND c.version = u.version
WHERE u.drop_reason IS NULL AND u.day = $day
