-- What tag reads: the kept prompts of one day.
SELECT prompt_id, day, messages, prompt
FROM prompts WHERE day = $day AND drop_reason IS NULL
ORDER BY started_at, prompt_id
