"""How long rows are: by a tokenizer where a base model is named, else by their bytes."""

from typing import Any

import polars as pl

from schemas.release_settings import TrainSettings
from tasks.exports.tools import offered_tools
from tasks.sft.measure import Length, lengths

_BYTES_PER_TOKEN = 4  # English has 4 to 5; Chinese 3 bytes a character and 1 to 1.5 characters
_TEMPLATE_TOKENS = 4  # marks of role and end around a message


def add_lengths(rows: pl.DataFrame, cfg: TrainSettings) -> pl.DataFrame:
    """Add `tokens`, `label_tokens`, `weight` and `length_reason`.

    The weight is that of each label token in the loss, label_tokens ** -cfg.length_alpha; the
    reason says why a row cannot be trained on, or is null. Without `cfg.base_model` lengths are
    estimates, good enough for a mix.

    Args:
        rows: `messages`, the prompt with its context, `answer`, and `tools` as JSON text.
    """
    said = rows.select("messages", "answer", "tools").rows()
    if cfg.base_model:
        found = lengths(cfg.base_model, (_row(*one) for one in said), cfg.max_tokens)
    else:
        found = [
            _estimate(messages, answer, tools, cfg.max_tokens) for messages, answer, tools in said
        ]
    columns = {"tokens": pl.Int64, "label_tokens": pl.Int64, "length_reason": pl.String}
    measured = pl.DataFrame(found, schema=columns, orient="row")
    weight = pl.max_horizontal("label_tokens", 1).cast(pl.Float64) ** -cfg.length_alpha
    return rows.hstack(measured.with_columns(weight=weight))


def _row(messages: list[dict[str, Any]], answer: str, tools: str | None) -> dict[str, Any]:
    completion = [{"role": "assistant", "content": answer}]
    return {"prompt": messages, "completion": completion, "tools": offered_tools(tools)}


def _estimate(
    messages: list[dict[str, Any]], answer: str, tools: str | None, max_tokens: int
) -> Length:
    label = _tokens(answer)
    tokens = label + sum(_tokens(text) for text in (*_contents(messages), tools) if text)
    if not answer.strip():
        return Length(tokens, label, "empty_answer")
    return Length(tokens, label, "too_long" if tokens > max_tokens else None)


def _contents(messages: list[dict[str, Any]]) -> list[str]:
    return [message["content"] for message in messages]


def _tokens(text: str) -> int:
    return _TEMPLATE_TOKENS + len(text.encode()) // _BYTES_PER_TOKEN
