"""Read and write JSON so that nothing later trips over what strangers put in it."""

import json
import math
import re
from typing import Any

from schemas.conversation import Unreadable

JsonObject = dict[str, Any]  # as logged: nobody has checked the values

MAX_DEPTH = 100  # Python's parser gives up near 1,000, at a depth that varies with its caller
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSTORABLE_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def parse(text: str) -> object:
    """Read one JSON value.

    NaN and infinities become null; NUL and lone surrogates, which databases refuse, become
    U+FFFD; of equal keys the last one wins.

    Raises:
        Unreadable: invalid_json, with the position and none of the text.
    """
    try:
        value = json.loads(text, parse_constant=_null, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Unreadable("invalid_json", str(error)) from None
    if text.count("{") + text.count("[") > MAX_DEPTH and is_deep(value):
        raise _too_deep()
    return storable(value) if _UNSTORABLE_ESCAPE.search(text) else value


def storable(value: Any) -> Any:
    """Return the JSON value with U+FFFD for NUL and lone surrogates, which databases refuse."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("\ufffd", key): storable(item) for key, item in value.items()}
    return value


def unfold(value: object) -> object:
    """Return what JSON text in a string holds, as SQL exports have it; leave the rest alone."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return parse(value)
    except Unreadable:
        return value


def as_object(value: object) -> JsonObject:
    """Return an object, also one that is JSON text; {} for anything else."""
    value = unfold(value)
    return value if isinstance(value, dict) else {}


def dump(value: object) -> str:
    """Write `value` as compact JSON text, keys in the order they came."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def canonical(value: object) -> bytes:
    """Write `value` as UTF-8 that does not depend on spacing or key order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _null(_name: str) -> None:
    return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _too_deep() -> Unreadable:
    return Unreadable("invalid_json", f"nested more than {MAX_DEPTH} levels deep")


def is_deep(value: object) -> bool:
    """Tell whether anything in `value` is nested more than MAX_DEPTH levels deep."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        level = [child for parent in level for child in _children(parent)]
        depth += 1
    return bool(level)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
