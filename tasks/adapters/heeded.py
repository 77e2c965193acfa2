"""What servers ignore of a request without a word, where their replies show it.

One odd reply may be the model's own fault, so a field counts as ignored from `ENOUGH` such replies
on, if they are more than half of the run's replies that say anything about it. Replies are kept
whatever they show.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from schemas.run import Run
from tasks.adapters import completion
from tasks.adapters.request import Request
from tasks.checks.reasoning import split_reasoning

log = logging.getLogger("flywheel.calls")

ENOUGH = 3
LONG_CHARS = 400  # a sampled text of this length is hardly ever said twice: assumed, not measured
WARM = 0.7  # and at this temperature or above; a cold model may repeat itself
_PROMPTS = 10_000  # whose first samples are remembered: a megabyte

FIXES = {
    "response_format": (
        "the answers are not the JSON that was asked for. "
        'Set response_format = "text" under [tag]: it asks in words'
    ),
    "max_tokens": (
        "the answers are longer. Set the limit on the server: "
        "caps reserve max_tokens per call, and more will be spent"
    ),
    "tool_choice": (
        "a tool call was required and text came. Start the server with a parser for tool calls"
    ),
    "temperature": (
        "samples of one prompt are the same text. Set samples = 1 under [answer], or let the "
        'server sample: transformers serve does if generation_config.json has "do_sample": true'
    ),
}


def listen(run: Run, request: Request, record: Mapping[str, Any]) -> None:
    """Take a journal record of a reply; warn of each ignored field, once per run and server."""
    if record["error"]:
        return
    heard = _of_run(run.run_id, run.cfg.llm.base_url)
    for name in heard.note(request, orjson.loads(record["reply"])):
        ignored, said = heard.ignored[name], heard.said[name]
        server = f"{run.cfg.llm.base_url} ({record['model']})"
        log.warning("%s ignores %s: in %d of %d, %s", server, name, ignored, said, FIXES[name])


def heeded(params: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, bool]:
    """Return the fields of a request that its reply says something about: False = ignored.

    `got` is what `completion.parsed` returns. An answer that ends early of itself says nothing
    about max_tokens, a refusal nothing about its form.
    """
    message = got["choices"][0]["message"]
    found = {
        "max_tokens": _is_within_limit(params, got),
        "response_format": _is_in_format(params.get("response_format"), message),
        "tool_choice": _has_called(params, message),
    }
    return {name: verdict for name, verdict in found.items() if verdict is not None}


class Heard:
    """What the replies of one run have shown so far, by field."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()  # replies that say something about a field
        self.ignored: Counter[str] = Counter()  # those of them that show it ignored
        self._told: set[str] = set()
        self._first: dict[int, int] = {}  # what was asked -> the first sample, as hashes

    def note(self, request: Request, got: Mapping[str, Any]) -> list[str]:
        """Count a reply; return the fields that are known to be ignored from now on."""
        found = heeded(request.params, got) | self._is_sampled(request, got)
        for name, verdict in found.items():
            self.said[name] += 1
            self.ignored[name] += not verdict
        news = [name for name in found if name not in self._told and self._is_ignored(name)]
        self._told.update(news)
        return news

    def _is_ignored(self, name: str) -> bool:
        return self.ignored[name] >= ENOUGH and 2 * self.ignored[name] > self.said[name]

    def _is_sampled(self, request: Request, got: Mapping[str, Any]) -> dict[str, bool]:
        """Compare a long answer with the first sample of the same, if that was bought just now."""
        text = _text(got["choices"][0]["message"])
        if len(text) < LONG_CHARS or (request.params.get("temperature") or 0) < WARM:
            return {}
        asked = hash(orjson.dumps([request.messages, request.params]))
        if asked in self._first:
            return {"temperature": self._first[asked] != hash(text)}
        if len(self._first) < _PROMPTS:
            self._first[asked] = hash(text)
        return {}


@lru_cache(maxsize=32)
def _of_run(_run_id: str, _base_url: str) -> Heard:
    """Return the one `Heard` of a run and server: stages ask in turn, and may ask several times."""
    return Heard()


def _is_within_limit(params: Mapping[str, Any], got: Mapping[str, Any]) -> bool | None:
    limit = params.get("max_completion_tokens") or params.get("max_tokens")
    _, answer = completion.tokens(dict(got))
    if not limit or answer is None or answer < limit:
        return None
    return bool(answer <= limit + 1)  # some count the end of turn


def _is_in_format(wanted: Any, message: Mapping[str, Any]) -> bool | None:
    """Whether an answer opens like the JSON object wanted, and has its fields if it can be read.

    One that is cut, or has a placeholder for a private number, is no valid JSON; that is not the
    server's fault.
    """
    required = _required_fields(wanted)
    if required is None:
        return None
    answer = split_reasoning(_text(message))[0].strip()
    thinks_aloud = answer.startswith("<")  # and was cut before it came to the answer
    if not answer or thinks_aloud or message.get("refusal"):
        return None
    if not answer.startswith("{"):
        return False
    try:
        return required <= set(orjson.loads(answer))
    except orjson.JSONDecodeError:
        return True


def _required_fields(wanted: Any) -> set[str] | None:
    """Return the fields that a `response_format` demands of an object; None if it wants none."""
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_object", "json_schema"):
        return None
    schema = (wanted.get("json_schema") or {}).get("schema") or {}
    is_object = schema.get("type", "object") == "object"
    return set(schema.get("required", ())) if is_object else None


def _has_called(params: Mapping[str, Any], message: Mapping[str, Any]) -> bool | None:
    wanted = params.get("tool_choice")
    if not params.get("tools") or not (wanted == "required" or isinstance(wanted, dict)):
        return None
    if message.get("tool_calls"):
        return True
    return False if _text(message).strip() and not message.get("refusal") else None


def _text(message: Mapping[str, Any]) -> str:
    return message.get("content") or ""
