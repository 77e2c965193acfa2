"""Frozen datasets in the formats that other trainers read."""
