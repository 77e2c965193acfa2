"""Make the demo's base model in a process of its own: the caller needs no torch."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tasks.sft import process
from tasks.sft.spec import Frozen

_MODULE = "tasks.demo.base"


class BaseSpec(Frozen):
    """What the child is told; `texts` is a JSON list."""

    folder: Path
    texts: Path
    seed: int


def make_base_in_child(folder: Path, texts: Sequence[str], seed: int = 7) -> Path:
    """Write the student that nothing has taught yet to `folder` and return it.

    `texts` are the training texts that its vocabulary is learned from; see student.make_base.
    `folder` is there only once it is whole.

    Raises:
        TrainingFailed: the child died; the message has the end of its log.
    """
    with tempfile.TemporaryDirectory() as place:
        told, said = Path(place) / "spec.json", Path(place) / "texts.json"
        said.write_text(json.dumps(list(texts), ensure_ascii=False), encoding="utf-8")
        spec = BaseSpec(folder=folder.absolute(), texts=said, seed=seed)
        told.write_text(spec.model_dump_json(), encoding="utf-8")
        offline = {"HF_HUB_OFFLINE": "1"}
        process.run(_MODULE, told, Path(place) / "log.txt", lambda _: None, offline)
    return folder


def _work(path: str, _: process.Say) -> None:
    from tasks.demo.student import make_base  # noqa: PLC0415 - only the child has torch

    spec = BaseSpec.model_validate_json(Path(path).read_text(encoding="utf-8"))
    unready = spec.folder.with_name(f"{spec.folder.name}.tmp")
    shutil.rmtree(unready, ignore_errors=True)
    make_base(unready, json.loads(spec.texts.read_text(encoding="utf-8")), spec.seed)
    shutil.rmtree(spec.folder, ignore_errors=True)
    unready.rename(spec.folder)


if __name__ == "__main__":
    process.child(_work)
