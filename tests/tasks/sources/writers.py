"""Write a conversation as each format logs it: what test_round_trip reads back.

`trace_writers.py` holds the same for the formats of tracing tools. A name begins with the format
that is to recognise the record.
"""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from schemas.conversation import Conversation

JsonObject = dict[str, Any]
ALL = frozenset({"messages", "source_id", "started_at", "model", "user", "votes"})


class Writer(NamedTuple):
    """How a format is written."""

    can_hold: Callable[[Conversation], bool]  # nothing of its messages would be lost
    write: Callable[[Conversation], JsonObject]  # the record; a container of one is fine too
    keeps: frozenset[str] = ALL  # fields of Conversation that come back as they were


def logged(message: dict[str, Any]) -> JsonObject:
    """Return a message of the store as OpenAI's API would have it."""
    found: JsonObject = {"role": message["role"], "content": message["content"]}
    if message["parts"]:
        found["content"] = json.loads(message["parts"])
    if message["tool_calls"]:
        found["tool_calls"] = json.loads(message["tool_calls"])
        found["content"] = found["content"] or None
    return found | {key: message[key] for key in ("name", "tool_call_id") if message[key]}


def around(chat: Conversation) -> JsonObject:
    """Return the id, time, model, user and thumb of a conversation, as a top level has them."""
    given = {
        "conversation_id": chat.source_id,
        "timestamp": chat.started_at and chat.started_at.isoformat(),
        "model": chat.model,
        "user": chat.user,
        "feedback": thumb(chat),
    }
    return {key: value for key, value in given.items() if value is not None}


def thumb(chat: Conversation) -> str | None:
    return next(("up" if vote.value else "down" for vote in chat.votes), None)


def always(_chat: Conversation) -> bool:
    """Hold any conversation."""
    return True


def has_no_calls(chat: Conversation) -> bool:
    return not any(m["tool_calls"] or m["role"] == "tool" for m in chat.messages)


def is_plain(chat: Conversation) -> bool:
    """Hold texts of users, assistants and a system that says something."""
    texts = all(m["parts"] is None and m["content"] for m in chat.messages)
    return texts and has_no_calls(chat)


def is_one_exchange(chat: Conversation) -> bool:
    return is_plain(chat) and [m["role"] for m in chat.messages].count("user") == 1


def calls_say_nothing(chat: Conversation) -> bool:
    """Hold calls as items by themselves: what is said beside them would become a part."""
    return not any(m["tool_calls"] and m["content"] for m in chat.messages)


def write_messages(chat: Conversation) -> JsonObject:
    return {"messages": [logged(message) for message in chat.messages], **around(chat)}


def write_row(chat: Conversation) -> JsonObject:
    """Write a row of a table, in which all is text."""
    record = write_messages(chat)
    return record | {"messages": json.dumps(record["messages"], ensure_ascii=False)}


def call(chat: Conversation) -> tuple[JsonObject, JsonObject]:
    """Return the request that led to the last message, and the response that held it."""
    *sent, reply = [logged(message) for message in chat.messages]
    choice = {"index": 0, "message": reply, "finish_reason": "stop"}
    response = {"object": "chat.completion", "choices": [choice]}
    return {"messages": sent, "tools": []}, response


def write_call(chat: Conversation) -> JsonObject:
    request, response = call(chat)
    return {"request": request, "response": response, **around(chat)}


def write_stream(chat: Conversation) -> JsonObject:
    """Write the reply letter by letter, as server-sent events."""
    request, response = call(chat)
    deltas = [{"content": letter} for letter in response["choices"][0]["message"]["content"]]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    chunks = [{"object": "chat.completion.chunk", "choices": [choice]} for choice in choices]
    lines = [*(json.dumps(chunk, ensure_ascii=False) for chunk in chunks), "[DONE]"]
    body = "".join(f"data: {line}\n\n" for line in lines)
    return {"request": request, "response": {"status": 200, "body": body}, **around(chat)}


def write_cassette(chat: Conversation) -> JsonObject:
    """Write recorded HTTP traffic; the id of the reply is all that names the chat."""
    request, response = call(chat)
    sent = request | {"user": chat.user}
    time = {"created": chat.started_at and int(chat.started_at.timestamp())}
    back = response | {"id": chat.source_id, "model": chat.model, **time}
    answer = {"status": {"code": 200, "message": "OK"}, "body": {"string": json.dumps(back)}}
    return {"interactions": [{"request": {"body": json.dumps(sent)}, "response": answer}]}


def items(messages: list[JsonObject]) -> list[JsonObject]:
    """Return messages as items of the Responses API."""
    found: list[JsonObject] = []
    for message in messages:
        given = logged(message)
        if message["role"] == "tool":
            output = {"call_id": message["tool_call_id"], "output": given["content"]}
            found.append({"type": "function_call_output", **output})
        elif message["tool_calls"]:
            calls = ((each["id"], each["function"]) for each in given["tool_calls"])
            found += [{"type": "function_call", "call_id": id_, **made} for id_, made in calls]
        else:
            found.append({"type": "message", **given})
    return found


def write_responses(chat: Conversation) -> JsonObject:
    request = {"input": items(chat.messages[:-1])}
    response = {"object": "response", "status": "completed", "output": items(chat.messages[-1:])}
    return {"request": request, "response": response, **around(chat)}


def write_litellm(chat: Conversation) -> JsonObject:
    request, response = call(chat)
    return {
        **{"call_type": "acompletion", "status": "success", "request_tags": []},
        **{"messages": request["messages"], "response": response, "model": chat.model},
        **{"trace_id": chat.source_id, "end_user": chat.user or ""},
        "startTime": chat.started_at and chat.started_at.timestamp(),
        "metadata": {"requester_metadata": {"feedback": thumb(chat)}},
    }


def write_spend_log(chat: Conversation) -> JsonObject:
    """Write a row of LiteLLM's database, which keeps objects as text."""
    record = write_litellm(chat)
    folded = {key: json.dumps(record[key]) for key in ("messages", "response", "metadata")}
    return {**record, **folded, "spend": 0.1, "session_id": record.pop("trace_id")}


def write_nvidia(chat: Conversation) -> JsonObject:
    return {"workload_id": "chat", "client_id": "app", **write_call(chat)}


def write_sharegpt(chat: Conversation) -> JsonObject:
    names = {"user": "human", "assistant": "gpt", "system": "system"}
    said = [(names[m["role"]], logged(m)["content"]) for m in chat.messages]
    return {"conversations": [{"from": who, "value": what} for who, what in said], **around(chat)}


def write_alpaca(chat: Conversation) -> JsonObject:
    texts = [m["content"] for m in chat.messages if m["role"] != "system"]
    system = {m["role"]: m["content"] for m in chat.messages if m["role"] == "system"}
    asked = {"history": [*map(list, list(pairwise(texts))[:-1:2])], "instruction": texts[-2]}
    return {**system, **asked, "input": "", "output": texts[-1], **around(chat)}


def write_prompt(chat: Conversation) -> JsonObject:
    names = {"user": "prompt", "assistant": "completion", "system": "system"}
    return {names[m["role"]]: m["content"] for m in chat.messages} | around(chat)


def is_tree_of_two(chat: Conversation) -> bool:
    return is_plain(chat) and all(m["role"] != "system" for m in chat.messages)


def write_oasst(chat: Conversation) -> JsonObject:
    node: JsonObject = {}
    for number, message in reversed(list(enumerate(chat.messages))):
        role = {"user": "prompter", "assistant": "assistant"}[message["role"]]
        said = {"message_id": f"m{number}", "role": role, "text": message["content"]}
        time = chat.started_at and chat.started_at.isoformat()
        made = {"created_date": time, "model_name": chat.model}
        node = {**said, **made, "replies": [node] if node else []}
    return {"message_tree_id": chat.source_id, "tree_state": "growing", "prompt": node}


def is_shown(chat: Conversation) -> bool:
    """Hold a text with images after it, and calls that say nothing beside."""
    asked = [json.loads(m["parts"]) for m in chat.messages if m["parts"]]
    kinds = [[part["type"] for part in parts] for parts in asked]
    fits = all("image_url" in kind and "text" not in kind[1:] for kind in kinds)
    empty = any(part.get("text") == "" for parts in asked for part in parts)
    blank = any(m["role"] == "system" and not m["content"] for m in chat.messages)
    return fits and not empty and not blank and calls_say_nothing(chat)


def write_openwebui(chat: Conversation) -> JsonObject:
    """Write a tree of one branch; calls, results and the reply to them are one message."""
    system = next((m["content"] for m in chat.messages if m["role"] == "system"), None)
    time = chat.started_at and int(chat.started_at.timestamp())
    tree: dict[str, JsonObject] = {}
    replying: list[Any] = []
    for message in chat.messages:
        if message["role"] == "user":
            shown = shown_question(message)
        elif message["tool_calls"] or message["role"] == "tool":
            replying.append(message)
            continue
        elif message["role"] == "assistant":
            shown = {"role": "assistant", "content": message["content"], "model": chat.model}
            shown |= {"output": items([*replying, message])} if replying else {}
            replying = []
        else:
            continue
        parent = str(len(tree)) if tree else None
        tree[str(len(tree) + 1)] = {"parentId": parent, "timestamp": time, **shown}
    history = {"messages": tree, "currentId": str(len(tree))}
    whole = {"history": history, "params": {"system": system}}
    return {"id": chat.source_id, "user_id": chat.user, "chat": whole}


def shown_question(message: dict[str, Any]) -> JsonObject:
    parts = json.loads(message["parts"] or "[]")
    images = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    files = [{"type": "image", "url": url} for url in images]
    return {"role": "user", "content": message["content"], "files": files}


WRITERS: dict[str, Writer] = {
    "messages": Writer(always, write_messages),
    "messages in a table": Writer(always, write_row),
    "openai": Writer(always, write_call),
    "openai stream": Writer(always, write_stream),
    "openai cassette": Writer(always, write_cassette, ALL - {"votes"}),
    "openai responses": Writer(calls_say_nothing, write_responses),
    "nvidia": Writer(always, write_nvidia),
    "litellm": Writer(always, write_litellm),
    "litellm spend log": Writer(always, write_spend_log),
    "openwebui": Writer(is_shown, write_openwebui, ALL - {"votes"}),  # they name a turn there
    "sharegpt": Writer(has_no_calls, write_sharegpt),
    "alpaca": Writer(is_plain, write_alpaca),
    "prompt": Writer(is_one_exchange, write_prompt),
    "oasst": Writer(is_tree_of_two, write_oasst, frozenset({"messages", "started_at", "model"})),
}
