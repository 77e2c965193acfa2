"""Tools read alike, whichever API they were logged from; what is no function stays as it was."""

import json

import pytest

from tasks.exports.tools import is_function, offered_tools

SCHEMA = {"type": "object", "properties": {"zone": {"type": "string"}}}
CLOCK = {"name": "clock", "description": "The time", "parameters": SCHEMA}
ABOUT = {"name": "clock", "description": "The time"}
SEARCH = {"type": "web_search_preview"}
SHELL = {"type": "bash_20250124", "name": "bash"}


@pytest.mark.parametrize(
    "logged",
    [
        {"type": "function", "function": CLOCK},
        {"type": "function", **CLOCK},
        CLOCK,
        {**ABOUT, "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}},
        {**ABOUT, "inputSchema": SCHEMA},
        {"functionDeclarations": [CLOCK]},
    ],
    ids=["chat", "responses", "functions", "anthropic", "mcp", "gemini"],
)
def test_a_function_of_every_api_is_the_same_function(logged):
    assert offered_tools(json.dumps([logged])) == [{"type": "function", "function": CLOCK}]


def test_a_function_without_parameters_takes_none():
    [tool] = offered_tools('[{"name": "ping"}]')
    assert tool["function"]["parameters"] == {"type": "object", "properties": {}}


@pytest.mark.parametrize("logged", [SEARCH, SHELL], ids=["no name", "own name"])
def test_a_providers_own_tool_stays_as_logged_and_is_no_function(logged):
    assert offered_tools(json.dumps([logged])) == [logged]
    assert not is_function(logged)


@pytest.mark.parametrize("text", [None, "[]", "{}", '["clock"]'])
def test_nothing_offered_is_no_tool(text):
    assert offered_tools(text) == []
