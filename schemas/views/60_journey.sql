-- Every decision about one record, chat, prompt or answer, in order. `flywheel explain` reads this.
CREATE OR REPLACE VIEW journey AS
SELECT r.day, 1 AS step, 'pull' AS stage, r.record_id, r.chat_id,
       CAST(NULL AS VARCHAR) AS prompt_id, CAST(NULL AS VARCHAR) AS answer_id,
       CASE WHEN r.outcome = 'quarantine' THEN 'quarantined'
            WHEN r.outcome = 'vote' THEN 'vote'
            WHEN c.record_id = r.record_id THEN 'chat' ELSE 'merged' END AS decision,
       q.reason,
       r.path || ':' || r.line || coalesce(' ' || q.detail, '') AS detail
FROM records r
LEFT JOIN quarantine q USING (record_id)
LEFT JOIN chats c ON c.chat_id = r.chat_id
UNION ALL
SELECT CAST(NULL AS DATE), 1, 'vote', NULL, v.chat_id,
       CASE WHEN v.turn IS NULL THEN NULL ELSE v.chat_id || '-' || v.turn END, NULL,
       v.status, v.kind, concat_ws(' ', v."value", v.comment)
FROM votes v WHERE v.chat_id IS NOT NULL
UNION ALL
SELECT day, 2, 'filter', NULL, chat_id, prompt_id, NULL,
       CASE WHEN drop_reason IS NULL THEN 'kept' ELSE 'dropped' END, drop_reason, left(prompt, 120)
FROM prompts
UNION ALL
SELECT t.day, 3, 'tag', NULL, p.chat_id, t.prompt_id, NULL, t.area || '/' || t.kind, t.tagger, t.reason
FROM tagged_prompts t JOIN prompts p USING (day, prompt_id)
UNION ALL
SELECT u.day, 4, 'dedupe_prompts', NULL, p.chat_id, u.prompt_id, NULL,
       CASE WHEN u.drop_reason IS NULL THEN 'kept' ELSE 'dropped' END, u.drop_reason,
       'twin of ' || u.duplicate_of || ', Jaccard ' || round(u.jaccard, 3)
FROM unique_prompts u JOIN prompts p USING (day, prompt_id)
UNION ALL
SELECT a.day, 5, 'answer', NULL, p.chat_id, a.prompt_id, a.answer_id,
       CASE WHEN a.failed IS NULL THEN 'answered' ELSE 'failed' END, a.failed,
       concat_ws(' ', a.model, 'to ' || nullif(a.logged_for, a.prompt_id), a.answer_tokens || ' tokens', a.cost_usd || ' USD', left(a.answer, 120))
FROM answers a JOIN prompts p USING (day, prompt_id)
UNION ALL
SELECT c.day, 6, 'check', NULL, p.chat_id, c.prompt_id, c.answer_id,
       CASE WHEN len(c.defects) = 0 THEN ['passed', 'repaired', 'prompt rewritten'][c.version + 1]
            WHEN c.version < max(c.version) OVER (PARTITION BY c.day, c.answer_id) THEN 'to repair'
            ELSE 'dropped' END,
       nullif(array_to_string(c.defects, ', '), ''), 'version ' || c.version || coalesce(': ' || coalesce(c.rewritten, c.detail), '')
FROM checked_answers c JOIN prompts p USING (day, prompt_id)
UNION ALL
SELECT u.day, 7, 'dedupe_answers', NULL, p.chat_id, u.prompt_id, u.answer_id,
       CASE WHEN u.drop_reason IS NULL THEN 'trainable' ELSE 'dropped' END, u.drop_reason,
       coalesce('twin of ' || u.duplicate_of, 'like ' || u.template_of) || ', Jaccard ' || round(u.jaccard, 3)
FROM unique_answers u JOIN prompts p USING (day, prompt_id)
UNION ALL
SELECT r.day, 8, 'upsample', NULL, split_part(r.answer_id, '-', 1),
       regexp_replace(r.answer_id, '-[0-9]+$', ''), r.answer_id, r.split, r.dataset_version,
       r.copies || ' copies, ' || r.label_tokens || ' label tokens'
FROM sft_rows r
UNION ALL
SELECT d.day, 8, 'upsample', NULL, split_part(d.answer_id, '-', 1),
       regexp_replace(d.answer_id, '-[0-9]+$', ''), d.answer_id, 'left out', d.dataset_version,
       concat_ws(' ', d.reason, 'twin of ' || d.match || ', Jaccard ' || round(d.jaccard, 3))
FROM dataset_drops d
UNION ALL
SELECT r.day, 9, 'train', NULL, split_part(r.answer_id, '-', 1),
       regexp_replace(r.answer_id, '-[0-9]+$', ''), r.answer_id,
       'trained ' || t.model_id, m.status, m.reason
FROM sft_rows r
JOIN training_runs t ON t.dataset_version = r.dataset_version AND t.status = 'complete'
LEFT JOIN models m ON m.model_id = t.model_id
WHERE r.split = 'train'
  AND NOT list_contains(list_transform(t.dropped, lambda gone: gone.answer_id), r.answer_id);
COMMENT ON VIEW journey IS 'Every decision about one record, chat, prompt or answer, in order. flywheel explain reads this.';
COMMENT ON COLUMN journey.day IS 'UTC day of the chat';
COMMENT ON COLUMN journey.step IS 'place of the stage in the day, from 1';
COMMENT ON COLUMN journey.stage IS 'stage that decided, or vote';
COMMENT ON COLUMN journey.record_id IS 'the log record, for pull';
COMMENT ON COLUMN journey.chat_id IS 'the chat; NULL for votes and quarantine';
COMMENT ON COLUMN journey.prompt_id IS 'the user turn, from filter on';
COMMENT ON COLUMN journey.answer_id IS 'the answer, from answer on';
COMMENT ON COLUMN journey.decision IS 'what was decided; for train which model has seen it';
COMMENT ON COLUMN journey.reason IS 'why; NULL when it goes on. For upsample the dataset, for train what became of the model';
COMMENT ON COLUMN journey.detail IS 'place in the logs, twin, defect or the first 120 characters';
