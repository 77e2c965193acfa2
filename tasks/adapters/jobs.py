"""One call to send, and the row of `llm_calls` that comes of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.run import Run
from tasks.adapters import completion, store
from tasks.adapters.prices import Prices
from tasks.redaction.rules import Rules


@dataclass(slots=True, eq=False)
class Job:
    """One call to send, and how often it was."""

    call_key: str
    purpose: str
    messages: list[dict[str, Any]]
    content: bytes  # request body
    tokens: int  # estimate for prompt and answer together
    tries: int = 0
    begun_at: float = 0.0
    in_vain: int = 0  # tries that were billed and brought no completion
    spent: tuple[int, int] = (0, 0)  # their tokens, of prompt and answer


class Outcome(NamedTuple):
    """What became of a job: a row of `llm_calls`, safe in the journal, or why there is none."""

    call_key: str
    record: dict[str, Any] | None
    pending: str | None = None


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes the rows that a run journals."""

    run: Run
    rules: Rules
    prices: Prices

    def answer(self, job: Job, got: dict[str, Any], latency_s: float) -> dict[str, Any]:
        """Return the row of a chat completion, redacted.

        Raises:
            DemoTeacherRefused: the profile is production and the demo teacher answered.
        """
        return {
            **self._about(job, got),
            **self._used(job, *completion.tokens(got)),
            "reply": completion.redacted(got, job.messages, self.rules),
            "error": None,
            "latency_s": latency_s,
        }

    def refusal(self, job: Job, said: str) -> dict[str, Any]:
        """Return the row of a call that will never be answered."""
        used = self._used(job, 0, 0) if job.in_vain else self._used(job, None, None)
        return {**self._about(job, {}), **used, "reply": None, "error": said, "latency_s": 0.0}

    def _used(self, job: Job, prompt: int | None, answer: int | None) -> dict[str, Any]:
        """Return what a call took, with what its tries have cost in vain."""
        if job.in_vain and prompt is not None:
            prompt, answer = prompt + job.spent[0], (answer or 0) + job.spent[1]
        usd = self.prices.usd(prompt, answer)
        return {"prompt_tokens": prompt, "answer_tokens": answer, "cost_usd": usd}

    def _about(self, job: Job, got: dict[str, Any]) -> dict[str, Any]:
        cfg = self.run.cfg.llm
        model = str(got.get("model") or cfg.model)
        completion.refuse_demo_teacher(self.run.cfg, model)
        return {
            "call_key": job.call_key,
            "endpoint": cfg.group or cfg.model,
            "purpose": job.purpose,
            "model": model,
            "attempts": job.tries,
            "bought_at": store.now(),
            "run_id": self.run.run_id,
        }
