-- Pairs of answers to one prompt of a frozen dataset: the one that was kept, and one that a user voted
-- down in production or that a repair replaced, with its defects. The prompt must be the one that both
-- were given: a rewritten one, or a chat that has changed since, is refused.
WITH frozen AS (
    SELECT answer_id, regexp_replace(answer_id, '-[0-9]+$', '') AS prompt_id, day, split, tools,
           messages[1:len(messages) - 1] AS prompt, messages[len(messages)].content AS answer
    FROM sft_rows WHERE dataset_version = $version
),
worse AS (
    SELECT f.answer_id, '/voted_down' AS part, v.answer AS rejected, 'voted_down' AS why
    FROM frozen f JOIN voted_answers v USING (day, prompt_id) WHERE v.vote <= 0
    UNION ALL
    SELECT c.answer_id, '/v' || c.version, c.answer, array_to_string(c.defects, ', ')
    FROM frozen f JOIN checked_answers c USING (day, answer_id) WHERE len(c.defects) > 0
)
SELECT f.answer_id || w.part AS id, f.split, f.prompt, f.answer, f.tools, 1 AS copies, w.rejected,
       CAST(NULL AS BOOLEAN) AS label, w.why,
       CASE WHEN p.messages IS DISTINCT FROM f.prompt THEN 'prompt_differs'
            WHEN trim(w.rejected) = '' THEN 'empty_answer'
            WHEN trim(w.rejected) = trim(f.answer) THEN 'same_answer' END AS refused
FROM frozen f JOIN worse w USING (answer_id)
LEFT JOIN prompts p USING (day, prompt_id)
