-- What making the rows of a range of days anew may cost.
SELECT (SELECT count(DISTINCT day) FROM chats WHERE day BETWEEN $first AND $last) AS days,
       (SELECT count(*) FROM unique_prompts WHERE drop_reason IS NULL AND day BETWEEN $first AND $last) AS prompts,
       (SELECT count(*) FROM tagged_prompts WHERE tagger = 'model' AND day BETWEEN $first AND $last) AS tagged_by_model,
       (SELECT sum(cost_usd) FROM answers WHERE day BETWEEN $first AND $last) AS usd
