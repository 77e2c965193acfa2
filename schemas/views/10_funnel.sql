-- How many units enter, leave and stop at every stage of every day, counted in the tables.
CREATE OR REPLACE VIEW funnel AS
WITH steps AS (
    SELECT day, 1 AS step, 'pull' AS stage, count(*) AS rows_in,
           count(DISTINCT chat_id) AS kept,
           count(*) FILTER (outcome = 'quarantine') AS quarantined,
           count(chat_id) - count(DISTINCT chat_id) AS dropped
    FROM records WHERE outcome <> 'vote' GROUP BY day
    UNION ALL
    SELECT day, 2, 'filter', count(*), count(*) FILTER (drop_reason IS NULL), 0, count(drop_reason)
    FROM prompts GROUP BY day
    UNION ALL
    SELECT day, 3, 'tag', count(*), count(*), 0, 0 FROM tagged_prompts GROUP BY day
    UNION ALL
    SELECT day, 4, 'dedupe_prompts', count(*), count(*) FILTER (drop_reason IS NULL), 0, count(drop_reason)
    FROM unique_prompts GROUP BY day
    UNION ALL
    SELECT day, 5, 'answer', count(*), count(*) FILTER (failed IS NULL), 0, count(failed)
    FROM answers GROUP BY day
    UNION ALL
    SELECT day, 6, 'check', count(*), count(*) FILTER (len(defects) = 0), 0, count(*) FILTER (len(defects) > 0)
    FROM (FROM checked_answers QUALIFY version = max(version) OVER (PARTITION BY day, answer_id))
    GROUP BY day
    UNION ALL
    SELECT day, 7, 'dedupe_answers', count(*), count(*) FILTER (drop_reason IS NULL), 0, count(drop_reason)
    FROM unique_answers GROUP BY day
)
SELECT s.day, s.step, s.stage, s.rows_in + coalesce(r.pending, 0) AS rows_in, s.kept, s.dropped,
       s.quarantined, coalesce(r.pending, 0) AS pending, coalesce(r.status, 'never run') AS status
FROM steps s LEFT JOIN stage_runs r USING (day, stage)
ORDER BY s.day, s.step;
COMMENT ON VIEW funnel IS 'How many units enter, leave and stop at every stage of every day, counted in the tables.';
COMMENT ON COLUMN funnel.day IS 'UTC day of the chats';
COMMENT ON COLUMN funnel.step IS 'place of the stage in the day, from 1';
COMMENT ON COLUMN funnel.stage IS 'name of the stage';
COMMENT ON COLUMN funnel.rows_in IS 'units that came in: records, then user turns, then answers';
COMMENT ON COLUMN funnel.kept IS 'units that go on';
COMMENT ON COLUMN funnel.dropped IS 'units that stop here with a reason; in pull, records merged into a chat with others';
COMMENT ON COLUMN funnel.quarantined IS 'records that could not become a chat';
COMMENT ON COLUMN funnel.pending IS 'units not done yet; the next run takes them up';
COMMENT ON COLUMN funnel.status IS 'complete, partial, failed or never run';
