"""Write a frozen dataset for another trainer: one file, or a folder with a card."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import DatasetError
from schemas.settings import FlywheelSettings
from tasks.adapters import store
from tasks.datasets import versions
from tasks.exports.card import card
from tasks.exports.columns import Column
from tasks.exports.facts import Facts, read_facts
from tasks.exports.files import Shards
from tasks.exports.formats import Format, columns_of, format_of
from tasks.exports.laid_out import lay_out, rows_in
from tasks.exports.llamafactory import dataset_info
from tasks.exports.place import put, refuse_foreign, room_beside, seal
from tasks.exports.wanted import Wanted
from tasks.exports.written import LeftOut, Split, write_split


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    splits: tuple[Split, ...]
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known before the first row is written."""

    wanted: Wanted
    format: Format
    facts: Facts
    columns: Mapping[str, Column]


def export(cfg: FlywheelSettings, wanted: Wanted) -> Exported:
    """Write the rows of a version; what a format cannot say is counted, never lost in silence.

    Raises:
        SettingsError: an unknown format or split, or options that do not go together.
        NotFound: there is no such version.
        DatasetError: nothing can be written, or `out` holds something else.
    """
    shape = format_of(wanted.format)
    wanted.check(shape)
    about = versions.about(cfg.warehouse, wanted.version)
    if not wanted.is_file:
        refuse_foreign(wanted.out)
    with room_beside(wanted.out, parents=not wanted.is_file) as room:
        places = {split: room / f"{split}.parquet" for split in wanted.splits}
        with store.reading(cfg.warehouse) as con:
            facts = read_facts(con, about)
            order = {"seed": str(cfg.dataset.seed), "once": wanted.once or shape.ranked}
            lay_out(con, shape.query, wanted.version, places, **order)
        columns = columns_of(shape, tools=facts.tools, words=facts.words, once=wanted.once)
        plan = _Plan(wanted, shape, facts, columns)
        done = _write(plan, places, room, cfg)
        built = done.splits[0].paths[0] if wanted.is_file else _dress(plan, done, room, cfg)
        put(built, wanted.out)
    return done


def _write(plan: _Plan, places: Mapping[str, Path], room: Path, cfg: FlywheelSettings) -> Exported:
    left_out, splits, wanted = LeftOut(room / "left_out"), [], plan.wanted
    for name, place in places.items():
        folder = room / "out" / name
        folder.mkdir(parents=True)
        size = wanted.rows_per_file or (1 << 62)
        shards = Shards(folder, name, plan.columns, parquet=wanted.as_parquet, size=size)
        rows = rows_in(place, plan.facts.exams, cfg.dedupe)
        split = write_split(name, rows, plan.format, shards, left_out)
        if split.rows:
            splits.append(split)
        else:
            split.paths[0].unlink()
            folder.rmdir()
    left_out.close()
    _refuse_nothing(wanted, splits, left_out)
    return Exported(tuple(splits), left_out)


def _refuse_nothing(wanted: Wanted, splits: list[Split], left_out: LeftOut) -> None:
    if not splits:
        why = left_out.summary() or f"it has none in {' or '.join(wanted.splits)}"
        raise DatasetError(
            f"{wanted.version!r} has no row to write as {wanted.format}: {why}. "
            "Nothing was written."
        )


def _dress(plan: _Plan, done: Exported, room: Path, cfg: FlywheelSettings) -> Path:
    """Put a card and what readers need beside the files; return the folder."""
    folder = room / "out"
    wanted, left_out = plan.wanted, done.left_out
    text = card(wanted, plan.facts, done.splits, plan.columns, left_out, cfg.dataset.license)
    (folder / "README.md").write_text(text, encoding="utf-8")
    info = dataset_info(wanted, done.splits)
    if info:
        (folder / "dataset_info.json").write_text(info, encoding="utf-8")
    if left_out.counts:
        left_out.path.rename(folder / "left_out.jsonl")
    seal(folder, _about(plan, done))
    return folder


def _about(plan: _Plan, done: Exported) -> dict[str, Any]:
    return {
        "dataset_version": plan.wanted.version,
        "sha256": plan.facts.about["sha256"],
        "format": plan.wanted.format,
        "rows": {one.name: one.rows for one in done.splits},
        "left_out": dict(sorted(done.left_out.counts.items())),
    }
