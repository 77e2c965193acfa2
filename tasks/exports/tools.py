"""The tools that a model was offered, in one shape, whichever API they were logged from."""

import json
from collections.abc import Mapping
from typing import Any

Tool = dict[str, Any]

_PARAMETERS = ("parameters", "input_schema", "inputSchema")  # OpenAI and Gemini, Anthropic, MCP
_DECLARED = ("functionDeclarations", "function_declarations")  # Gemini lists several in one
_ABOUT = ("name", "description", "strict")
_NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}}


def offered_tools(text: str | None) -> list[Tool]:
    """Return {"type": "function", "function": {"name", "parameters", ...}} for every tool.

    A tool that is no function, such as a provider's own search, stays as it was logged.
    """
    said = json.loads(text) if text else []
    return [tool for item in said for tool in _tools(item)] if isinstance(said, list) else []


def is_function(tool: Tool) -> bool:
    """Tell a function, which every trainer knows, from a provider's own tool."""
    return tool.get("type") == "function" and isinstance(tool.get("function"), dict)


def _tools(item: Any) -> list[Tool]:
    if not isinstance(item, dict):
        return []
    declared = next((item[key] for key in _DECLARED if isinstance(item.get(key), list)), None)
    if declared is not None:
        return [tool for one in declared for tool in _tools(one)]
    inner = item.get("function", item)
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
        return [item]
    if "function" not in item and not _declares(item):
        return [item]
    return [{"type": "function", "function": _function(inner)}]


def _declares(item: Tool) -> bool:
    """Tell {"name", "parameters"} from a provider's {"type": "bash_20250124", "name": "bash"}."""
    return item.get("type") in (None, "function", "custom") or any(k in item for k in _PARAMETERS)


def _function(inner: Tool) -> Tool:
    found = (inner[key] for key in _PARAMETERS if isinstance(inner.get(key), dict))
    parameters: Tool = next(found, {})
    about = {key: inner[key] for key in _ABOUT if inner.get(key) is not None}
    return {**about, "parameters": {**_NOTHING, **parameters}}
