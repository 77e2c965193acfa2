"""Frozen datasets in the store: written once, read again, never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.errors import DatasetError, NotFound, Refused
from schemas.names import checked
from schemas.settings import DedupeSettings
from tasks.adapters import store
from tasks.datasets.leaks import Leaks, exam_turns
from tasks.datasets.mix import Plan

_LATER = ("tools", "learned_turns")  # columns that older versions were hashed without
_CONTENT = ("answer_id", "split", "area", "kind", "messages", "copies", "weight", *_LATER)
_LEFT_OUT = ("answer_id", "reason", "match")
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
_AT_ONCE = 50_000  # rows


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset before it is frozen.

    rows   rows of `sft_rows`, drops rows of `dataset_drops`, both without their version
    plan   what an epoch shows of each task type
    about  the other columns of `dataset_versions`
    """

    rows: pl.DataFrame
    drops: pl.DataFrame
    plan: Plan
    about: dict[str, Any]

    @property
    def sha256(self) -> str:
        """Hash what is trained on, measured and left out, in the order of ids, lengths aside."""
        return content_hash(self.rows, self.drops)


def content_hash(rows: pl.DataFrame, drops: pl.DataFrame) -> str:
    """Return the sha256 of the rows of a version in `sft_rows` and `dataset_drops`.

    What a row has not is hashed as it was before rows could have it, so older versions verify.
    """
    digest = sha256()
    for part, columns in ((rows, _CONTENT), (drops, _LEFT_OUT)):
        for row in part.sort("answer_id").select(columns).iter_rows(named=True):
            known = {name: said for name, said in row.items() if name not in _LATER or said}
            digest.update(_CANONICAL.encode(known).encode() + b"\n")
    return digest.hexdigest()


def refuse_taken(warehouse: Path, name: str) -> None:
    """Refuse a name that a dataset has, whatever its rows.

    Raises:
        DatasetError: it has.
    """
    if store.select(warehouse, _VERSION, version=name).height:
        raise DatasetError(
            f"there is a dataset {name!r} already, and a version is never changed: choose another "
            f"--name. `flywheel dataset show {name}` says what it holds."
        )


def freeze(warehouse: Path, dataset: Dataset, name: str | None = None) -> str:
    """Write a dataset under `name`, else under its days and hash; return its version.

    The same dataset again changes nothing.

    Raises:
        SettingsError: the name cannot be one.
        DatasetError: another dataset has this name.
    """
    digest = dataset.sha256
    about = dataset.about
    version = (
        checked(name, "a dataset")
        if name
        else f"{about['first_day']}_{about['last_day']}-{digest[:8]}"
    )
    with store.writing(warehouse) as con:
        known = store.frame(con, _VERSION, version=version)
        if known.height and known["sha256"].item() == digest:
            return version
        if known.height:
            raise DatasetError(
                f"there is a dataset {version!r} already, with other rows. A version is never "
                "changed: choose another --name."
            )
        row = {"dataset_version": version, "created_at": store.now(), "sha256": digest, **about}
        store.insert(con, "dataset_versions", contracts.frame("dataset_versions", [row]))
        _insert(con, "sft_rows", dataset.rows, version)
        _insert(con, "dataset_drops", dataset.drops, version)
    return version


def verify(warehouse: Path, version: str) -> str:
    """Hash the rows of a version again; return their sha256.

    Raises:
        NotFound: there is no such version.
        Refused: the hash is not the one that the version was frozen with.
    """
    with store.reading(warehouse) as con:
        frozen, found = find(con, version)["sha256"], _hash_of(con, version)
    if found != frozen:
        raise Refused(
            f"dataset {version!r} is not what was frozen: its rows give sha256 {found}, wanted "
            f"{frozen}. Something else wrote to the warehouse; a backup may have the version."
        )
    return found


def rehash(con: store.Connection) -> None:
    """Name every version after its rows again: redaction may change what was frozen."""
    for (version,) in store.frame(con, "SELECT dataset_version FROM dataset_versions").iter_rows():
        con.execute(
            "UPDATE dataset_versions SET sha256 = $sha256 WHERE dataset_version = $version",
            {"version": version, "sha256": _hash_of(con, version)},
        )


def _hash_of(con: store.Connection, version: str) -> str:
    rows, drops = (
        store.frame(con, f"FROM {table} WHERE dataset_version = $version", version=version)
        for table in ("sft_rows", "dataset_drops")
    )
    return content_hash(rows, drops)


def about(warehouse: Path, version: str) -> dict[str, Any]:
    """Return the row of `dataset_versions`.

    Raises:
        NotFound: there is no such version.
    """
    with store.reading(warehouse) as con:
        return find(con, version)


def find(con: store.Connection, version: str) -> dict[str, Any]:
    """Return the row of `dataset_versions`, within an open transaction.

    Raises:
        NotFound: there is no such version.
    """
    found = store.frame(con, _VERSION, version=version).to_dicts()
    if not found:
        names = store.frame(con, "SELECT dataset_version FROM dataset_versions ORDER BY ALL")
        known = (
            ", ".join(names["dataset_version"]) or "none yet; `flywheel dataset build` makes one"
        )
        raise NotFound(f"no dataset {version!r}. There are: {known}.")
    return found[0]


def later_evals(con: store.Connection, about: Mapping[str, Any]) -> pl.DataFrame:
    """Return rows of `eval_prompts` that a version was not searched for when it was made."""
    known = json.loads(about["plan"] or "{}").get("eval_sets", [])
    evals = store.frame(con, "FROM eval_prompts ORDER BY eval_set, prompt_id")
    return evals.filter(~pl.col("eval_set").is_in(known))


def refuse_leaks(warehouse: Path, version: str, twins: DedupeSettings) -> None:
    """Refuse a dataset that holds prompts of eval sets which came after it.

    Raises:
        DatasetError: it does; the message names some.
    """
    with store.reading(warehouse) as con:
        evals = later_evals(con, find(con, version))
        rows = store.frame(con, _ROWS, version=version) if evals.height else evals
    found = Leaks(exam_turns(evals), twins).mark(rows).filter(pl.col("match").is_not_null())
    if found.height:
        some = ", ".join(
            f"{row['answer_id']} is a twin of {row['match']}" for row in found.head(3).to_dicts()
        )
        raise DatasetError(
            f"dataset {version!r} has {found.height} rows of eval sets that came after it: {some}. "
            "A new one leaves them out: flywheel dataset build"
        )


def _insert(con: store.Connection, table: str, rows: pl.DataFrame, version: str) -> None:
    """Append some rows at a time: on their way they are in memory twice."""
    for part in rows.iter_slices(_AT_ONCE):
        store.insert(con, table, part.with_columns(dataset_version=pl.lit(version)))


_VERSION = "FROM dataset_versions WHERE dataset_version = $version"
_ROWS = """
SELECT answer_id, messages FROM sft_rows
WHERE dataset_version = $version AND split = 'train' ORDER BY answer_id
"""
