"""What of a server's reply is kept: checked, stripped of the rest, without private values."""

from typing import Any

import orjson

from schemas.errors import DemoTeacherRefused
from schemas.settings import FlywheelSettings
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import BUILT_IN, Rules

DEMO_TEACHER = "demo-scripted-teacher"
_NO_COUNT = 2**53  # numbers from here on are no count of tokens


class NotACompletion(Exception):
    """The server said 200 and sent something else: an error page, half a reply, no choice.

    `tokens` are those of prompt and answer where it bills them all the same.
    """

    def __init__(self, what: str, got: object = None) -> None:
        super().__init__(what)
        prompt, answer = tokens(got) if isinstance(got, dict) else (None, None)
        self.tokens = (prompt, answer or 0) if prompt else None


def parsed(content: bytes) -> dict[str, Any]:
    """Read the body of a reply.

    Returns:
        model, usage as sent, and choices: the first one's message and why it ended.

    Raises:
        NotACompletion: there is no first choice with a message.
    """
    got: Any = None
    try:
        got = orjson.loads(content)
        choice = got["choices"][0]
        message = choice["message"]
        if not isinstance(message.get("content"), str | None):
            raise TypeError("content is not text")
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        what = f"the reply is no chat completion ({type(error).__name__})"
        raise NotACompletion(what, got) from None
    said = {"message": message, "finish_reason": choice.get("finish_reason")}
    kept = {"model": got.get("model"), "choices": [said], "usage": got.get("usage")}
    try:
        orjson.dumps(kept)
    except TypeError:  # nested deeper than can be written
        raise NotACompletion("the reply cannot be kept", got) from None
    return kept


def tokens(got: dict[str, Any]) -> tuple[int | None, int | None]:
    """Return the tokens of the request and of the answer; None where none or nonsense is given."""
    usage = got.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    prompt, answer = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    total = _count(usage.get("total_tokens"))
    if prompt is not None and answer is not None and total is not None:
        answer = max(answer, total - prompt)  # some leave reasoning out of the one, not the other
    return prompt, answer


def redacted(got: dict[str, Any], messages: list[dict[str, Any]], rules: Rules = BUILT_IN) -> str:
    """Return JSON text without private values that the model made up.

    Placeholders get numbers that `messages`, which are redacted already, do not use.
    """
    redactor = Redactor(rules)
    for message in messages:
        redactor.reserve(str(message.get("content") or ""))
    choice = got["choices"][0]
    sent = orjson.dumps(choice["message"]).decode()
    said = redactor.json(sent)
    message = choice["message"] if said == sent else orjson.loads(said)
    return orjson.dumps({**got, "choices": [{**choice, "message": message}]}).decode()


def refuse_demo_teacher(cfg: FlywheelSettings, model: str) -> None:
    """Let no reply of the scripted demo teacher into a production run.

    Raises:
        DemoTeacherRefused: `model` is the demo teacher, or it was asked for.
    """
    if cfg.profile == "production" and DEMO_TEACHER in (model, cfg.llm.model):
        raise DemoTeacherRefused(
            f"{cfg.llm.base_url} is the scripted demo teacher, or was when the store's replies "
            "were bought, and profile is production. Point [llm] base_url and model at a real "
            "model, and var at a folder without demo data."
        )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _NO_COUNT else None
