-- An answer that was given in production has no template and no call.
ALTER TABLE answers ALTER COLUMN template_version DROP NOT NULL;
ALTER TABLE answers ALTER COLUMN call_key DROP NOT NULL;
