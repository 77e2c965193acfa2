"""The registry of models: what there is, who is champion, and where the weights are."""

from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.errors import NotFound
from schemas.settings import FlywheelSettings
from tasks.adapters import store

Model = dict[str, Any]  # a row of `models`


def shown_path(cfg: FlywheelSettings, path: Path | str) -> str:
    """Return a path as the store keeps it: from the folder of flywheel.toml when it lies there."""
    whole = Path(path)
    inside = whole.is_absolute() and whole.is_relative_to(cfg.root)
    return whole.relative_to(cfg.root).as_posix() if inside else str(path)


def folder_of(cfg: FlywheelSettings, model: Model) -> str:
    """Return where the weights of a model are: a folder, or a base model's name on a hub.

    Raises:
        NotFound: a trained model whose folder is gone.
    """
    inside = cfg.root / model["path"]
    if inside.is_dir():
        return str(inside)
    if model["run_id"]:
        raise NotFound(
            f"the weights of {model['model_id']} are gone from {model['path']}. Train it again: "
            f"flywheel train --dataset {model['dataset_version']}"
        )
    return str(model["path"])


def find(con: store.Connection, model_id: str) -> Model:
    """Return the row of one model.

    Raises:
        NotFound: there is no such model.
    """
    found = store.frame(con, "FROM models WHERE model_id = $id", id=model_id).to_dicts()
    if not found:
        names = store.frame(con, "SELECT model_id FROM models ORDER BY registered_at, model_id")
        known = ", ".join(names["model_id"]) or "none yet; `flywheel train` makes one"
        raise NotFound(f"no model {model_id!r}. There are: {known}.")
    return found[0]


def champion(con: store.Connection) -> Model | None:
    """Return the row of the champion; None before there is one."""
    found = store.frame(con, "FROM models WHERE status = 'champion'").to_dicts()
    return found[0] if found else None


def write(con: store.Connection, model: Model) -> None:
    """Make `model` the row of its id."""
    rows: pl.DataFrame = contracts.frame("models", [model])
    store.upsert(con, "models", rows, "model_id")


def new_model(**columns: Any) -> Model:
    """Return a row of `models`, registered now; columns that are not given are null."""
    row: Model = dict.fromkeys(contracts.schema("models"))
    return row | {"registered_at": store.now()} | columns
