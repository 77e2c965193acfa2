"""A trained classifier on disk: numbers in an .npz, names and figures in a .json that points to it.

No pickle: a file can hold wrong numbers, never code. The .json is replaced last and names the
.npz by its hash, so a reader sees the old classifier or the new one, never half of each.
"""

import os
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import TaggerError
from tasks.adapters.locks import locked
from tasks.tagging.classifier import Classifier
from tasks.tagging.features import COLUMNS
from tasks.tagging.held_out import HeldOut
from tasks.tagging.linear import Linear

NAME = "classifier.json"
FORMAT = 1  # raise it when features or arrays change their meaning


class About(BaseModel):
    """What stands in the .json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    labels: tuple[str, ...]
    guessed: tuple[str, ...]  # of each held-out prompt
    meant: tuple[str, ...]
    temperature: float
    about: dict[str, int]
    figures: dict[str, float]

    @property
    def arrays(self) -> str:
        """Name of the file with the numbers."""
        return f"classifier-{self.sha256[:12]}.npz"


def save(classifier: Classifier, folder: Path) -> None:
    """Write a classifier into `folder` in place of the one there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = _packed(classifier)
    about = About(
        format=FORMAT,
        sha256=sha256(content).hexdigest(),
        labels=classifier.model.labels,
        guessed=classifier.held_out.guessed,
        meant=classifier.held_out.meant,
        temperature=classifier.temperature,
        about=classifier.about,
        figures=classifier.held_out.figures(),
    )
    with locked(folder / "classifier.lock"):
        _write(folder / about.arrays, content)
        _write(folder / NAME, about.model_dump_json(indent=1).encode())
        for old in set(folder.glob("*.npz")) - {folder / about.arrays}:
            old.unlink()


def load(folder: Path) -> Classifier | None:
    """Return the classifier in `folder`; None where none was ever trained.

    Raises:
        TaggerError: a file is missing, damaged, or of another program.
    """
    if not (folder / NAME).exists():
        return None
    path = folder / NAME
    with locked(folder / "classifier.lock", shared=True):
        try:
            about = About.model_validate_json(path.read_bytes())
            path = folder / about.arrays
            content = path.read_bytes()
        except OSError as error:
            raise _unusable(path, f"cannot be read: {error.strerror}") from None
        except ValidationError as error:
            raise _unusable(path, f"is damaged or foreign ({_first(error)})") from None
    if sha256(content).hexdigest() != about.sha256:
        raise _unusable(path, "is damaged: its checksum differs")
    return _unpacked(about, content, path)


def _packed(classifier: Classifier) -> bytes:
    model, buffer = classifier.model, BytesIO()
    np.savez_compressed(
        buffer,
        columns=model.columns,
        idf=model.idf,
        weights=model.weights,
        bias=model.bias,
        confidence=classifier.held_out.confidence,
    )
    return buffer.getvalue()


def _unpacked(about: About, content: bytes, path: Path) -> Classifier:
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except (BadZipFile, ValueError, OSError, KeyError) as error:
        raise _unusable(path, f"is no .npz file ({error})") from None
    rows, labels = len(found.get("columns", ())), len(about.labels)
    shapes = {
        "columns": (rows,),
        "idf": (rows,),
        "weights": (rows, labels),
        "bias": (labels,),
        "confidence": (len(about.meant),),
    }
    if {name: array.shape for name, array in found.items()} != shapes or not _fits(found, about):
        raise _unusable(path, "holds other arrays than a classifier of this version")
    held_out = HeldOut(about.guessed, about.meant, found.pop("confidence"))
    return Classifier(Linear(about.labels, **found), about.temperature, held_out, about.about)


def _fits(found: dict[str, np.ndarray], about: About) -> bool:
    columns = found["columns"]
    inside = columns.dtype.kind == "i" and (not columns.size or columns.max() < COLUMNS)
    return bool(inside and len(about.guessed) == len(about.meant))


def _write(path: Path, content: bytes) -> None:
    """Write all of a file or nothing of it, for its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _first(error: ValidationError) -> str:
    mistake: Any = error.errors(include_input=False)[0]
    where = ".".join(str(part) for part in mistake["loc"])
    return f"{where}: {mistake['msg']}" if where else str(mistake["msg"])


def _unusable(path: Path, what: str) -> TaggerError:
    return TaggerError(
        f"{path} {what}. Make it anew with `flywheel tag train`, or remove the folder "
        f"{path.parent} to go on with the shipped examples."
    )
