"""One file per log format: how to recognise a record, and how to read it."""
