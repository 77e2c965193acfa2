-- Units that entered a stage and neither left it nor stopped there, or came out of nowhere.
-- Must be empty. Compares neighbouring tables row by row, on days where the stage has seen the
-- rows that stand before it now; units that are counted as pending are no loss. Datasets are
-- compared as long as their days are as they were when they were frozen.
CREATE OR REPLACE VIEW conservation AS
WITH current_runs AS (
    SELECT s.stage, s.day, s.pending FROM stage_runs s
    WHERE s.status <> 'failed' AND s.stale IS NULL AND NOT EXISTS (
        SELECT 1 FROM (SELECT unnest(string_split(s.inputs, ' ')) AS seen) i
        WHERE i.seen NOT IN (SELECT u.stage || '=' || u.outputs FROM stage_runs u WHERE u.day = s.day)
    )
),
found AS (
    SELECT 'pull' AS stage, day, record_id AS id, 'record without chat' AS problem
    FROM records ANTI JOIN chats USING (day, chat_id) WHERE outcome = 'chat'
    UNION ALL
    SELECT 'pull', day, chat_id, 'chat without record'
    FROM chats ANTI JOIN records USING (day, chat_id)
    UNION ALL
    SELECT 'pull', day, record_id, 'record without quarantine'
    FROM records ANTI JOIN quarantine USING (day, record_id) WHERE outcome = 'quarantine'
    UNION ALL
    SELECT 'pull', day, record_id, 'quarantine without record'
    FROM quarantine ANTI JOIN records USING (day, record_id)
    UNION ALL
    SELECT 'filter', day, chat_id, 'user turns and prompts differ'
    FROM (SELECT day, chat_id, len(list_filter(messages, lambda m: m.role = 'user')) AS turns FROM chats)
    FULL JOIN (SELECT day, chat_id, count(*) AS prompts FROM prompts GROUP BY day, chat_id) USING (day, chat_id)
    WHERE turns IS DISTINCT FROM prompts
    UNION ALL
    SELECT 'tag', day, prompt_id, 'kept prompt without tag'
    FROM prompts ANTI JOIN tagged_prompts USING (day, prompt_id) WHERE drop_reason IS NULL
    UNION ALL
    SELECT 'tag', day, prompt_id, 'tag without kept prompt'
    FROM tagged_prompts ANTI JOIN (FROM prompts WHERE drop_reason IS NULL) USING (day, prompt_id)
    UNION ALL
    SELECT 'dedupe_prompts', day, prompt_id, 'tagged prompt without verdict'
    FROM tagged_prompts ANTI JOIN unique_prompts USING (day, prompt_id)
    UNION ALL
    SELECT 'dedupe_prompts', day, prompt_id, 'verdict without tagged prompt'
    FROM unique_prompts ANTI JOIN tagged_prompts USING (day, prompt_id)
    UNION ALL
    SELECT 'dedupe_prompts', day, prompt_id, 'its twin is not kept'
    FROM unique_prompts WHERE duplicate_of IS NOT NULL
    AND duplicate_of NOT IN (SELECT prompt_id FROM unique_prompts WHERE drop_reason IS NULL)
    UNION ALL
    SELECT 'answer', day, prompt_id, 'unique prompt without answer'
    FROM unique_prompts ANTI JOIN answers USING (day, prompt_id) WHERE drop_reason IS NULL
    UNION ALL
    SELECT 'answer', day, answer_id, 'answer without unique prompt'
    FROM answers ANTI JOIN (FROM unique_prompts WHERE drop_reason IS NULL) USING (day, prompt_id)
    UNION ALL
    SELECT 'check', day, answer_id, 'answer without check'
    FROM answers ANTI JOIN checked_answers USING (day, answer_id) WHERE failed IS NULL
    UNION ALL
    SELECT 'check', day, answer_id, 'check without answer'
    FROM checked_answers ANTI JOIN (FROM answers WHERE failed IS NULL) USING (day, answer_id)
    UNION ALL
    SELECT 'dedupe_answers', day, answer_id, 'good answer without verdict'
    FROM checked_answers ANTI JOIN unique_answers USING (day, answer_id) WHERE len(defects) = 0
    UNION ALL
    SELECT 'dedupe_answers', day, answer_id, 'verdict without good answer'
    FROM unique_answers ANTI JOIN (FROM checked_answers WHERE len(defects) = 0) USING (day, answer_id, version)
    UNION ALL
    SELECT 'dedupe_answers', day, answer_id, 'its twin is not kept'
    FROM unique_answers WHERE duplicate_of IS NOT NULL
    AND duplicate_of NOT IN (SELECT answer_id FROM unique_answers WHERE drop_reason IS NULL)
),
current_datasets AS (
    SELECT v.dataset_version, v.first_day, v.last_day
    FROM dataset_versions v JOIN stage_runs s
    ON s.stage = 'dedupe_answers' AND s.day BETWEEN v.first_day AND v.last_day
    GROUP BY v.dataset_version, v.first_day, v.last_day, v.inputs
    HAVING string_agg(s.day || '=' || s.outputs, ' ' ORDER BY s.day) = v.inputs
),
kept AS (
    SELECT v.dataset_version, u.day, u.answer_id
    FROM current_datasets v JOIN unique_answers u ON u.day BETWEEN v.first_day AND v.last_day
    WHERE u.drop_reason IS NULL
),
laid_out AS (
    SELECT dataset_version, day, answer_id FROM sft_rows WHERE area <> 'extra'
    UNION ALL
    SELECT dataset_version, day, answer_id FROM dataset_drops WHERE area <> 'extra'
),
released AS (
    SELECT 'upsample' AS stage, day, answer_id AS id, 'kept answer missing in ' || dataset_version AS problem
    FROM kept ANTI JOIN laid_out USING (dataset_version, answer_id)
    UNION ALL
    SELECT 'upsample', l.day, l.answer_id, 'no kept answer, but in ' || dataset_version
    FROM laid_out l SEMI JOIN current_datasets USING (dataset_version)
    ANTI JOIN kept k USING (dataset_version, answer_id)
    UNION ALL
    SELECT 'upsample', min(day), answer_id, 'twice in ' || dataset_version
    FROM laid_out GROUP BY dataset_version, answer_id HAVING count(*) > 1
    UNION ALL
    SELECT 'train', CAST(NULL AS DATE), t.run_id, 'rows of ' || t.dataset_version || ' neither trained on nor left out'
    FROM training_runs t WHERE t.status = 'complete'
    AND t.rows_trained + len(t.dropped) <> (SELECT count(*) FROM sft_rows r
        WHERE r.dataset_version = t.dataset_version AND r.split = 'train')
    UNION ALL
    SELECT 'evaluate', CAST(NULL AS DATE), p.prompt_id, 'eval prompt without answer of ' || v.model_id
    FROM (SELECT DISTINCT model_id, eval_set FROM verdicts) v
    JOIN eval_prompts p USING (eval_set)
    ANTI JOIN eval_answers a ON a.model_id = v.model_id AND a.eval_set = v.eval_set AND a.prompt_id = p.prompt_id
)
SELECT f.day, f.stage, f.id, f.problem
FROM found f JOIN current_runs r USING (stage, day)
QUALIFY NOT (f.problem IN ('kept prompt without tag', 'unique prompt without answer', 'answer without check')
             AND count(*) OVER (PARTITION BY f.stage, f.day, f.problem) <= r.pending)
UNION ALL
SELECT day, stage, id, problem FROM released
ORDER BY day, stage, id;
COMMENT ON VIEW conservation IS 'Units that entered a stage and neither left it nor stopped there, or came out of nowhere. Must be empty.';
COMMENT ON COLUMN conservation.day IS 'UTC day of the chats; NULL for train and evaluate';
COMMENT ON COLUMN conservation.stage IS 'stage whose two sides differ';
COMMENT ON COLUMN conservation.id IS 'the unit';
COMMENT ON COLUMN conservation.problem IS 'what is missing';
