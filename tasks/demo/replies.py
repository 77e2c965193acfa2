"""What the scripted teacher says: a pure function of the request and the server's seed."""

import hashlib
import json
import re
from dataclasses import dataclass
from random import Random
from typing import Literal

from tasks.demo import defects, follow_ups, open_answers, tokens
from tasks.demo.chat_request import ChatRequest
from tasks.demo.recognise import UNKNOWN, choose, recognise
from tasks.templates import template

_REPAIR = template("repair.v1").partition("{")[0]
TAGGING = "tag"  # the kind that tagging requests are counted under
_FENCE = re.compile(r"^<prompt-(\w+)>\n(.*?)\n</prompt-\1>$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, why it ended, and the task type it was counted under."""

    text: str
    finish_reason: Literal["stop", "length"]
    kind: str


def reply(request: ChatRequest, seed: int) -> Reply:
    """Answer a request: tag the fenced prompt, solve what can be solved, else write.

    Raises:
        Refused: a JSON schema that is no tagging request.
    """
    labels = request.task_types
    full = _answer(request, seed) if labels is None else _tag(request, labels)
    stopped = _stopped(full.text, request.stop)
    limit = request.token_limit
    if limit is None or tokens.count(stopped) <= limit:
        reason = full.finish_reason if stopped == full.text else "stop"
        return Reply(stopped, reason, full.kind)
    return Reply(tokens.cut(stopped, limit), "length", full.kind)


def _answer(request: ChatRequest, seed: int) -> Reply:
    request, again = _without_repair(request)
    turns = request.user_turns
    solved = follow_ups.solve(turns)
    rng = Random(_digest(request, seed))
    if solved:
        label, answer = solved
    else:
        label = recognise(turns[-1]) or UNKNOWN
        answer = open_answers.answer(label, turns, rng)
    text, defect = answer, None
    if not again:
        text, defect = defects.spoil(answer, rng.random(), checkable=bool(solved))
    return Reply(text, "length" if defect == "cut_off" else "stop", label)


def _without_repair(request: ChatRequest) -> tuple[ChatRequest, bool]:
    """Return the request that a repair comes back to, and whether it is a repair."""
    if not request.messages[-1].text.startswith(_REPAIR) or len(request.messages) < 3:
        return request, False
    return request.model_copy(update={"messages": request.messages[:-2]}), True


def _digest(request: ChatRequest, seed: int) -> int:
    """Hash everything that may change an answer: both seeds and all messages."""
    said = [[message.role, message.text] for message in request.messages]
    content = json.dumps([seed, request.seed, said], ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8])


def _tag(request: ChatRequest, labels: list[str]) -> Reply:
    """Tag what stands between the fences; words around or inside them give no orders."""
    message = request.user_turns[-1]
    fenced = _FENCE.findall(message) or [("", message)]
    tags = [{"id": name, **_tag_of(text, labels)} for name, text in fenced]
    said = {"tags": tags} if request.is_pack else _tag_of(fenced[-1][1], labels)
    return Reply(json.dumps(said, ensure_ascii=False), "stop", TAGGING)


def _tag_of(text: str, labels: list[str]) -> dict[str, str]:
    label, reason = choose(text.strip(), labels)
    return {"reason": reason, "task_type": label}


def _stopped(text: str, stop: str | list[str] | None) -> str:
    sequences = [stop] if isinstance(stop, str) else stop or []
    ends = [text.find(sequence) for sequence in sequences if sequence in text]
    return text[: min(ends)] if ends else text
