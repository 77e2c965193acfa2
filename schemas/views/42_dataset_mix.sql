-- What each dataset shows a model, per task type: rows, copies, and shares of what carries loss.
CREATE OR REPLACE VIEW dataset_mix AS
WITH rows_of AS (
    SELECT dataset_version, area, kind,
           count(*) FILTER (split = 'train') AS train_rows,
           count(*) FILTER (split = 'validation') AS validation_rows,
           round(avg(copies) FILTER (split = 'train'), 2) AS copies,
           coalesce(sum(label_tokens * weight) FILTER (split = 'train'), 0) AS loss,
           coalesce(sum(label_tokens * weight * copies) FILTER (split = 'train'), 0) AS loss_shown
    FROM sft_rows GROUP BY ALL
),
drops_of AS (SELECT dataset_version, area, kind, count(*) AS dropped FROM dataset_drops GROUP BY ALL)
SELECT dataset_version, area, kind, coalesce(r.train_rows, 0) AS train_rows,
       coalesce(r.validation_rows, 0) AS validation_rows, coalesce(d.dropped, 0) AS dropped, r.copies,
       round(r.loss / sum(r.loss) OVER (PARTITION BY dataset_version), 4) AS share,
       round(r.loss_shown / sum(r.loss_shown) OVER (PARTITION BY dataset_version), 4) AS share_shown
FROM rows_of r FULL JOIN drops_of d USING (dataset_version, area, kind)
ORDER BY dataset_version, area, kind;
COMMENT ON VIEW dataset_mix IS 'What each dataset shows a model, per task type: rows, copies, and shares of what carries loss.';
COMMENT ON COLUMN dataset_mix.dataset_version IS 'name of the dataset';
COMMENT ON COLUMN dataset_mix.area IS 'first level of the task type';
COMMENT ON COLUMN dataset_mix.kind IS 'second level of the task type';
COMMENT ON COLUMN dataset_mix.train_rows IS 'rows to train on';
COMMENT ON COLUMN dataset_mix.validation_rows IS 'rows that are only measured';
COMMENT ON COLUMN dataset_mix.dropped IS 'kept answers that the dataset left out; dataset_drops says why';
COMMENT ON COLUMN dataset_mix.copies IS 'how often an epoch shows a row of it, on average';
COMMENT ON COLUMN dataset_mix.share IS 'of the loss if each row were shown once, 0 to 1';
COMMENT ON COLUMN dataset_mix.share_shown IS 'of the loss as planned, copies and weights counted, 0 to 1';
