-- A row per prompt or answer, not per band: the ids took most of the time and room.
ALTER TABLE bands RENAME TO single_bands;
CREATE TABLE bands (
    pass VARCHAR NOT NULL, day DATE NOT NULL, id VARCHAR NOT NULL, kept BOOLEAN NOT NULL, keys UBIGINT[] NOT NULL
);
INSERT INTO bands SELECT pass, day, id, kept, list(key ORDER BY key) FROM single_bands GROUP BY ALL;
DROP TABLE single_bands;
