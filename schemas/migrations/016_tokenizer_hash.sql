-- A dataset names the tokenizer that measured it by a hash too. Versions from before have none.
ALTER TABLE dataset_versions ADD COLUMN tokenizer_sha256 VARCHAR;
