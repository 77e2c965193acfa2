-- The rows of a frozen dataset as two versions are compared: texts by their hash, and what is known
-- today of where they come from. An answer that was made anew since has its new model here.
SELECT r.answer_id, r.split, r.area || '/' || r.kind AS task_type, r.copies, r.weight, r.label_tokens,
       hash(r.messages[1:len(r.messages) - 1]) AS prompt,
       hash(r.messages[len(r.messages)].content) AS answer, coalesce(hash(r.tools), 0) AS tools,
       coalesce(hash(r.learned_turns), 0) AS turns,
       CASE r.area WHEN 'extra' THEN 'extra set' ELSE coalesce(p.language, 'no longer stored') END AS language,
       CASE r.area WHEN 'extra' THEN 'extra set ' || r.kind
            ELSE coalesce(a.model, a.origin, 'no longer stored') END AS teacher,
       coalesce(a.template_version, '') AS template
FROM sft_rows r
LEFT JOIN answers a USING (day, answer_id)
LEFT JOIN prompts p ON p.day = r.day AND p.prompt_id = regexp_replace(r.answer_id, '-[0-9]+$', '')
WHERE r.dataset_version = $version
