"""Where an export is built, and how it takes its place: whole, or not at all."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from schemas.errors import DatasetError

MANIFEST = "export.json"


@contextmanager
def room_beside(out: Path, *, parents: bool) -> Iterator[Path]:
    """Yield a private folder beside `out`, on its disk; it is gone afterwards.

    A process that is killed leaves it behind, hidden, and `out` as it was.

    Args:
        out: what will take its place.
        parents: make the folders that `out` lies in.

    Raises:
        DatasetError: `out` or what is built cannot be written.
    """
    try:
        if parents:
            out.parent.mkdir(parents=True, exist_ok=True)
        room = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)
    except OSError as error:
        raise DatasetError(f"cannot write {out}: {error.strerror or error}.") from None


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier export, which alone may be replaced.

    Raises:
        DatasetError: it does, or it is a file.
    """
    if out.is_file():
        raise DatasetError(f"{out} is a file; a folder of files and a card is written there.")
    foreign = sorted(_files(out) - _listed(out)) if out.is_dir() else []
    if foreign:
        raise DatasetError(
            f"{out} is not empty, and {foreign[0]} in it is of no earlier export. Choose another "
            "--out, or empty it."
        )


def seal(folder: Path, about: Mapping[str, Any]) -> None:
    """Write the list of what `folder` holds, with hashes, by which an export is known again."""
    files = {name: _sha256(folder / name) for name in sorted(_files(folder))}
    text = json.dumps({**about, "files": files}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def put(built: Path, out: Path) -> None:
    """Give what was built its name; an earlier export leaves first."""
    if out.is_dir():
        out.rename(built.with_name("earlier"))
    built.replace(out)


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def _listed(folder: Path) -> set[str]:
    """Return the files that an earlier export says it wrote; none where there was none."""
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {MANIFEST, *listed}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
