"""How long rows are: by a tokenizer where a base model is named, else by their bytes."""

from typing import Any, NamedTuple

import polars as pl

from schemas.release_settings import TrainSettings
from tasks.exports.tools import offered_tools
from tasks.sft.measure import lengths

_BYTES_PER_TOKEN = 4  # English has 4 to 5; Chinese 3 bytes a character and 1 to 1.5 characters
_TEMPLATE_TOKENS = 4  # marks of role and end around a message
_FIGURES = 9  # of a weight: the last bits of a power differ by machine, and weights are hashed


class Measured(NamedTuple):
    """Rows with their lengths, and the tokenizer that they were measured with, if one was."""

    rows: pl.DataFrame
    tokenizer_sha256: str | None


def add_lengths(rows: pl.DataFrame, cfg: TrainSettings) -> Measured:
    """Add `tokens`, `label_tokens`, `weight` and `length_reason`.

    The weight is that of each label token in the loss, label_tokens ** -cfg.length_alpha; the
    reason says why a row cannot be trained on, or is null. Without `cfg.base_model` lengths are
    estimates, good enough for a mix.

    Args:
        rows: `messages`, the prompt with its context, `learned_turns`, `answer`, and `tools` as
            JSON text.
    """
    found = _measured(rows, cfg) if cfg.base_model else _estimated(rows, cfg.max_tokens)
    weight = pl.max_horizontal("label_tokens", 1).cast(pl.Float64) ** -cfg.length_alpha
    lengths = found.rows.with_columns(weight=weight.round_sig_figs(_FIGURES))
    return found._replace(rows=rows.hstack(lengths))


def _measured(rows: pl.DataFrame, cfg: TrainSettings) -> Measured:
    said = rows.select("messages", "answer", "tools", "learned_turns").iter_rows()
    tokenizer, found = lengths(cfg.base_model, (_row(*one) for one in said), cfg.max_tokens)
    columns = {"tokens": pl.Int64, "label_tokens": pl.Int64, "length_reason": pl.String}
    return Measured(pl.DataFrame(found, schema=columns, orient="row"), tokenizer)


def _row(
    messages: list[dict[str, Any]], answer: str, tools: str | None, learned: list[int] | None
) -> dict[str, Any]:
    completion = [{"role": "assistant", "content": answer}]
    about = {"tools": offered_tools(tools), "learned_turns": learned}
    return {"prompt": messages, "completion": completion, **about}


def _estimated(rows: pl.DataFrame, max_tokens: int) -> Measured:
    contents = pl.col("messages").list.eval(_tokens(pl.element().struct.field("content")))
    prompt = contents.list.sum() + _tokens(pl.col("tools")).fill_null(0)
    earlier = contents.list.gather(pl.col("learned_turns")).list.sum().fill_null(0)
    is_empty = pl.col("answer").str.strip_chars() == ""
    measured = rows.select(
        tokens=(prompt + _tokens(pl.col("answer"))).cast(pl.Int64),
        label_tokens=(_tokens(pl.col("answer")) + earlier).cast(pl.Int64),
        length_reason=pl.when(is_empty).then(pl.lit("empty_answer")),
    )
    is_too_long = pl.when(pl.col("tokens") > max_tokens).then(pl.lit("too_long"))
    reason = pl.coalesce("length_reason", is_too_long)
    return Measured(measured.with_columns(length_reason=reason), None)


def _tokens(text: pl.Expr) -> pl.Expr:
    return _TEMPLATE_TOKENS + text.str.len_bytes() // _BYTES_PER_TOKEN
