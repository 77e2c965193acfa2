-- What was bought, by day of purchase, purpose and model.
CREATE OR REPLACE VIEW costs AS
SELECT CAST(bought_at AS DATE) AS bought_on, purpose, model, count(*) AS calls,
       count(error) AS errors, sum(prompt_tokens) AS prompt_tokens, sum(answer_tokens) AS answer_tokens,
       round(sum(cost_usd), 6) AS usd
FROM llm_calls GROUP BY ALL
ORDER BY bought_on, purpose, model;
COMMENT ON VIEW costs IS 'What was bought, by day of purchase, purpose and model. A reply that came from the store costs nothing here.';
COMMENT ON COLUMN costs.bought_on IS 'UTC day of the purchase';
COMMENT ON COLUMN costs.purpose IS 'tag or answer';
COMMENT ON COLUMN costs.model IS 'model that answered';
COMMENT ON COLUMN costs.calls IS 'calls bought';
COMMENT ON COLUMN costs.errors IS 'of them, permanent errors';
COMMENT ON COLUMN costs.prompt_tokens IS 'tokens of requests';
COMMENT ON COLUMN costs.answer_tokens IS 'tokens of replies';
COMMENT ON COLUMN costs.usd IS 'spend in USD; NULL when no price is set';
