"""What is looked at before the first step of a run, on the trainer and the batches it will get.

A run that fails here would end in a model that talks on, learns the wrong tokens or dies. Each
check has a name, what was found, and what to do about it. `python -m tasks.sft.preflight SPEC.json`
does them all and trains nothing.
"""

from contextlib import suppress
from pathlib import Path

from schemas.errors import (
    PadEqualsEos,
    PreflightFailed,
    ResizedForLora,
    StopTokenUnclear,
    TrainingError,
)
from tasks.sft import process
from tasks.sft.assemble import Assembled, assemble
from tasks.sft.ending import in_words
from tasks.sft.preflight_checks import CHECKS
from tasks.sft.ranks import is_main
from tasks.sft.spec import Check, TrainSpec
from tasks.sft.train import CHECKED

_REFUSALS: dict[type[TrainingError], str] = {
    PadEqualsEos: "padding_token",
    StopTokenUnclear: "stop_token",
    ResizedForLora: "embeddings",
}


def looked_at(run: Assembled) -> tuple[Check, ...]:
    """Do every check on a run that is ready to begin, and write what was found to CHECKED.

    Raises:
        PreflightFailed: a check failed; the message has each with its fix.
    """
    checks = tuple(check(run) for check in CHECKS)
    _write(run.spec, checks)
    failed = [check for check in checks if not check.passed]
    if failed:
        said = " ".join(f"{check.name}: {check.finding}. {check.fix}" for check in failed)
        raise PreflightFailed(f"{len(failed)} of {len(checks)} checks failed. {said}")
    return checks


@in_words()
def look_only(spec: TrainSpec) -> None:
    """Do every check of a run and train nothing; what cannot be assembled is a failed check."""
    try:
        run = assemble(spec)
    except TrainingError as error:
        name = _REFUSALS.get(type(error), "model_and_rows")
        _write(spec, (Check(name=name, passed=False, finding=error.seen, fix=error.fix),))
        return
    with suppress(PreflightFailed):
        looked_at(run)


def _write(spec: TrainSpec, checks: tuple[Check, ...]) -> None:
    lines = (f"{check.model_dump_json()}\n" for check in checks)
    if is_main():
        (spec.out / CHECKED).write_text("".join(lines), encoding="utf-8")


def _work(path: str, _: process.Say) -> None:
    look_only(TrainSpec.model_validate_json(Path(path).read_text(encoding="utf-8")))


if __name__ == "__main__":
    process.child(_work)
