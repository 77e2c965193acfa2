-- A tag names what the strong model was shown, so that the same text is not bought twice.
ALTER TABLE tagged_prompts ADD COLUMN tag_key VARCHAR;
