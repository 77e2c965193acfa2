"""Change the values of JSON text and nothing else in it."""

import json
import re
from collections.abc import Callable

Change = Callable[[str, str], str]  # value, the key before it or "" -> new value

# Possessive: a megabyte of base64 leaves nothing to backtrack over.
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]++|\\.)*+")(?P<colon>\s*+:)?'
    r"|(?P<number>-?[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_json(text: str) -> bool:
    """Tell whether `text` is one JSON value, of numbers of any length."""
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def map_values(text: str, change: Change) -> str:
    """Pass every string, key and number of valid JSON text through `change`.

    Keys, changed ones, are handed on with the values behind them. A number that changes becomes
    a string. What does not change keeps its bytes: spaces, escapes, long numbers, equal keys.
    """
    key = ""

    def rewrite(token: re.Match[str]) -> str:
        nonlocal key
        if token["number"]:
            return _rewrite_number(token["number"], key, change)
        value = json.loads(token["string"])
        changed = change(value, "" if token["colon"] else key)
        if token["colon"]:
            key = changed
        return (token["string"] if changed == value else _quote(changed)) + (token["colon"] or "")

    return _TOKEN.sub(rewrite, text)


def _rewrite_number(number: str, key: str, change: Change) -> str:
    whole = _whole(number)
    changed = change(whole, key)
    return number if changed == whole else _quote(changed)


def _whole(number: str) -> str:
    """Write a whole number without decimals: gaps in a column make 13800138000.0, Java 1.38E10."""
    if "." not in number and "e" not in number.lower():
        return number
    value = float(number)
    is_whole = abs(value) < 1e19 and value.is_integer()
    return str(int(value)) if is_whole and "e" in number.lower() else re.sub(r"\.0+\Z", "", number)


def _quote(text: str) -> str:
    """Write a JSON string; escape everything if a lone surrogate could not be stored."""
    return json.dumps(text, ensure_ascii=_SURROGATE.search(text) is not None)
