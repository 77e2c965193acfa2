-- Band keys are made anew when settings ask for others. Nobody noted what these were made with, so
-- the next run makes them once more.
ALTER TABLE bands RENAME TO bands_before;
CREATE TABLE bands (
    pass VARCHAR NOT NULL, day DATE NOT NULL, id VARCHAR NOT NULL, kept BOOLEAN NOT NULL,
    keys UBIGINT[] NOT NULL, made_with VARCHAR NOT NULL
);
INSERT INTO bands SELECT *, '' FROM bands_before;
DROP TABLE bands_before;
