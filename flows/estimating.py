"""`--estimate`, and what `--restage` says before it asks: what a run would buy."""

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from flows import console
from schemas.run import Run
from schemas.settings import FlywheelSettings

if TYPE_CHECKING:
    from tasks.estimate import Estimate

_ADDED_UP = ("cached", "to_buy", "prompt_tokens", "answer_tokens", "answer_tokens_at_most")


def estimated(run: Run, first: date, last: date, asked_from: date | None = None) -> "Estimate":
    """Pull, as the run would, and work out what it would buy.

    Args:
        run: what is to be run.
        first: UTC day.
        last: UTC day, included.
        asked_from: UTC day from which databases are asked; unset: from where the last pull ended.
    """
    from tasks.estimate import estimate
    from tasks.pull import pull_new

    pull_new(run, asked_from, last)
    console.err.print("estimating what would be bought ...")
    return estimate(run, first, last)


def show(found: "Estimate", cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print an estimate."""
    said = notes(found, cfg)
    if as_json:
        flat = {
            "days": [str(day) for day in found.days],
            "model": cfg.llm.model,
            "price_source": found.quotes.prices.source,
            "purposes": _rows(found),
            "total": _total(_rows(found)),
            "prompts_not_deduped": found.not_deduped,
            "caps": found.caps,
            "notes": said,
        }
        console.raw(json.dumps(flat, ensure_ascii=False))
        return
    rows = [*_rows(found), {"purpose": "all", "prompts": None} | _total(_rows(found))]
    console.table(pl.DataFrame(rows, infer_schema_length=None), _title(found))
    for line in said:
        console.out.print(line, soft_wrap=True)


def summary(found: "Estimate") -> str:
    """Say in a few words what would be bought."""
    total = _total(_rows(found))
    usd = "price unknown"
    if total["usd"] is not None:
        usd = f"{total['usd']:.4f} USD expected, {total['usd_at_most']:.4f} at most"
    return f"{total['to_buy']} calls to buy ({usd}), {total['cached']} in the store"


def notes(found: "Estimate", cfg: FlywheelSettings) -> list[str]:
    """Say what the figures do not."""
    said = []
    if not cfg.llm.is_set:
        said.append(
            "no strong model is set: tag makes no calls, and answer cannot make any. "
            "Set [llm] base_url and model in flywheel.toml."
        )
    for model in found.quotes.unpriced:
        where = _section(model, cfg)
        said.append(
            f"price of model {model} unknown, set {where}.input_usd_per_mtok and "
            f"{where}.output_usd_per_mtok, 0 for a free one."
        )
    if found.not_deduped:
        said.append(
            f"{found.not_deduped} prompts to answer are not deduped yet and count once per "
            "distinct text: answer buys that many at most."
        )
    if cfg.check.repair and found.quotes.of["answer"].to_buy:
        said.append("answers with a defect are asked for once more; that is not in these figures.")
    return said + [f"{cap}." for cap in found.caps]


def _section(model: str, cfg: FlywheelSettings) -> str:
    """Return the section of the settings that names a model."""
    names = (name for name in cfg.llm.endpoints if cfg.llm.endpoint(name).model == model)
    name = None if model == cfg.llm.model else next(names, None)
    return f"llm.endpoints.{name}" if name else "llm"


def _title(found: "Estimate") -> str:
    return f"What a run of {len(found.days)} days would buy; nothing was sent"


def _rows(found: "Estimate") -> list[dict[str, Any]]:
    return [
        {
            "purpose": quote.purpose,
            "prompts": quote.prompts,
            "cached": quote.cached,
            "to_buy": quote.to_buy,
            "prompt_tokens": quote.prompt_tokens,
            "answer_tokens": round(quote.answer_tokens),
            "answer_tokens_at_most": quote.answer_tokens_at_most,
            "usd": quote.usd,
            "usd_at_most": quote.usd_at_most,
        }
        for quote in found.quotes.of.values()
    ]


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {name: sum(row[name] for row in rows) for name in _ADDED_UP}
    for name in ("usd", "usd_at_most"):
        usd = [row[name] for row in rows]
        total[name] = None if None in usd else sum(usd)
    return total
