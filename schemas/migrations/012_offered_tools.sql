-- A training row keeps the tools that the model of the log was offered. Versions from before hold none.
ALTER TABLE sft_rows ADD COLUMN tools VARCHAR;
