"""Langfuse: traces, observations, scores and ingestion events, as its API and exports have them."""

from functools import lru_cache

from schemas.conversation import Conversation, Vote
from tasks.sources.formats.langfuse_batch import OBSERVATION_EVENTS, observation_of
from tasks.sources.formats.langfuse_scores import score_vote
from tasks.sources.formats.langfuse_traces import read_trace
from tasks.sources.json_text import JsonObject, as_object, unfold

_TRACE_SIGNS = frozenset({"bookmarked", "htmlPath", "projectId"})
_CHATS = ("messages", "request", "conversations", "attributes")  # what others log with a trace
_TARGETS = frozenset({"traceId", "observationId", "sessionId", "subject"})


def recognises(record: JsonObject) -> bool:
    """Tell a trace, an observation, a score or an ingestion event; keys may be snake_case."""
    return _kind(camel(record)) is not None


def read(record: JsonObject) -> Conversation | list[Vote]:
    """Read a score as a vote, anything else as the conversation it tells.

    Raises:
        Unreadable: no_messages, prompts_not_logged, bad_role, no_user_turn, bad_timestamp.
    """
    found = camel(record)
    kind = _kind(found)
    if kind == "event":
        return _read_event(found)
    if kind == "score":
        return [score_vote(found)]
    if kind == "observation":
        return read_trace(_trace_of(found), [found])
    trace = as_object(found["trace"]) if "trace" in found else found
    return read_trace(camel(trace), _listed(found.get("observations")))


def camel(record: JsonObject) -> JsonObject:
    """Write keys as Langfuse's API does; its exports to blob storage have snake_case."""
    return {_camel(key): value for key, value in record.items()}


@lru_cache(maxsize=1_000)
def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _kind(record: JsonObject) -> str | None:
    keys = record.keys()
    if "observations" in keys and keys & {"trace", "id"}:
        return "trace"
    if {"type", "body", "timestamp"} <= keys and "attributes" not in keys:
        return "event"
    if {"traceId", "startTime"} <= keys and keys.isdisjoint(_CHATS):
        return "observation"
    if "name" in keys and keys & {"value", "stringValue"} and keys & _TARGETS:
        return "score"
    is_row = {"id", "input", "output"} <= keys and keys & _TRACE_SIGNS and keys.isdisjoint(_CHATS)
    return "trace" if is_row else None


def _read_event(event: JsonObject) -> Conversation | list[Vote]:
    """Read one ingestion event by itself, as Langfuse's event store keeps them."""
    kind, body = str(event["type"]), camel(as_object(event["body"]))
    if kind == "score-create":
        return [score_vote({"timestamp": event.get("timestamp"), **body})]
    if kind in OBSERVATION_EVENTS:
        return read_trace(_trace_of(body), [observation_of(kind, body)])
    return read_trace({"timestamp": event.get("timestamp"), **body}, [])


def _trace_of(observation: JsonObject) -> JsonObject:
    """Return what an observation by itself says of its trace."""
    given = {key: observation.get(key) for key in ("sessionId", "userId")}
    return {"id": observation.get("traceId") or observation.get("id"), **given}


def _listed(value: object) -> list[JsonObject]:
    """List observations, and those that are nested in them; a mere list of ids holds none."""
    found = unfold(value)
    listed = [camel(as_object(item)) for item in found] if isinstance(found, list) else []
    nested = (_listed(item.get(key)) for item in listed for key in ("children", "observations"))
    return [item for item in listed if item] + [item for items in nested for item in items]
