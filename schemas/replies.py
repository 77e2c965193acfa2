"""What the strong model is asked to reply, and how its reply is read."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict


class TagReply(BaseModel):
    """The task type of a prompt; the reason comes first, so that it can guide the choice."""

    model_config = ConfigDict(extra="ignore")

    reason: str = ""
    task_type: str


def tag_format(labels: Sequence[str]) -> dict[str, Any]:
    """Return the `response_format` that closes the list of labels ("area/kind")."""
    schema = {
        "type": "object",
        "properties": {
            "reason": {"type": "string"},
            "task_type": {"type": "string", "enum": list(labels)},
        },
        "required": ["reason", "task_type"],
        "additionalProperties": False,
    }
    return {
        "type": "json_schema",
        "json_schema": {"name": "task_type", "strict": True, "schema": schema},
    }
