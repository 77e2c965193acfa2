"""Columns that the contracts of several tables share."""

from typing import Any

import dataframely as dy

MESSAGE: dict[str, dy.Column] = {
    name: dy.String(nullable=name not in {"role", "content"})
    for name in ("role", "content", "parts", "name", "tool_call_id", "tool_calls")
}


def text(**options: Any) -> dy.String:
    """Declare text that may be missing."""
    return dy.String(nullable=True, **options)


def one_of(*words: str, nullable: bool = False) -> dy.String:
    """Declare text out of a closed list."""
    return dy.String(regex=f"^({'|'.join(words)})$", nullable=nullable)


def key() -> dy.String:
    """Declare an id that no two rows share."""
    return dy.String(primary_key=True, min_length=1)


def messages() -> dy.List:
    """Declare the messages of a conversation."""
    return dy.List(dy.Struct(MESSAGE), min_length=1)


def words() -> dy.List:
    """Declare a list of words."""
    return dy.List(dy.String())


def row_hash() -> dy.UInt64:
    """Declare a hash of a row."""
    return dy.UInt64()


def share(**options: Any) -> dy.Float64:
    """Declare a number from 0 to 1."""
    return dy.Float64(min=0, max=1, **options)


def count(**options: Any) -> dy.Int64:
    """Declare a whole number that is not negative."""
    return dy.Int64(min=0, **options)


def turn(**options: Any) -> dy.Int32:
    """Declare the number of a turn or sample, from 0."""
    return dy.Int32(min=0, **options)
