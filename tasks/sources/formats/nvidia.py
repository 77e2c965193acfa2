"""NVIDIA's data flywheel: {"timestamp", "client_id", "workload_id", "request", "response"}."""

from dataclasses import replace
from hashlib import sha256

from schemas.conversation import Conversation
from tasks.sources.envelope import first_id
from tasks.sources.formats import openai_chat
from tasks.sources.json_text import JsonObject, as_object, canonical


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` is a call of a workload."""
    return "workload_id" in record and "request" in record


def read(record: JsonObject) -> Conversation:
    """Read a call as openai does.

    A workload is a node of an agent and a client an application: neither is a conversation or a
    user. A call without an id is named after both, its request and its time, because two nodes
    often get the same question in the same second.

    Raises:
        Unreadable: what openai raises.
    """
    found = openai_chat.read(record)
    if found.source_id is not None:
        return found
    call = [record.get("timestamp"), as_object(record.get("request"))]
    node = [first_id([record], name) or "" for name in ("client_id", "workload_id")]
    return replace(found, source_id="/".join([*node, sha256(canonical(call)).hexdigest()[:16]]))
