"""Take apart what Langfuse's API sends and takes: ingestion batches, pages of a list, sessions."""

from collections.abc import Iterable

from tasks.sources.json_text import JsonObject, as_object, unfold

_MADE = ("observation", "generation", "span", "event", "agent", "tool", "chain", "retriever")
_TYPES = (*_MADE, "evaluator", "embedding", "guardrail")
OBSERVATION_EVENTS = frozenset(f"{kind}-{verb}" for kind in _TYPES for verb in ("create", "update"))


def split(record: JsonObject) -> list[JsonObject] | None:
    """Return the traces, observations or scores that a container holds; None if it is none."""
    if isinstance(unfold(record.get("batch")), list):
        return _traces(_objects(record["batch"]))
    if {"data", "meta"} <= record.keys():
        return _objects(record["data"])
    if {"id", "traces"} <= record.keys():
        return [{"sessionId": record["id"], **trace} for trace in _objects(record["traces"])]
    return None


def observation_of(kind: str, body: JsonObject) -> JsonObject:
    """Return the observation that an event creates or updates."""
    named = kind.partition("-")[0].upper()
    return body if "type" in body or named == "OBSERVATION" else {**body, "type": named}


def _traces(events: list[JsonObject]) -> list[JsonObject]:
    """Join the events of each trace; scores of traces that are not in the batch stay by themselves.

    An update has the last word on every field that it sets.
    """
    traces: dict[str, JsonObject] = {}
    observations: dict[str, dict[str, JsonObject]] = {}
    scores = [event for event in events if event.get("type") == "score-create"]
    for number, event in enumerate(events):
        kind, body = str(event.get("type")), as_object(event.get("body"))
        if kind == "trace-create":
            trace_id = str(body.get("id") or number)
            traces[trace_id] = _timed(event, _updated(traces.get(trace_id), body))
            observations.setdefault(trace_id, {})
        elif kind in OBSERVATION_EVENTS:
            own_id = str(body.get("id") or number)
            of_trace = observations.setdefault(str(body.get("traceId") or own_id), {})
            of_trace[own_id] = _updated(of_trace.get(own_id), observation_of(kind, body))
    return [*_joined(traces, observations, scores), *_strangers(scores, observations)]


def _joined(
    traces: dict[str, JsonObject],
    observations: dict[str, dict[str, JsonObject]],
    scores: list[JsonObject],
) -> Iterable[JsonObject]:
    for trace_id, of_trace in observations.items():
        trace = {"id": trace_id, **traces.get(trace_id, {})}
        own = [
            _timed(score, as_object(score["body"]))
            for score in scores
            if _target(score) == trace_id
        ]
        yield {"trace": {**trace, "scores": own}, "observations": list(of_trace.values())}


def _strangers(
    scores: list[JsonObject], observations: dict[str, dict[str, JsonObject]]
) -> list[JsonObject]:
    return [score for score in scores if _target(score) not in observations]


def _target(score: JsonObject) -> str:
    return str(as_object(score.get("body")).get("traceId"))


def _timed(event: JsonObject, body: JsonObject) -> JsonObject:
    return {"timestamp": event.get("timestamp"), **body}


def _updated(old: JsonObject | None, new: JsonObject) -> JsonObject:
    return {**(old or {}), **{key: value for key, value in new.items() if value is not None}}


def _objects(value: object) -> list[JsonObject]:
    listed = unfold(value)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
