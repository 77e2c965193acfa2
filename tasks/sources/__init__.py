"""Where logs come from (SOURCES) and what shapes their records have (FORMATS)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol

from schemas.conversation import Conversation, Unreadable, Vote
from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources.files import files
from tasks.sources.formats import (
    alpaca,
    langfuse,
    langfuse_batch,
    litellm,
    messages,
    nvidia,
    oasst,
    openai_chat,
    openwebui,
    otel,
    prompt,
    sharegpt,
    tensorzero,
    vote,
)
from tasks.sources.records import Log
from tasks.sources.sql import sql
from tasks.sources.valid import checked


class Format(Protocol):
    """One shape of log records; every module in `formats/` is one."""

    def recognises(self, record: dict[str, Any]) -> bool:
        """Tell from the keys alone whether `read` is meant for this record."""

    def read(self, record: dict[str, Any]) -> Conversation | list[Vote]:
        """Read a record that is recognised.

        Raises:
            Unreadable: what is wrong with it.
        """


class Source(Protocol):
    """One kind of place that logs come from."""

    def __call__(self, cfg: SourceSettings, days: Sequence[date] = (), /) -> Sequence[Log]:
        """List what there is to read; `days` are those a source that is asked by day is asked for.

        Raises:
            SourceError: there is nothing, or no way there.
        """


SOURCES: dict[str, Source] = {"files": files, "sql": sql}

FORMATS: dict[str, Format] = {  # order = who is asked first
    "tensorzero": tensorzero,
    "openwebui": openwebui,
    "oasst": oasst,
    "otel": otel,
    "langfuse": langfuse,
    "vote": vote,
    "litellm": litellm,
    "nvidia": nvidia,
    "openai": openai_chat,
    "sharegpt": sharegpt,
    "alpaca": alpaca,
    "messages": messages,
    "prompt": prompt,
}

# A record that holds several, taken apart; None from who does not know it.
SPLITTERS: tuple[Callable[[dict[str, Any]], list[dict[str, Any]] | None], ...] = (
    openai_chat.split,
    openwebui.split,
    oasst.split,
    langfuse_batch.split,
    otel.split,
)


def split_record(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records that a container holds: the traces of a batch, the branches of a tree.

    Any other record, and a container that is empty, comes back as it is.
    """
    parts = (parts for split in SPLITTERS if (parts := split(record)) is not None)
    return next(parts, None) or [record]


def read_record(record: dict[str, Any], format: str = "auto") -> Conversation | list[Vote]:
    """Read one record as `format`; auto asks each format whether it recognises the record.

    Raises:
        Unreadable: what is wrong with this record. The detail of unknown_format names keys and
            no values; that of other reasons may quote the role or time at fault.
        SourceError: there is no such format.
    """
    found = FORMATS[format_of(record, format)].read(record)
    return checked(found) if isinstance(found, Conversation) else found


def format_of(record: dict[str, Any], format: str = "auto") -> str:
    """Return the name of the format that recognises the record.

    Raises:
        Unreadable: unknown_format; the detail names keys and no values.
        SourceError: there is no format named `format`.
    """
    if format != "auto" and format not in FORMATS:
        known = ", ".join(["auto", *FORMATS])
        raise SourceError(
            f"no log format named {format!r}; known formats: {known}. "
            "Fix `format` in flywheel.toml, or add a module to tasks/sources/formats."
        )
    asked = list(FORMATS) if format == "auto" else [format]
    name = next((name for name in asked if _knows(name, record, format != "auto")), None)
    if name is None:
        wanted = "a known format" if format == "auto" else format
        raise Unreadable("unknown_format", f"not {wanted}; its keys are {_keys(record)}")
    return name


def _knows(name: str, record: dict[str, Any], is_named: bool) -> bool:
    """Ask a format; one that was named may accept what would prove nothing otherwise."""
    reader = FORMATS[name]
    return bool(
        getattr(reader, "accepts", reader.recognises)(record)
        if is_named
        else reader.recognises(record)
    )


def _keys(record: dict[str, Any]) -> str:
    return ", ".join(key[:40] for key in list(record)[:20]) or "none"
