"""Find tool calls that the tool would not take."""

import re
from typing import Any

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.checks.embedded import fenced, objects, parsed
from tasks.checks.schemas import violation

_TAGGED = re.compile(r"<tool_calls?>\s*(.*?)\s*(?:</tool_calls?>|\Z)", re.DOTALL)
_NAMES = ("name", "tool", "function", "tool_name", "action")
_ARGUMENTS = ("arguments", "parameters", "args", "input", "action_input")


def _may_call(cfg: CheckSettings) -> pl.Expr:
    answer = pl.col("answer")
    tagged = answer.str.contains("<tool_call", literal=True)
    is_call = answer.str.contains(r'"(?:arguments|parameters|args|tool_calls)"\s*:')
    return tagged | (is_call & pl.col("answer").str.contains(r"^\s*(?:```|[{\[])"))


@gated(_may_call)
def invalid_tool_call(row: Answered, cfg: CheckSettings) -> str | None:
    """Find calls that do not parse, of tools that were not offered, or with wrong arguments."""
    tools = _tools(row)
    blocks = _TAGGED.findall(row.answer) or (fenced(row.answer) or [row.answer] if tools else [])
    for block in blocks:
        is_json, value = parsed(block)
        if not is_json:
            return "the tool call is no JSON"
        for call in _calls(value):
            if wrong := _wrong(call, tools):
                return wrong
    return None


def _calls(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    found = value if isinstance(value, list) else [value]
    return [_function(each) if isinstance(each, dict) else {} for each in found]


def _function(call: dict[str, Any]) -> dict[str, Any]:
    """Return what OpenAI wraps as `{"type": "function", "function": ...}`."""
    inner = call.get("function")
    return inner if isinstance(inner, dict) else call


def _wrong(call: dict[str, Any], tools: dict[str, Any]) -> str | None:
    name = next((call[key] for key in _NAMES if isinstance(call.get(key), str)), None)
    if name is None:
        return "the tool call names no tool"
    if not tools:
        return None
    if name not in tools:
        return f"the tool {name!r} was not offered"
    given: Any = next((call[key] for key in _ARGUMENTS if key in call), {})
    given = parsed(given)[1] if isinstance(given, str) else given
    if not isinstance(given, dict):
        return f"the arguments of {name!r} are no JSON object"
    return _broken(name, given, tools[name])


def _broken(name: str, given: dict[str, Any], schema: Any) -> str | None:
    known = schema.get("properties") if isinstance(schema, dict) else None
    unknown = given.keys() - known.keys() if isinstance(known, dict) else None
    if unknown:
        return f"the arguments of {name!r} have the unknown key {min(unknown)!r}"
    wrong = violation(given, schema)
    return f"the arguments of {name!r} are wrong: {wrong}" if wrong else None


def _tools(row: Answered) -> dict[str, Any]:
    """Return the schema of the arguments of each tool offered, by name."""
    offered = parsed(row.tools)[1] if row.tools else objects(row.system)
    found: dict[str, Any] = {}
    for each in _flat(offered):
        tool = _function(each)
        name = tool.get("name")
        schema = tool.get("parameters", tool.get("input_schema"))
        if isinstance(name, str) and schema is not None:
            found[name] = schema
    return found


def _flat(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value]
    return [each for part in value for each in _flat(part)] if isinstance(value, list) else []
