"""Take off what HTTP loggers, cassettes and batch files wrap around a body."""

from email.utils import parsedate_to_datetime

from tasks.sources.json_text import JsonObject, as_object, unfold

_WRAPPERS = ({"string"}, {"string", "encoding"}, {"text"}, {"text", "mimeType"})


def body_of(value: object) -> object:
    """Return the body of a logged request or response: what its JSON holds, or its text."""
    found = unfold(value)
    if isinstance(found, dict) and "body" in found:
        return body_of(found["body"])
    if isinstance(found, dict) and found.keys() in _WRAPPERS:
        return body_of(next(iter(found.values())))
    return found


def header_place(value: object) -> JsonObject:
    """Return the id and the time that stand in the headers of a logged response."""
    headers = as_object(as_object(value).get("headers"))
    named = {str(name).lower(): _single(given) for name, given in headers.items()}
    return {"request_id": named.get("x-request-id"), "created": _time(named.get("date"))}


def is_failure(place: JsonObject) -> bool:
    """Tell whether a status says that the call failed: 404, "500", {"code": 429}, "failure"."""
    return any(_failed(place.get(key)) for key in ("status", "status_code", "statusCode"))


def _failed(status: object) -> bool:
    if isinstance(status, dict):
        status = status.get("code")
    if isinstance(status, str):
        return status in ("failure", "failed", "error") or (
            status.isdecimal() and len(status) == 3 and status >= "400"
        )
    return isinstance(status, int) and status >= 400


def _single(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _time(value: object) -> str | None:
    try:
        return parsedate_to_datetime(str(value)).isoformat() if value else None
    except ValueError:
        return None
