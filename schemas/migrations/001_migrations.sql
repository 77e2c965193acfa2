-- Remember which migrations a store has seen; the checksum refuses one that was edited afterwards.
CREATE TABLE migrations (
    version     INTEGER   NOT NULL,
    name        VARCHAR   NOT NULL,
    sha256      VARCHAR   NOT NULL,
    applied_at  TIMESTAMP NOT NULL
);
COMMENT ON TABLE migrations IS 'Every change to the shape of this store, applied once and in order.';
COMMENT ON COLUMN migrations.version IS 'number in the file name';
COMMENT ON COLUMN migrations.name IS 'file name in schemas/migrations';
COMMENT ON COLUMN migrations.sha256 IS 'checksum of the file when it was applied';
COMMENT ON COLUMN migrations.applied_at IS 'UTC';
