"""What the strong model said about prompts, or what is wrong with what it said."""

import json
import re
from typing import TypeVar
from unicodedata import normalize

from pydantic import BaseModel, ValidationError

from schemas.replies import PackedTag, PackReply, TagReply
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.checks.reasoning import split_reasoning

MAX_CHARS = 200_000  # a longer reply is no list of tags; reading it would only cost memory
MAX_REASON = 500

Said = TypeVar("Said", bound=BaseModel)


class Unusable(Exception):
    """A reply that names no task type; says what is wrong with it, as the model will be told."""


def read_single(text: str) -> TagReply:
    """Read the reply about one prompt; its label is not looked at.

    Raises:
        Unusable: it is no JSON object with a task type.
    """
    return _read(text, TagReply)


def read_pack(text: str, wanted: list[str]) -> list[PackedTag]:
    """Read the reply about a pack with the ids `wanted`; labels are not looked at.

    Raises:
        Unusable: it is no JSON object with one tag per id, in order.
    """
    tags = _read(text, PackReply).tags
    if [tag.id for tag in tags] != wanted:
        raise Unusable("its ids are not those of the prompts, each once and in their order")
    return tags


def checked(said: TagReply, types: TaskTypes) -> TagReply:
    """Return what was said with a label of the list, up to case, width and blanks.

    Raises:
        Unusable: the label is not on the list, and no former name of one that is.
    """
    label = re.sub(r"\s*/\s*", "/", normalize("NFKC", said.task_type).strip().lower())
    found = UNKNOWN if label == UNKNOWN else types.resolve(label)
    if found is None:
        raise Unusable(f"{said.task_type[:80]!r} is not on the list of task types")
    return TagReply(task_type=found, reason=(said.reason or "")[:MAX_REASON])


def _read(text: str, kind: type[Said]) -> Said:
    """Read the JSON object in a reply; servers without schemas put prose or a fence around it."""
    if len(text) > MAX_CHARS:
        raise Unusable("it is far too long")
    answer, _ = split_reasoning(text)
    try:
        return kind.model_validate_json(answer)
    except ValidationError:
        begin = max(answer.find("{"), 0)
    try:
        _, end = json.JSONDecoder().raw_decode(answer, begin)
        return kind.model_validate_json(answer[begin:end])
    except (ValueError, RecursionError):  # pydantic's error is a ValueError
        raise Unusable("it is not the JSON object that was asked for") from None
