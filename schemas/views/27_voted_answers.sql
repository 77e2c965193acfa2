-- What production answered and a user gave a thumb. Left out: answers that drew on a tool, and turns
-- with no reply or several.
CREATE OR REPLACE VIEW voted_answers AS
WITH thumbs AS (
    SELECT chat_id, turn, vote FROM resolved_votes WHERE kind = 'thumb' AND vote IS NOT NULL
),
users AS (
    SELECT day, chat_id, model, messages,
           list_filter(range(1, len(messages) + 1), lambda i: messages[i].role = 'user') AS places
    FROM chats SEMI JOIN thumbs USING (chat_id)
),
turns AS (
    SELECT day, chat_id, model, turn, turn + 1 = len(places) AS is_last,
           messages[places[turn + 1] + 1 : coalesce(places[turn + 2], len(messages) + 1) - 1] AS replies
    FROM (SELECT *, unnest(range(len(places))) AS turn FROM users)
)
SELECT s.day, s.chat_id || '-' || s.turn AS prompt_id, s.replies[1].content AS answer, s.model,
       coalesce(t.vote, CASE WHEN s.is_last THEN w.vote END) AS vote
FROM turns s
LEFT JOIN thumbs t ON t.chat_id = s.chat_id AND t.turn = s.turn
LEFT JOIN thumbs w ON w.chat_id = s.chat_id AND w.turn IS NULL
WHERE len(s.replies) = 1 AND s.replies[1].role = 'assistant' AND s.replies[1].tool_calls IS NULL
  AND trim(s.replies[1].content) <> '' AND (t.vote IS NOT NULL OR (s.is_last AND w.vote IS NOT NULL))
ORDER BY s.day, prompt_id;
COMMENT ON VIEW voted_answers IS 'What production answered and a user gave a thumb. Left out: answers that drew on a tool, and turns with no reply or several.';
COMMENT ON COLUMN voted_answers.day IS 'UTC day of the chat';
COMMENT ON COLUMN voted_answers.prompt_id IS 'the user turn';
COMMENT ON COLUMN voted_answers.answer IS 'the reply, as logged and redacted';
COMMENT ON COLUMN voted_answers.model IS 'model that answered in production';
COMMENT ON COLUMN voted_answers.vote IS '1 up, 0 down: the vote on the turn; for the last one, else that on the whole chat';
