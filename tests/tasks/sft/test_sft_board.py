"""Event files for TensorBoard: every step once, also of a run that went on."""

from types import SimpleNamespace

import pytest

pytest.importorskip("tensorboard", reason="not run: no tensorboard")
from tasks.sft.looks import Looks
from tasks.sft.spec import Look, TypeLoss


def curves(folder):
    """Read (step, value) of every curve in a folder of event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder)).Reload()
    return {
        name: [(point.step, round(point.value, 3)) for point in read.Scalars(name)]
        for name in read.Tags()["scalars"]
    }


@pytest.fixture
def written(tmp_path):
    """Log steps to a board that goes on from one of them."""
    pytest.importorskip("torch", reason="not run: no torch")
    from tasks.sft.board import Board

    looks = Looks(tmp_path / "looks.jsonl")

    def write(begin, *steps, loss):
        board = Board(tmp_path / "events", begin, looks)
        for step in steps:
            state = SimpleNamespace(global_step=step, is_world_process_zero=True)
            board.on_step_end(None, state, None)
            board.on_log(None, state, None, {"loss": loss})
        board.on_train_end(None, None, None)
        return curves(tmp_path / "events")

    write.looks = looks
    return write


def test_a_run_that_goes_on_shows_every_step_once(written):
    written(0, 1, 2, 3, loss=0.5)
    assert written(1, 2, 3, 4, loss=0.25)["train/loss"] == [
        (1, 0.5),
        (2, 0.25),
        (3, 0.25),
        (4, 0.25),
    ]


def test_a_run_that_begins_again_shows_nothing_of_the_one_before(written):
    written(0, 1, 2, 3, loss=0.5)
    assert written(0, 1, loss=0.25)["train/loss"] == [(1, 0.25)]


def test_validation_losses_are_shown_by_task_type(written):
    parts = [("qa/how_to", 10, 0.5), ("chat/other", 30, 1.0)]
    losses = (TypeLoss(task_type=t, rows=1, label_tokens=n, loss=x) for t, n, x in parts)
    written.looks.add(Look(step=2, validation=tuple(losses)))
    found = written(0, 1, 2, 3, loss=0.5)
    assert found["validation/loss"] == [(2, 0.875)]
    assert found["validation/qa/how_to"] == [(2, 0.5)]


@pytest.mark.slow
def test_a_training_run_writes_what_it_logs(result, spec):
    lines = [(one[0], one[1]) for one in curves(spec.out / "tensorboard")["train/loss"]]
    assert len(lines) == len((spec.out / "metrics.jsonl").read_text().splitlines())
    assert lines[-1] == (result.steps, round(result.loss, 3))


def test_a_missing_package_is_named_with_its_extra(spec, tmp_path, monkeypatch):
    from schemas.errors import NotInstalled
    from tasks.sft import process
    from tasks.sft.train import run_child

    found = process.find_spec
    monkeypatch.setattr(
        process, "find_spec", lambda name: None if name == "tensorboard" else found(name)
    )
    with pytest.raises(NotInstalled, match=r"^tensorboard cannot .*'\.\[tensorboard\]'$"):
        run_child(spec.model_copy(update={"out": tmp_path}))
