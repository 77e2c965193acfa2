-- How many kept answers of earlier days, and of `carried` ones of today, follow each template.
SELECT template_of, count(*) AS followers
FROM unique_answers
WHERE template_of IS NOT NULL AND drop_reason IS NULL
  AND (day < $day OR (day = $day AND answer_id IN (SELECT id FROM carried)))
GROUP BY template_of
