"""Hashes that tell whether something changed: rows, settings, code.

They are kept in the store, so they must not depend on the process, the machine or the library
version: all are BLAKE2b over canonical JSON or file bytes.
"""

import json
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from schemas.errors import TaxonomyError
from schemas.settings import FlywheelSettings
from schemas.stages import Stage
from schemas.task_types import load
from tasks.kept_out import content
from tasks.templates import answer_template
from tasks.word_list import word_list

ROOT = Path(__file__).parent.parent  # holds flows/, tasks/ and schemas/, installed or not
_SLICE = 10_000  # rows turned into text at once


def row_hashes(rows: pl.DataFrame) -> pl.Series:
    """Return one UInt64 per row over all its columns, lists and structs included."""
    ordered = rows.select(sorted(rows.columns))
    lines = (line for part in ordered.iter_slices(_SLICE) for line in _json_lines(part))
    digests = b"".join([blake2b(line, digest_size=8).digest() for line in lines])
    return pl.Series("input_hash", np.frombuffer(digests, ">u8").astype(np.uint64))


def rows_hash(rows: pl.DataFrame) -> str:
    """Return one hash of all rows, whatever their order."""
    return text_hash(row_hashes(rows).sort().to_list())


def text_hash(value: Any) -> str:
    """Return a short hash of anything that JSON can hold."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def settings_hash(stage: Stage, cfg: FlywheelSettings) -> str:
    """Return the hash of the settings that decide the rows of `stage`, and of no others.

    Raises:
        TaxonomyError: the task types are among them and cannot be read.
    """
    return text_hash(chosen_settings(stage, cfg))


def settings_text(stage: Stage, cfg: FlywheelSettings) -> str:
    """Return what `settings_hash` is the hash of, as JSON that people can read.

    Raises:
        TaxonomyError: the task types are among them and cannot be read.
    """
    return json.dumps(chosen_settings(stage, cfg), sort_keys=True, ensure_ascii=False)


def chosen_settings(stage: Stage, cfg: FlywheelSettings) -> dict[str, Any]:
    """Return the settings that decide the rows of `stage`; files among them as a hash."""
    return {name: _setting(cfg, name) for name in stage.settings}


@cache
def code_version(stage: Stage) -> str:
    """Return the hash of the stage's own source files, SQL and templates."""
    own = [stage.file, f"schemas/queries/{stage.name}.sql"]
    globs = [*own, *stage.code, *(f"schemas/tables/{table}.sql" for table in stage.writes)]
    return _files_hash(path for glob in globs for path in ROOT.glob(glob))


def _setting(cfg: FlywheelSettings, dotted: str) -> Any:
    if dotted == "task_types":
        return _taxonomy_hash(cfg.task_types or ROOT / "schemas" / "task_types.toml")
    if dotted == "task_labels":
        return _task_labels(cfg.task_types)
    if dotted == "classifier":
        return _classifier_hash(cfg.var / "tagger" / "classifier.json")
    value: Any = cfg.model_dump(mode="json")
    for part in dotted.split("."):
        value = value[part]
    if dotted == "answer":
        return _answer(value, cfg)
    if dotted == "dataset":
        return value | _sets(cfg)
    return value | _lists(value) if dotted == "filter" else value


def _sets(cfg: FlywheelSettings) -> dict[str, Any]:
    """Return the files that a dataset is made with by what they hold."""
    extra = [
        one.model_dump(mode="json") | {"path": content([one.path], "dataset.extra")}
        for one in cfg.dataset.extra
    ]
    return {"keep_out": content(cfg.dataset.keep_out), "extra": extra}


def _lists(rules: dict[str, Any]) -> dict[str, Any]:
    """Return the word lists by what they hold: where they lie decides nothing."""
    return {"toxic_words": [text_hash(word_list(Path(path))) for path in rules["toxic_words"]]}


def _answer(values: dict[str, Any], cfg: FlywheelSettings) -> dict[str, Any]:
    """Return how answers are asked for: named templates by their text, endpoints by their model.

    Where the templates lie, and how fast an endpoint is asked, decides nothing.
    """
    names = {section.endpoint for section in (cfg.answer, *cfg.answer.kinds.values())}
    used = {name: cfg.llm.endpoint(name) for name in sorted(names) if name}
    return {
        **{name: value for name, value in values.items() if name != "templates"},
        "texts": {
            name: text_hash(answer_template(name, cfg.answer.templates))
            for name in cfg.answer.named_templates
        },
        "endpoints": {name: [llm.group, llm.model] for name, llm in used.items()},
    }


def _taxonomy_hash(path: Path) -> str:
    try:
        return _files_hash([path])
    except OSError as error:
        raise TaxonomyError(
            f"{path}: {error.strerror}. Fix `task_types` in flywheel.toml, or unset it."
        ) from None


def _task_labels(path: Path | None) -> dict[str, Any]:
    types = load(path)
    return {"version": types.version, "labels": types.labels}


def _classifier_hash(path: Path) -> str:
    """Name the trained classifier of the tag stage; its file holds the checksum of the rest."""
    return _files_hash([path]) if path.is_file() else "shipped"


def _files_hash(paths: Iterable[Path]) -> str:
    digest = blake2b(digest_size=8)
    for path in sorted(set(paths)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _json_lines(rows: pl.DataFrame) -> list[bytes]:
    written = BytesIO()
    rows.write_ndjson(written)
    return written.getvalue().splitlines()
