"""Train a model in a process of its own."""

from collections.abc import Callable
from pathlib import Path

from tasks.sft import launch, process
from tasks.sft.spec import Check, Progress, TrainResult, TrainSpec

RESULT = "result.json"
CHECKED = "preflight.jsonl"


def run_child(
    spec: TrainSpec, on_progress: Callable[[Progress], None] = lambda _: None
) -> TrainResult:
    """Train as `spec` says; a run that died goes on from its newest whole checkpoint.

    A run that is finished is not run again: the same spec and rows give the result on disk.

    Raises:
        PadEqualsEos, StopTokenUnclear: the base model cannot learn to stop; see tasks/sft/tokens.
        PreflightFailed: the model would be trained in vain.
        TrainingError: no row is left to train on.
        NotInstalled: a package is missing.
        TrainingFailed: the child died, of memory for example; the message has the end of its log.
    """
    spec.out.mkdir(parents=True, exist_ok=True)
    if done := finished(spec):
        return done
    if spec.tensorboard:
        process.must_be_installed(["tensorboard"], "tensorboard")
    told = spec.out / "spec.json"
    told.write_text(spec.model_dump_json(indent=2), encoding="utf-8")
    process.run(
        "tasks.sft.child",
        told,
        spec.out / "log.txt",
        lambda said: on_progress(Progress.model_validate(said)),
        {**process.offline(spec.base_model), **process.surroundings(spec.processes)},
        launch.command(spec),
    )
    return TrainResult.model_validate_json((spec.out / RESULT).read_text(encoding="utf-8"))


def preflight(spec: TrainSpec) -> tuple[Check, ...]:
    """Do every check that comes before training, and train nothing.

    Raises:
        NotInstalled, TrainingFailed: the child could not start, or died.
    """
    spec.out.mkdir(parents=True, exist_ok=True)
    told = spec.out / "preflight.json"
    told.write_text(spec.model_dump_json(indent=2), encoding="utf-8")
    env = {**process.offline(spec.base_model), **process.surroundings(1)}
    process.run("tasks.sft.preflight", told, spec.out / "preflight.txt", lambda _: None, env)
    return checked(spec)


def checked(spec: TrainSpec) -> tuple[Check, ...]:
    """Return what preflight last found; nothing if it never ran."""
    path = spec.out / CHECKED
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return tuple(Check.model_validate_json(line) for line in lines if line)


def finished(spec: TrainSpec) -> TrainResult | None:
    """Return the result of an earlier run of the same spec and rows, if it came to its end."""
    path: Path = spec.out / RESULT
    if not path.is_file():
        return None
    result = TrainResult.model_validate_json(path.read_text(encoding="utf-8"))
    same = result.fingerprint == spec.fingerprint() and result.model.is_dir()
    return result if same else None
