"""What the strong model is asked to reply, and how its reply is read."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict


class TagReply(BaseModel):
    """The task type of a prompt; the reason comes first, so that it can guide the choice."""

    model_config = ConfigDict(extra="ignore")

    reason: str | None = None
    task_type: str


class PackedTag(TagReply):
    """The task type of one prompt of a pack."""

    id: str


class PackReply(BaseModel):
    """The task types of a pack of prompts, in their order."""

    model_config = ConfigDict(extra="ignore")

    tags: list[PackedTag]


def tag_format(labels: Sequence[str]) -> dict[str, Any]:
    """Return the `response_format` that closes the list of labels ("area/kind")."""
    return _format("task_type", _object(_tag(labels)))


def pack_format(labels: Sequence[str]) -> dict[str, Any]:
    """Return the `response_format` of a pack.

    It is the same for every pack, ids and count left out: servers compile a schema once and keep
    it, and a new one costs seconds. Ids, count and order are checked in the reply.
    """
    one = _object({"id": {"type": "string"}, **_tag(labels)})
    return _format("task_types", _object({"tags": {"type": "array", "items": one}}))


def _tag(labels: Sequence[str]) -> dict[str, Any]:
    return {"reason": {"type": "string"}, "task_type": {"type": "string", "enum": list(labels)}}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _format(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": schema},
    }
