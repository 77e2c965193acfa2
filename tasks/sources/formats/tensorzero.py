"""TensorZero: chat inferences and the four kinds of feedback, as its tables are exported."""

from collections.abc import Sequence
from hashlib import sha256

from schemas.conversation import Conversation, Message, Unreadable, Vote
from tasks.sources.dialects import messages_of
from tasks.sources.envelope import first_id, first_time
from tasks.sources.exchanges import offered
from tasks.sources.json_text import JsonObject, as_object, canonical, unfold
from tasks.sources.messages import listed, parts_text, read_messages
from tasks.sources.timestamps import uuid7_time
from tasks.sources.votes import number

IDS = ("id", "inference_id")  # as its tables have it, and as its API lists inferences
TARGETS = ("target_id", "inference_id")
FEEDBACK_KINDS = ("metric_name", "inference_id", "target_type")


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` is an inference or a feedback."""
    return {"function_name", "episode_id", "input"} <= record.keys() or _is_feedback(record)


def read(record: JsonObject) -> Conversation | list[Vote]:
    """Read an inference as a conversation, a feedback as one vote.

    Raises:
        Unreadable: no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    return [_vote(record)] if _is_feedback(record) else _conversation(record)


def _is_feedback(record: JsonObject) -> bool:
    return (
        "value" in record
        and any(key in record for key in TARGETS)
        and any(key in record for key in FEEDBACK_KINDS)
    )


def _conversation(record: JsonObject) -> Conversation:
    """Read the history so far and the reply.

    Inferences of one episode, function and first user turn are versions of one conversation.
    It starts with the episode, whose time all versions share: 93 of 546 logged inference ids
    are older than their episode's, so the lesser of both would not be stable.
    """
    messages = _messages(as_object(record["input"]), record.get("output"))
    first_user = next((message for message in messages if message["role"] == "user"), None)
    if first_user is None:
        raise Unreadable("no_user_turn", f"none of {len(messages)} messages is from a user")
    episode_id, inference_id = first_id([record], "episode_id"), first_id([record], *IDS)
    shared_id = f"{episode_id}/{record['function_name']}/{_short_hash(first_user)}"
    made_at = uuid7_time(inference_id) or first_time([record], "timestamp")
    return Conversation(
        messages=messages,
        source_id=shared_id if episode_id else inference_id,
        record_ref=inference_id,
        session_id=episode_id,
        started_at=uuid7_time(episode_id) or made_at,
        updated_at=made_at,
        model=first_id([record], "variant_name"),
        user=first_id([as_object(record.get("tags"))], "user_id", "user"),
        tools=_tools(record),
    )


def _tools(record: JsonObject) -> str | None:
    """Return the tools of an inference: in its parameters, or beside them as the API has it."""
    params = as_object(record.get("tool_params"))
    lists = (params.get("tools_available"), record.get("additional_tools"))
    return offered(*({"tools": tools} for tools in lists))


def _messages(given: JsonObject, output: object) -> list[Message]:
    system = given.get("system")
    start = [{"role": "system", "content": system}] if system else []
    reply = _reply(output)
    end = [{"role": "assistant", "content": reply}] if reply else []
    items = [*start, *listed(given.get("messages")), *end]
    return read_messages([said for item in items for said in _said(item)])


def _said(item: object) -> Sequence[object]:
    """Give results of tools messages of their own; leave what is no message to be refused."""
    return messages_of(item) or [item]


def _reply(output: object) -> object:
    """Return the content blocks of a chat function, the raw text of a JSON function."""
    found = unfold(output)
    return found["raw"] if isinstance(found, dict) and "raw" in found else found


def _short_hash(message: Message) -> str:
    return sha256(canonical([message["content"], message["parts"]])).hexdigest()[:12]


def _vote(record: JsonObject) -> Vote:
    vote_id, value = first_id([record], "id"), unfold(record["value"])
    kind = first_id([record], "metric_name")
    if kind is None:
        kind = "demonstration" if "inference_id" in record else "comment"
    return Vote(
        kind=kind,
        value=number(value),
        target_id=first_id([record], *TARGETS),
        vote_id=vote_id,
        comment=_comment(value),
        at=uuid7_time(vote_id) or first_time([record], "timestamp"),
    )


def _comment(value: object) -> str | None:
    """Return a comment, or the text of a demonstrated reply."""
    if isinstance(value, list):
        return parts_text(value)
    if isinstance(value, dict) and isinstance(value.get("raw"), str):
        return str(value["raw"])
    return value if isinstance(value, str) else None
