-- A dataset keeps the plan that it was made by. Versions from before have none.
ALTER TABLE dataset_versions ADD COLUMN plan VARCHAR;
