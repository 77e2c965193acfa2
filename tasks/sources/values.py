"""Turn what databases and Parquet files hold into what JSON can say."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from schemas.conversation import Unreadable
from tasks.sources.json_text import MAX_DEPTH, JsonObject, is_deep, storable

_EXACT_DIGITS = 15  # significant digits that a float keeps


def json_row(row: Mapping[str, object]) -> JsonObject | Unreadable:
    """Return a row of JSON values, or why it can be none."""
    try:
        value = {storable(name): json_value(cell) for name, cell in row.items()}
    except RecursionError:
        return Unreadable("invalid_json", f"nested more than {MAX_DEPTH} levels deep")
    if is_deep(value):
        return Unreadable("invalid_json", f"nested more than {MAX_DEPTH} levels deep")
    return value


def json_value(value: object) -> Any:
    """Return the JSON value that says the same.

    Times without a zone are UTC. Bytes are text if they are UTF-8, else base64; numbers that a
    float would round are text; NaN and infinities are null; durations are seconds. What is
    unknown is its text.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(item) for item in value]
    return _moment(value) if isinstance(value, date | time | timedelta) else _text(value)


def _number(value: float | Decimal) -> float | int | str | None:
    if not isfinite(value):
        return None
    if isinstance(value, float):
        return value
    if value == value.to_integral_value():
        return int(value)
    return float(value) if len(value.as_tuple().digits) <= _EXACT_DIGITS else str(value)


def _moment(value: date | time | timedelta) -> str | float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    return value.isoformat()


def _text(value: object) -> str:
    if not isinstance(value, bytes | bytearray | memoryview):
        return str(storable(str(value)))
    raw = bytes(value)
    try:
        return str(storable(raw.decode()))
    except UnicodeDecodeError:
        return b64encode(raw).decode()
