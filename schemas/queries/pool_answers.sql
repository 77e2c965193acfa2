-- The answers whose id begins like this, as examples of the few-shot pool would have them.
SELECT u.answer_id, u.area, u.kind, coalesce(c.rewritten, p.prompt) AS prompt, u.answer, u.drop_reason,
       len(list_filter(p.messages, lambda m: m.role = 'user')) AS turns
FROM unique_answers u JOIN prompts p USING (day, prompt_id)
LEFT JOIN checked_answers c ON c.day = u.day AND c.answer_id = u.answer_id AND c.version = u.version
WHERE starts_with(u.answer_id, $wanted)
ORDER BY u.answer_id
LIMIT 6
