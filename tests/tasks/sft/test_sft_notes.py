import re
from math import exp
from pathlib import Path

import pytest

from tasks.sft.notes import notes
from tasks.sft.spec import Progress, StopRate, TrainSpec


def spec(batching="padding"):
    return TrainSpec(base_model="m", rows=Path("r"), out=Path("o"), batching=batching)


def log(losses, per_epoch=20):
    rest = {"learning_rate": 1e-5, "grad_norm": 1.0, "token_accuracy": 0.5, "tokens": 1}
    steps = len(losses)
    return [
        Progress(step=n + 1, steps=steps, epoch=(n + 1) / per_epoch, loss=loss, **rest)
        for n, loss in enumerate(losses)
    ]


def said(losses, validation=None, rates=(), batching="padding"):
    return notes(spec(batching), log(losses), validation or {}, rates)


SMOOTH = [1 + exp(-n / 15) for n in range(60)]


def test_a_run_that_went_well_has_no_notes():
    all_stop = [StopRate(step=60, prompts=20, stopped=20)]
    assert said(SMOOTH, {20: 1.5, 40: 1.25, 60: 1.26}, all_stop) == ()


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ({"losses": SMOOTH[:10]}, "only 10 steps: .*batch_rows"),
        ({"losses": [*SMOOTH, *[2.5] * 10]}, r"rose from 1\.0\d+ .*diverged.*learning_rate"),
        (
            {"losses": [2.0 - n / 200 for n in range(20)] + [1.0] * 20},
            r"fell from 1\.9\d+ to 1\.000 where epoch 2 began.*by heart",
        ),
        (
            {"losses": SMOOTH, "validation": {20: 1.5, 40: 1.6, 60: 1.9}},
            r"lowest after step 20 \(1\.500\) and rose to 1\.900.*step 20 are kept",
        ),
        (
            {"losses": SMOOTH, "rates": [StopRate(step=60, prompts=20, stopped=18)]},
            "18 of 20 answers end by themselves",
        ),
        ({"losses": SMOOTH, "batching": "packed"}, "rows were cut"),
    ],
    ids=["few", "diverged", "staircase", "overfitted", "talks_on", "cut"],
)
def test_what_is_odd_is_said_with_what_to_look_at(given, note):
    [found] = said(**given)
    assert re.search(note, found), found


def test_a_loss_that_falls_as_fast_within_an_epoch_is_no_staircase():
    assert said([4 * exp(-n / 8) + 0.5 for n in range(60)]) == ()


def test_a_run_without_a_log_has_hardly_learned():
    assert notes(spec(), [], {}, ())[0].startswith("only 0 steps")
