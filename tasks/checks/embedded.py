"""JSON inside a text."""

import json
import re
from typing import Any

_FENCE = re.compile(r"^[ \t]*`{3,}([^\n`]*)\n(.*?)`{3,}", re.DOTALL | re.MULTILINE)
_DECODER = json.JSONDecoder()


def fenced(text: str) -> list[str]:
    """Return what stands in the code fences of a text."""
    return [match[2] for match in _FENCE.finditer(text)]


def around_fences(text: str) -> str:
    """Return what stands outside of the code fences of a text."""
    return _FENCE.sub("\n", text).strip()


def parsed(text: str) -> tuple[bool, Any]:
    """Return whether a text is JSON, and the value; `NaN` is no JSON."""
    try:
        return True, json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, None


def objects(text: str) -> list[Any]:
    """Return every JSON object or array that stands in a text, the outermost ones."""
    found: list[Any] = []
    at = 0
    while at < len(text):
        start = min((p for p in (text.find("{", at), text.find("[", at)) if p >= 0), default=-1)
        if start < 0:
            break
        try:
            value, at = _DECODER.raw_decode(text, start)
            found.append(value)
        except ValueError:
            at = start + 1
        except RecursionError:
            break  # nested deeper than anything of use
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)
