"""Doors to the outside: each outside service is imported by exactly one file here."""
