-- Answers of a day whose band keys were made with other settings.
SELECT b.id, u.prompt_id, u.area, u.kind, u.answer, p.messages
FROM bands b
JOIN unique_answers u ON u.day = b.day AND u.answer_id = b.id
JOIN prompts p ON p.day = b.day AND p.prompt_id = u.prompt_id
WHERE b.pass = 'answers' AND b.day = $day AND b.made_with <> $made_with
