"""A training row as trainers read it: one function per format.

A shape returns the columns of one row, `tools` as JSON text where there are any, or raises
`CannotSay`. `id` is the answer's, so that `flywheel explain` finds where a row comes from.
"""

import json
from collections.abc import Sequence
from typing import Any

from tasks.exports.refusals import CannotSay
from tasks.exports.rows import Message, Row, spoken
from tasks.exports.tools import is_function

Shaped = dict[str, Any]

_HEARD = {"user": "human", "tool": "observation"}  # what sharegpt calls those who are answered


def messages(row: Row) -> Shaped:
    """One list of messages: TRL's language modelling, axolotl's chat_template."""
    return {"id": row.id, "messages": [*row.prompt, *row.completion], "tools": _tools(row)}


def prompt_completion(row: Row) -> Shaped:
    """TRL's conversational prompt and completion: the completion alone carries loss."""
    return {
        "id": row.id,
        "prompt": row.prompt,
        "completion": row.completion,
        "tools": _tools(row),
    }


def alpaca(row: Row) -> Shaped:
    """LLaMA-Factory's alpaca: text only, user and assistant in turn.

    Raises:
        CannotSay: tools, roles_out_of_turn.
    """
    if row.tools or any(one["role"] == "tool" or "tool_calls" in one for one in row.prompt):
        raise CannotSay("tools")
    system, said = _system_first(row.prompt)
    if [one["role"] for one in said] != ["user", "assistant"] * (len(said) // 2) + ["user"]:
        raise CannotSay("roles_out_of_turn")
    texts = [one["content"] for one in said]
    return {
        "id": row.id,
        "instruction": texts[-1],
        "input": "",
        "output": row.answer,
        "system": system,
        "history": [list(pair) for pair in zip(texts[:-1:2], texts[1::2], strict=True)],
    }


def sharegpt(row: Row) -> Shaped:
    """LLaMA-Factory's sharegpt: human or observation, then gpt or function_call, in turn.

    Raises:
        CannotSay: roles_out_of_turn, words_beside_a_call, no_function.
    """
    system, said = _system_first([*row.prompt, *row.completion])
    turns = [_turn(one) for one in said]
    heard = [turn["from"] in _HEARD.values() for turn in turns]
    if heard != [True, False] * (len(turns) // 2):
        raise CannotSay("roles_out_of_turn")
    if not all(map(is_function, row.tools)):
        raise CannotSay("no_function")
    functions = [tool["function"] for tool in row.tools]
    tools = dump(functions) if functions else ""
    return {"id": row.id, "conversations": turns, "system": system, "tools": tools}


def dpo(row: Row) -> Shaped:
    """TRL's preference pairs: two answers to one prompt, the better one first."""
    return {
        "id": row.id,
        "prompt": row.prompt,
        "chosen": row.completion,
        "rejected": [spoken(row.rejected or "")],
        "why": row.why,
        "tools": _tools(row),
    }


def kto(row: Row) -> Shaped:
    """TRL's unpaired preferences: one answer, and whether the user liked it."""
    return {
        "id": row.id,
        "prompt": row.prompt,
        "completion": row.completion,
        "label": row.label,
        "tools": _tools(row),
    }


_AS_IT_IS = json.JSONEncoder(ensure_ascii=False)  # `json.dumps` makes one for each call


def dump(value: object) -> str:
    """Write JSON with every script as it is."""
    return _AS_IT_IS.encode(value)


def _tools(row: Row) -> str | None:
    return dump(row.tools) if row.tools else None


def _system_first(said: Sequence[Message]) -> tuple[str, list[Message]]:
    """Split off the system prompts that open a conversation; one in its middle is out of turn."""
    start = next((at for at, one in enumerate(said) if one["role"] != "system"), len(said))
    return "\n\n".join(one["content"] for one in said[:start]), list(said[start:])


def _turn(message: Message) -> dict[str, str]:
    calls = message.get("tool_calls")
    if calls:
        if message["content"].strip():
            raise CannotSay("words_beside_a_call")
        return {"from": "function_call", "value": dump([_called(call) for call in calls])}
    return {"from": _HEARD.get(message["role"], "gpt"), "value": message["content"]}


def _called(call: Any) -> dict[str, Any]:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), dict):
        raise CannotSay("no_function")
    return {"name": function.get("name"), "arguments": function["arguments"]}
