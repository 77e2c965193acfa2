-- The rows of `chosen` in the order they are written. Copies of a row stand evenly apart, from a place
-- that its id and the seed draw. Before all stands a row with tools, one with more than words and one
-- with history, for readers that take the type of a column from what they read first.
WITH split_rows AS (
    SELECT *, len(list_filter(prompt, lambda m: m.name IS NOT NULL OR m.tool_call_id IS NOT NULL
               OR m.tool_calls IS NOT NULL)) > 0 AS more,
           array_to_string(list_transform(prompt, lambda m: m.role), ' ') AS roles
    FROM chosen WHERE split = $split
),
wide AS (
    SELECT min(id) FILTER (tools IS NOT NULL) AS tooled, min(id) FILTER (more) AS called,
           min(id) FILTER (tools IS NULL AND NOT more AND regexp_full_match(roles,
               '(system )*(user assistant )+user')) AS talked
    FROM split_rows
),
shown AS (
    SELECT *, unnest(range(CASE WHEN $once THEN 1 ELSE copies END)) AS copy FROM split_rows
)
SELECT id, prompt, answer, tools, copies, rejected, label, why, refused, copy = 0 AS is_first
FROM shown CROSS JOIN wide
ORDER BY copy > 0 OR NOT coalesce(id IN (tooled, called, talked), false),
         (copy + md5_number_lower($seed || '/' || id) / 18446744073709551616.0)
             / CASE WHEN $once THEN 1 ELSE copies END,
         id, copy
