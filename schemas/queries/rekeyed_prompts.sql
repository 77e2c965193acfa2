-- Prompts of a day whose band keys were made with other settings.
SELECT b.id, u.area, u.kind, p.messages
FROM bands b
JOIN unique_prompts u ON u.day = b.day AND u.prompt_id = b.id
JOIN prompts p ON p.day = b.day AND p.prompt_id = b.id
WHERE b.pass = 'prompts' AND b.day = $day AND b.made_with <> $made_with
