-- Who gave the answers of a frozen dataset. One that was made anew since has its new model here.
SELECT CASE r.area WHEN 'extra' THEN 'extra set ' || r.kind ELSE coalesce(a.model, 'no longer stored') END AS model,
       coalesce(a.origin, '') AS origin,
       count(*) AS "rows"
FROM sft_rows r LEFT JOIN answers a USING (day, answer_id)
WHERE dataset_version = $version GROUP BY ALL ORDER BY ALL
