"""Write a conversation as tracing tools log it: what test_trace_round_trip reads back.

`writers.py` holds the same for chat logs, and says what a writer is.
"""

import json
from typing import Any
from uuid import UUID

from schemas.conversation import Conversation
from tasks.sources.json_text import dump
from tests.tasks.sources.writers import ALL, JsonObject, Writer, always, logged

HELD = ALL - {"votes"}  # scores of traces are on a turn, and have a test of their own


def seconds(chat: Conversation) -> str | None:
    return chat.started_at and chat.started_at.isoformat()


def generation(chat: Conversation) -> JsonObject:
    """Return the last call of a chat: what it was given, and what came back."""
    *given, got = (logged(message) for message in chat.messages)
    return {
        "id": "o1",
        "traceId": "t1",
        "type": "GENERATION",
        "model": chat.model,
        "input": given,
        "output": got,
        "startTime": seconds(chat),
    }


def scores(chat: Conversation) -> list[JsonObject]:
    return [{"name": vote.kind, "value": vote.value, "dataType": "BOOLEAN"} for vote in chat.votes]


def trace(chat: Conversation) -> JsonObject:
    own = {"id": "t1", "sessionId": chat.source_id, "userId": chat.user}
    return own | {"timestamp": seconds(chat), "scores": scores(chat)}


def write_trace(chat: Conversation) -> JsonObject:
    """Write a trace as Langfuse's API gives it."""
    return {**trace(chat), "observations": [generation(chat)]}


def write_download(chat: Conversation) -> JsonObject:
    """Write a trace as Langfuse's page downloads it: inputs and outputs are JSON text."""
    made = generation(chat)
    texts = {key: dump(made[key]) for key in ("input", "output")}
    return {"trace": trace(chat), "observations": [{**made, **texts}]}


def write_row(chat: Conversation) -> JsonObject:
    """Write an observation as Langfuse exports it to blob storage."""
    made, own = generation(chat), trace(chat)
    row = {"id": "o1", "trace_id": "t1", "type": "GENERATION", "provided_model_name": chat.model}
    row |= {"session_id": own["sessionId"], "user_id": own["userId"]}
    row |= {"start_time": made["startTime"], "end_time": None}
    return row | {key: dump(made[key]) for key in ("input", "output")}


def write_batch(chat: Conversation) -> JsonObject:
    """Write the events that Langfuse's SDK sends: the output comes with the update."""
    made = generation(chat)
    update = {key: made.pop(key) for key in ("output", "model")}
    bodies = [
        ("trace-create", {key: value for key, value in trace(chat).items() if key != "scores"}),
        ("generation-create", made),
        ("generation-update", {"id": "o1", "traceId": "t1", **update}),
        *(("score-create", {"traceId": "t1", **score}) for score in scores(chat)),
    ]
    return {
        "batch": [
            {"id": str(n), "type": kind, "timestamp": seconds(chat), "body": body}
            for n, (kind, body) in enumerate(bodies)
        ],
        "metadata": {},
    }


def otel_parts(message: dict[str, Any]) -> list[JsonObject]:
    """Return the parts of a message as OpenTelemetry's conventions have them."""
    if message["role"] == "tool":
        result = {"id": message["tool_call_id"], "response": message["content"]}
        return [{"type": "tool_call_response", **result}]
    calls = json.loads(message["tool_calls"] or "[]")
    named = ((call["id"], call["function"]) for call in calls)
    made = [
        {"type": "tool_call", "id": n, "name": f["name"], "arguments": json.loads(f["arguments"])}
        for n, f in named
    ]
    text = [{"type": "text", "content": message["content"]}]
    said = json.loads(message["parts"]) if message["parts"] else text
    return [*said, *made]


def otel_attributes(chat: Conversation) -> JsonObject:
    *given, got = ({"role": m["role"], "parts": otel_parts(m)} for m in chat.messages)
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.conversation.id": chat.source_id,
        "gen_ai.request.model": chat.model,
        "user.id": chat.user,
        "gen_ai.input.messages": given,
        "gen_ai.output.messages": [{**got, "finish_reason": "stop"}],
    }


def write_span(chat: Conversation) -> JsonObject:
    """Write a span as OpenTelemetry's SDK prints it: structures are JSON text."""
    given = {
        k: v if isinstance(v, str | None) else dump(v) for k, v in otel_attributes(chat).items()
    }
    ids = {"trace_id": "0x1", "span_id": "0x2"}
    return {
        "name": "chat",
        "context": ids,
        "start_time": seconds(chat),
        "attributes": given,
        "events": [],
    }


def any_value(value: object) -> JsonObject:
    if isinstance(value, dict):
        pairs = [{"key": key, "value": any_value(inner)} for key, inner in value.items()]
        return {"kvlistValue": {"values": pairs}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(inner) for inner in value]}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):  # of 64 bits, or a double
        return {"intValue": str(value)} if -(2**63) <= value < 2**63 else {"doubleValue": value}
    return {"stringValue": value}


def otlp(chat: Conversation, record: JsonObject, outer: str, scope: str, inner: str) -> JsonObject:
    given = {key: value for key, value in otel_attributes(chat).items() if value is not None}
    pairs = [{"key": key, "value": any_value(value)} for key, value in given.items()]
    record = {"traceId": "1", "spanId": "2", "attributes": pairs, **record}
    return {outer: [{"resource": {}, scope: [{"scope": {}, inner: [record]}]}]}


def nanos(chat: Conversation) -> str:
    return str(int(chat.started_at.timestamp()) * 1_000_000_000) if chat.started_at else "0"


def write_otlp_spans(chat: Conversation) -> JsonObject:
    """Write an export of one span in OTLP's JSON: structures are values of its own encoding."""
    record = {"startTimeUnixNano": nanos(chat), "kind": 3}
    return otlp(chat, record, "resourceSpans", "scopeSpans", "spans")


def write_otlp_logs(chat: Conversation) -> JsonObject:
    """Write an export of one event in OTLP's JSON."""
    name = "gen_ai.client.inference.operation.details"
    record = {"timeUnixNano": nanos(chat), "eventName": name}
    return otlp(chat, record, "resourceLogs", "scopeLogs", "logRecords")


def uuid7(chat: Conversation) -> str:
    """Return an id of the time of the chat, as RFC 9562 makes it."""
    ms = int(chat.started_at.timestamp() * 1_000) if chat.started_at else 0
    return str(UUID(int=(ms << 80) | (7 << 76) | (2 << 62)))


def tensorzero_content(message: dict[str, Any]) -> object:
    if message["role"] == "tool":
        result = {"id": message["tool_call_id"], "result": message["content"]}
        return [{"type": "tool_result", **result}]
    calls = json.loads(message["tool_calls"] or "[]")
    blocks = [{"type": "tool_call", "id": call["id"], **call["function"]} for call in calls]
    return blocks or message["content"]


def fits_tensorzero(chat: Conversation) -> bool:
    """Hold what has one system prompt with words in it, no parts, and no words beside calls."""
    return all(
        not message["parts"] and not (message["tool_calls"] and message["content"])
        for message in chat.messages
    ) and all(
        message["role"] != "system" or (n == 0 and message["content"])
        for n, message in enumerate(chat.messages)
    )


def write_tensorzero(chat: Conversation) -> JsonObject:
    """Write an inference of a JSON function, whose reply is text."""
    *given, got = chat.messages
    roles = {"tool": "user"}
    said = [
        {"role": roles.get(m["role"], m["role"]), "content": tensorzero_content(m)}
        for m in given
        if m["role"] != "system"
    ]
    system = next((m["content"] for m in given if m["role"] == "system"), None)
    return {
        "id": uuid7(chat),
        "episode_id": uuid7(chat),
        "function_name": "f",
        "variant_name": chat.model,
        "input": dump({"system": system, "messages": said}),
        "output": dump({"raw": got["content"], "parsed": None}),
        "tags": {"user_id": chat.user} if chat.user else {},
    }


WRITERS: dict[str, Writer] = {
    "langfuse trace": Writer(always, write_trace, HELD),
    "langfuse download": Writer(always, write_download, HELD),
    "langfuse row": Writer(always, write_row, HELD),
    "langfuse batch": Writer(always, write_batch, HELD),
    "otel span": Writer(always, write_span, HELD),
    "otel export": Writer(always, write_otlp_spans, HELD),
    "otel log export": Writer(always, write_otlp_logs, HELD),
    "tensorzero": Writer(fits_tensorzero, write_tensorzero, HELD - {"source_id"}),
}
