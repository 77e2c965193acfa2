"""A training run shows its steps on a terminal, and nothing elsewhere."""

from schemas.release_settings import TrainSettings
from tasks.sft.spec import Progress
from tasks.training_progress import progress_of_training


def line(step):
    figures = dict.fromkeys(("loss", "learning_rate", "grad_norm", "token_accuracy", "epoch"), 0.5)
    return Progress(step=step, steps=9, tokens=step * 10, **figures)


def show(steps):
    with progress_of_training("m1") as hear:
        for step in steps:
            hear(line(step))


def test_a_terminal_shows_how_many_steps_are_done(monkeypatch, capsys):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    show([3, 9])
    shown = capsys.readouterr().err
    assert "train m1" in shown
    assert "100%" in shown
    assert "step 9 of 9, loss 0.500" in shown


def test_a_file_gets_no_bar(monkeypatch, capsys):
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    show([3, 9])
    assert capsys.readouterr().err == ""


def test_tensorboard_is_off_unless_it_is_asked_for():
    assert not TrainSettings().tensorboard
