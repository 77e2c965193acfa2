-- What tag reads: the kept prompts of one day; a hostile one shares no call with others.
SELECT prompt_id, day, messages, prompt,
       list_has_any(traits, ['jailbreak', 'injection']) AS hostile
FROM prompts WHERE day = $day AND drop_reason IS NULL
ORDER BY started_at, prompt_id
