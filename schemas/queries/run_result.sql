-- What a range of days has come to.
SELECT c.day, count(*) AS chats,
       (SELECT count(*) FROM prompts p WHERE p.day = c.day) AS prompts,
       (SELECT count(*) FROM unique_prompts u WHERE u.day = c.day AND drop_reason IS NULL) AS "unique",
       (SELECT count(*) FROM answers a WHERE a.day = c.day) AS answers,
       (SELECT count(*) FROM unique_answers t WHERE t.day = c.day AND drop_reason IS NULL) AS trainable,
       (SELECT round(sum(cost_usd), 4) FROM answers a WHERE a.day = c.day) AS usd
FROM chats c WHERE c.day BETWEEN $first AND $last
GROUP BY c.day ORDER BY c.day
