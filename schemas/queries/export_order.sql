-- The rows of `chosen` in the order they are written. Copies of a row stand evenly apart, from a place
-- that its id and the seed draw. A row with tools and one with more than words come first, for readers
-- that guess the type of a column from what they read first.
SELECT id, prompt, answer, tools, copies, rejected, label, why, refused, copy = 0 AS is_first
FROM (SELECT *, unnest(range(CASE WHEN $once THEN 1 ELSE copies END)) AS copy FROM chosen
      WHERE split = $split)
ORDER BY CASE WHEN copy > 0 THEN 2
              WHEN id = (SELECT min(id) FROM chosen WHERE split = $split AND tools IS NOT NULL) THEN 0
              WHEN id = (SELECT min(id) FROM chosen WHERE split = $split AND len(list_filter(prompt,
                  lambda m: m.name IS NOT NULL OR m.tool_call_id IS NOT NULL
                  OR m.tool_calls IS NOT NULL)) > 0) THEN 1
              ELSE 2 END,
         (copy + md5_number_lower($seed || '/' || id) / 18446744073709551616.0)
             / CASE WHEN $once THEN 1 ELSE copies END,
         id, copy
