-- What production answered to the prompts of a frozen dataset, and whether its user liked it. The
-- prompt must still be the one that was answered.
WITH frozen AS (
    SELECT regexp_replace(answer_id, '-[0-9]+$', '') AS prompt_id, day, split, tools,
           messages[1:len(messages) - 1] AS prompt
    FROM sft_rows WHERE dataset_version = $version
    QUALIFY row_number() OVER (PARTITION BY prompt_id ORDER BY answer_id) = 1
)
SELECT prompt_id AS id, f.split, f.prompt, v.answer, f.tools, 1 AS copies,
       CAST(NULL AS VARCHAR) AS rejected, v.vote > 0 AS label, CAST(NULL AS VARCHAR) AS why,
       CASE WHEN p.messages IS DISTINCT FROM f.prompt THEN 'prompt_differs' END AS refused
FROM frozen f JOIN voted_answers v USING (day, prompt_id)
LEFT JOIN prompts p USING (day, prompt_id)
