"""What one version of a dataset has that another has not: rows, and shares of the loss."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from schemas import ddl
from tasks.adapters import store
from tasks.datasets import versions

COMPARED = ("split", "task_type", "copies", "weight", "prompt", "answer", "tools", "turns")
KINDS = ("task_type", "language", "teacher", "template")  # of rows, with figures for each
NO_INPUT = "not_an_input"  # the version was made of other days, or the answer was not kept then


class Side(NamedTuple):
    """One of two versions: its row of `dataset_versions`, lines of its rows, and its drops."""

    about: Mapping[str, Any]
    lines: pl.DataFrame  # what schemas/queries/dataset_lines.sql selects
    drops: pl.DataFrame  # answer_id, reason


@dataclass(frozen=True, slots=True)
class Difference:
    """How version `b` differs from version `a`.

    rows     way (new, removed, changed, same), what, rows, example_id. For new and removed rows
             `what` says what the other version did with them: the reason it left them out, or
             `not_an_input`. For changed ones it is a column, so a row may count more than once.
    answers  answer_id, way and `what` as a list, of all rows that are not the same
    figures  per kind of row: rows, mean answer, share of the loss, of `a` and of `b`
    made_of  setting, a, b: what they were made of, as far as it differs
    """

    rows: pl.DataFrame
    answers: pl.DataFrame
    figures: Mapping[str, pl.DataFrame]
    made_of: pl.DataFrame


def read(con: store.Connection, version: str) -> Side:
    """Read one version, to be compared with another.

    Raises:
        NotFound: there is no such version.
    """
    about = versions.find(con, version)
    lines = store.frame(con, ddl.query("dataset_lines"), version=version)
    return Side(about, lines, store.frame(con, _DROPS, version=version))


def difference(a: Side, b: Side) -> Difference:
    """Compare two versions row by row; lengths, which depend on the tokenizer, change no row."""
    ways = _ways(a, b)
    counted = ways.explode("what", empty_as_null=True).group_by("way", "what")
    return Difference(
        rows=counted.agg(rows=pl.len(), example_id=pl.col("answer_id").min()).sort("way", "what"),
        answers=ways.filter(pl.col("way") != "same").sort("answer_id"),
        figures={kind: _figures(a.lines, b.lines, kind) for kind in KINDS},
        made_of=_made_of(a.about, b.about),
    )


def _ways(a: Side, b: Side) -> pl.DataFrame:
    """Return answer_id, way and what of every row of either version."""
    both = a.lines.join(b.lines, on="answer_id", how="full", suffix="_b", coalesce=True)
    known = both.join(a.drops, on="answer_id", how="left")
    known = known.join(b.drops, on="answer_id", how="left", suffix="_b")
    is_new, is_gone = pl.col("split").is_null(), pl.col("split_b").is_null()
    changed = pl.concat_list(_changed(name) for name in COMPARED).list.drop_nulls()
    what = pl.when(is_new).then(_reason("reason")).when(is_gone).then(_reason("reason_b"))
    way = pl.when(is_new).then(pl.lit("new")).when(is_gone).then(pl.lit("removed"))
    way = way.when(pl.col("what").list.len() > 0).then(pl.lit("changed"))
    return known.with_columns(what=what.otherwise(changed)).select(
        "answer_id", way.otherwise(pl.lit("same")).alias("way"), "what"
    )


def _changed(name: str) -> pl.Expr:
    return pl.when(pl.col(name).ne_missing(pl.col(f"{name}_b"))).then(pl.lit(name))


def _reason(column: str) -> pl.Expr:
    return pl.concat_list(pl.col(column).fill_null(NO_INPUT))


def _figures(a: pl.DataFrame, b: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return for each value of `kind` the figures of both versions side by side."""
    both = _of_one(a, kind).join(_of_one(b, kind), on=kind, how="full", suffix="_b", coalesce=True)
    counts = pl.col("^(train|validation|loss_share)(_b)?$").fill_null(0)
    names = ("train", "validation", "label_tokens", "loss_share")
    pairs = [e for name in names for e in (pl.col(name).alias(f"{name}_a"), pl.col(f"{name}_b"))]
    return both.with_columns(counts).select(kind, *pairs).sort(kind)


def _of_one(lines: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Count rows; mean label tokens of a training row; share of the loss of an epoch."""
    is_train = pl.col("split") == "train"
    loss = pl.col("label_tokens") * pl.col("weight") * pl.col("copies")
    found = lines.group_by(kind).agg(
        train=is_train.sum(),
        validation=(~is_train).sum(),
        label_tokens=pl.col("label_tokens").filter(is_train).mean(),
        loss_share=loss.filter(is_train).sum(),
    )
    return found.with_columns(pl.col("loss_share") / pl.col("loss_share").sum())


def _made_of(a: Mapping[str, Any], b: Mapping[str, Any]) -> pl.DataFrame:
    """Return the days, the tokenizer and the settings that differ."""
    ours, theirs = (dict(_settings(one)) for one in (a, b))
    rows = [
        {"setting": name, "a": ours.get(name), "b": theirs.get(name)}
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("setting", "a", "b"), pl.String))


def _settings(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("first_day", "last_day", "tokenizer", "tokenizer_sha256"):
        yield name, str(about[name])
    yield from _flat(json.loads(about["settings"]))


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, str(value)


_DROPS = "SELECT answer_id, reason FROM dataset_drops WHERE dataset_version = $version"
