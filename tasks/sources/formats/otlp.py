"""OpenTelemetry's records: OTLP's encoding undone, exports taken apart, spans of any exporter."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tasks.sources.envelope import first_id
from tasks.sources.json_text import JsonObject, as_object, unfold

ATTRIBUTES = ("attributes", "SpanAttributes", "LogAttributes", "span_attributes")
TRACE_IDS = ("traceId", "trace_id", "TraceId")
SPAN_IDS = ("spanId", "span_id", "SpanId")
STARTS = (
    *("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime"),
    *("timeUnixNano", "time_unix_nano", "timestamp", "Timestamp"),
    *("observedTimeUnixNano", "observed_time_unix_nano", "observed_timestamp"),
)
ENDS = ("endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime")
EXPORTS = frozenset({"resourceSpans", "resource_spans", "resourceLogs", "resource_logs"})
_EVENT_NAMES = ("eventName", "event_name", "EventName")
_BASE64_ID = re.compile(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{11}=")  # 16 or 8 bytes
_WHOLE = re.compile(r"-?\d{1,19}")
_INNER = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans", "scopeLogs", "scope_logs")
_RECORDS = ("spans", "logRecords", "log_records")


def attributes(record: JsonObject) -> JsonObject:
    """Return the attributes of a span, an event or a log record as one flat object."""
    found = next((unfold(record[key]) for key in ATTRIBUTES if record.get(key)), {})
    if isinstance(found, dict):
        return found
    return _of_pairs(found)


def plain(value: object) -> object:
    """Return what OTLP's {"stringValue": ...}, {"kvlistValue": ...} and the like stand for."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    kind, inner = next(iter(value.items()))
    if kind in ("kvlistValue", "kvlist_value"):
        return _of_pairs(as_object(inner).get("values"))
    if kind in ("arrayValue", "array_value"):
        return [plain(item) for item in _listed(as_object(inner).get("values"))]
    if kind in ("intValue", "int_value"):
        return _whole(inner)
    return inner if str(kind).endswith(("Value", "_value")) else value


def exported(record: JsonObject) -> list[JsonObject] | None:
    """Return the spans, or the log records of each span together; None for what is no export."""
    groups = [items for key in EXPORTS & record.keys() for items in _objects(record[key])]
    if not EXPORTS & record.keys():
        return None
    scopes = [scope for group in groups for key in _INNER for scope in _objects(group.get(key))]
    found = [item for scope in scopes for key in _RECORDS for item in _objects(scope.get(key))]
    return list(_joined(found))


class Event(NamedTuple):
    """Something that happened within a span."""

    name: str
    given: JsonObject  # its attributes
    body: object
    record: JsonObject  # as it was logged


def events(record: JsonObject) -> list[Event]:
    """List a record's events; a log record is one itself."""
    listed = next((_objects(record[key]) for key in ("events", "Events") if key in record), [])
    own = [record] if "body" in record or record.keys() & {*_EVENT_NAMES} else []
    return [
        Event(event_name(event), attributes(event), plain(event.get("body")), event)
        for event in [*listed, *own]
    ]


def event_name(event: JsonObject) -> str:
    """Return what an event says it is; older log records say it in an attribute."""
    return (
        first_id([event], *_EVENT_NAMES)
        or first_id([attributes(event)], "event.name")
        or first_id([event], "name", "Name")
        or ""
    )


def trace_id(record: JsonObject) -> str | None:
    """Return the id of the trace, as hexadecimal digits alone."""
    return _hex(record, TRACE_IDS)


def span_id(record: JsonObject) -> str | None:
    """Return the id of the span, as hexadecimal digits alone."""
    return _hex(record, SPAN_IDS)


def times(record: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Return the times of start and end that are given; 0 stands for none."""
    given = {key: value for key, value in record.items() if value not in (0, "0")}
    return _only(given, STARTS), _only(given, ENDS)


def _only(record: JsonObject, keys: tuple[str, ...]) -> JsonObject:
    return {key: record[key] for key in keys if key in record}


def _hex(record: JsonObject, keys: tuple[str, ...]) -> str | None:
    found = first_id([record, as_object(record.get("context"))], *keys)
    if found is None or not _BASE64_ID.fullmatch(found):
        return found and found.removeprefix("0x")
    return b64decode(found).hex()


def _whole(value: object) -> object:
    """Return a whole number, which OTLP writes as text because some do not fit into a float."""
    is_text = isinstance(value, str) and _WHOLE.fullmatch(value)
    return int(str(value)) if is_text else value


def _joined(records: Iterable[JsonObject]) -> Iterator[JsonObject]:
    """Join the log records of one span, each of which may hold one message."""
    logs: dict[str, JsonObject] = {}
    for record in records:
        of_span = span_id(record)
        if _is_span(record) or of_span is None:
            yield record
        else:
            ids: JsonObject = {"traceId": trace_id(record), "spanId": of_span, "attributes": {}}
            of_logs = logs.setdefault(of_span, {**ids, **times(record)[0], "events": []})
            of_logs["events"].append(record)
    yield from logs.values()


def _is_span(record: JsonObject) -> bool:
    return bool(record.keys() & {"startTimeUnixNano", "start_time_unix_nano", "kind"})


def _of_pairs(value: object) -> JsonObject:
    pairs = _objects(value)
    return {str(pair.get("key")): plain(pair.get("value")) for pair in pairs}


def _objects(value: object) -> list[JsonObject]:
    return [item for item in _listed(value) if isinstance(item, dict)]


def _listed(value: object) -> list[object]:
    found = unfold(value)
    return found if isinstance(found, list) else []
