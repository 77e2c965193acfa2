"""What is sent to the strong model: one prompt, a pack of them, or a reply that needs repair."""

import re
from hashlib import sha256

from schemas.replies import pack_format, tag_format
from schemas.settings import ResponseFormat
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.adapters.calls import Request
from tasks.tagging.packs import Pack
from tasks.tagging.shown import TEMPLATE, Shown
from tasks.templates import template

TAG_TOKENS = 256  # of one reason and label; models that think aloud need them
MAX_QUOTED = 1_000  # characters of a reply that are shown back to its model
_TAG = re.compile(r"<(?=\s*/?\s*(?:prompt|context)(?:[\s>-]|$))", re.IGNORECASE)


def single(shown: Shown, types: TaskTypes, form: ResponseFormat = "json_schema") -> Request:
    """Ask for the task type of one prompt."""
    system = f"{template(TEMPLATE)}\n{_listed(types)}"
    if form != "json_schema":
        system = f"{system}\n\n{template('tag_json.v1')}"
    return _request(system, (shown,), _params(form, tag_format(_labels(types))))


def packed(pack: Pack, types: TaskTypes, form: ResponseFormat = "json_schema") -> Request:
    """Ask for the task types of several prompts at once."""
    system = f"{template('tag_pack.v2')}\n\n{template(TEMPLATE)}\n{_listed(types)}"
    if form != "json_schema":
        system = f"{system}\n\n{template('tag_pack_json.v1')}"
    return _request(system, pack, _params(form, pack_format(_labels(types))))


def repair(asked: Request, said: str, problem: str) -> Request:
    """Ask once more, naming what was wrong with what was `said`."""
    quoted = {"role": "assistant", "content": said[:MAX_QUOTED]}
    wish = template("tag_repair.v2").format(problem=problem)
    messages = [*asked.messages, quoted, {"role": "user", "content": wish}]
    return Request(asked.purpose, messages, asked.params)


def ids(pack: Pack) -> list[str]:
    """Return a name for each prompt of a pack that none of its prompts can know.

    It is a hash of all keys of the pack, so it is the same whenever the same pack is sent, and
    nobody who writes one of the prompts knows what stands beside it.
    """
    whole = ",".join(shown.key for shown in pack)
    return [sha256(f"{n}:{whole}".encode()).hexdigest()[:12] for n in range(len(pack))]


def _request(system: str, pack: Pack, params: dict[str, object]) -> Request:
    fenced = (_fenced(shown, name) for shown, name in zip(pack, ids(pack), strict=True))
    return Request(
        purpose="tag",
        messages=[
            {"role": "system", "content": system},
            {"role": "user", "content": "\n\n".join(fenced)},
        ],
        params={"temperature": 0, "max_tokens": TAG_TOKENS * len(pack), **params},
    )


def _params(form: ResponseFormat, schema: dict[str, object]) -> dict[str, object]:
    """Return what tells the server how to reply; servers without JSON schemas are told in words."""
    forms = {"json_schema": schema, "json_object": {"type": "json_object"}}
    return {"response_format": forms[form]} if form in forms else {}


def _fenced(shown: Shown, name: str) -> str:
    context = f"{_fence('context', name, shown.context)}\n" if shown.context else ""
    return context + _fence("prompt", name, shown.prompt)


def _fence(what: str, name: str, text: str) -> str:
    """Put user text between tags that it can neither guess nor write."""
    harmless = _TAG.sub("<\u200b", text)
    return f"<{what}-{name}>\n{harmless}\n</{what}-{name}>"


def _labels(types: TaskTypes) -> list[str]:
    return [*types.labels, UNKNOWN]


def _listed(types: TaskTypes) -> str:
    return "\n".join(f"{label}: {kind.description}" for label, kind in types.kinds.items())
