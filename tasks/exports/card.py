"""The card of an export: what is in it, where it is from, and what it does not promise."""

import json
from collections.abc import Mapping, Sequence

import polars as pl

from tasks.exports.columns import Column
from tasks.exports.facts import Facts
from tasks.exports.front import front
from tasks.exports.limits import limits
from tasks.exports.loading import loading
from tasks.exports.markdown import table
from tasks.exports.refusals import REASONS
from tasks.exports.wanted import Wanted
from tasks.exports.written import LeftOut, Split


def card(
    wanted: Wanted,
    facts: Facts,
    splits: Sequence[Split],
    columns: Mapping[str, Column],
    left_out: LeftOut,
    licence: str,
) -> str:
    """Return README.md: YAML for machines, then the same for people."""
    kind = "preference" if wanted.format in ("dpo", "kto") else "sft"
    tags = ("sft-flywheel", kind, wanted.format)
    head = front(wanted.version, licence, facts.languages, tags, splits, columns)
    sections = {
        "Load it": loading(wanted, splits),
        "Rows": _rows(facts, splits),
        "Left out of this export": _left_out(left_out),
        "Mix": _mix(facts),
        "Sources": _sources(facts),
        "Licence and consent": _licence(licence, facts),
        "Private values": _private(facts),
        "Decontamination": _decontamination(facts),
        "Known limits": limits(wanted, facts, splits),
    }
    body = "".join(f"\n## {title}\n\n{text}\n" for title, text in sections.items() if text)
    return f"{head}\n# {wanted.version} ({wanted.format})\n\n{_opening(facts)}\n{body}"


def _opening(facts: Facts) -> str:
    about = facts.about
    return (
        f"A dataset of chats from {about['first_day']} to {about['last_day']} (UTC), frozen on "
        f"{about['created_at']:%Y-%m-%d}: what users asked in production, with answers that "
        f"passed the checks.\n\nsha256 of its rows: `{about['sha256']}`"
    )


def _rows(facts: Facts, splits: Sequence[Split]) -> str:
    counted = pl.DataFrame(
        {
            "split": [one.name for one in splits],
            "rows here": [one.rows for one in splits],
            "without copies": [one.distinct for one in splits],
        }
    )
    about = facts.about
    frozen = (
        f"The dataset itself holds {about['train_rows']} rows to train on "
        f"({about['train_rows_with_copies']} with copies) and {about['validation_rows']} to "
        "validate with, which share no user and no twin with those."
    )
    return f"{table(counted)}\n\n{frozen}"


def _left_out(left_out: LeftOut) -> str:
    counts = sorted(left_out.counts.items())
    rows = [(reason, count, REASONS[reason]) for reason, count in counts]
    frame = pl.DataFrame(rows, schema=["reason", "rows", "means"], orient="row")
    return f"{table(frame)}\n\n`left_out.jsonl` names them." if rows else ""


def _mix(facts: Facts) -> str:
    return f"Per task type; `share_shown` is its share of the loss.\n\n{table(facts.mix)}"


def _sources(facts: Facts) -> str:
    return f"{table(facts.sources)}\n\nThe answers are from:\n\n{table(facts.answerers)}"


def _licence(licence: str, facts: Facts) -> str:
    extra = json.loads(facts.about["settings"]).get("dataset", {}).get("extra", ())
    sets = "".join(f"\n\nLicence of the extra set {one['name']}: {one['license']}" for one in extra)
    return (
        f"Licence: {licence}{sets}\n\nConsent: not recorded. The logs do not say what each user "
        "agreed to; whoever collected them must."
    )


def _private(facts: Facts) -> str:
    if not facts.private.height:
        return "The rules found none in the chats that these rows are from."
    return (
        "In the chats that these rows are from, placeholders stand for so many private values:\n\n"
        f"{table(facts.private)}"
    )


def _decontamination(facts: Facts) -> str:
    sets = ", ".join(f"{name} ({count} prompts)" for name, count in facts.eval_sets.iter_rows())
    checked = (
        f"No row repeats a prompt of these eval sets, or a twin of one, in any turn: {sets}."
        if sets
        else "There was no eval set to check against."
    )
    why = f"\n\nLeft out when the dataset was frozen:\n\n{table(facts.drops)}"
    return checked + (why if facts.drops.height else "")
