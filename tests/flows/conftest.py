"""The command line, and a store with all that a release starts from."""

import os
import shutil
import sys
from dataclasses import dataclass
from datetime import date
from io import StringIO
from random import Random

import polars as pl
import pytest

from flows import cli, console
from schemas.settings import EvaluateSettings, FlywheelSettings, TrainSettings
from schemas.settings_file import load
from tasks import exam
from tasks.adapters import store
from tasks.datasets.split import split_of
from tasks.demo.held_out import write_lines
from tasks.demo.skills import skill


@dataclass
class Result:
    code: int
    out: str
    err: str


@pytest.fixture
def flywheel(tmp_path, monkeypatch, capsys):
    """The command line, called in this process."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("FLYWHEEL_")]:
        del os.environ[name]
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "width", 200)
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["flywheel", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", StringIO())
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        return Result(int(stop.value.code or 0), said.out, said.err)

    yield call
    os.environ.clear()
    os.environ.update(before)


SENTIMENT = skill("classification/sentiment")


def examples(seed, count):
    rng = Random(seed)
    made = {e.prompt: e for e in (SENTIMENT.example(rng, "en") for _ in range(3 * count))}
    return list(made.values())[:count]


@pytest.fixture(scope="session")
def student_base(tmp_path_factory):
    """A base model of 40,000 random weights that knows the words of the examples."""
    pytest.importorskip("torch", reason="not run: no torch")
    from tasks.demo.student import StudentShape, make_base

    shape = StudentShape(vocabulary=400, width=32, layers=1, heads=2)
    texts = [text for e in examples(1, 80) for text in (e.prompt, e.answer)]
    return make_base(tmp_path_factory.mktemp("student") / "base", texts, 1, shape)


@pytest.fixture(scope="session")
def ready(tmp_path_factory, student_base, kept, keep):
    """Settings of a store that a release can start from: ready(name) makes a new one."""

    def make(**train):
        root = tmp_path_factory.mktemp("release")
        settings = TrainSettings(**{"base_model": str(student_base), **_TRAIN, **train})
        cfg = FlywheelSettings(
            var=root / "var",
            train=settings,
            evaluate=EvaluateSettings(eval_set="e1", max_new_tokens=12),
        )
        store.prepare(cfg.warehouse)
        made = enumerate(examples(1, 80))
        keep(cfg, *(kept(f"c{n}", e.prompt, e.answer, kind=SENTIMENT.label) for n, e in made))
        asked = [
            {"prompt": e.prompt, "task_type": SENTIMENT.label, "reference": e.answer}
            for e in examples(2, 30)
        ]
        write_lines(root / "eval.jsonl", asked)
        exam.add_eval_set(cfg, "e1", root / "eval.jsonl")
        return cfg

    return make


_TRAIN = {
    **{"epochs": 12, "learning_rate": 8e-3, "batch_rows": 8, "max_tokens": 120, "threads": 1},
    **{"save_every": 20, "log_every": 20},
}


@pytest.fixture(scope="session")
def tables():
    """Read a table of a store, in a total order."""

    def read(cfg, name) -> pl.DataFrame:
        return store.select(cfg.warehouse, f"FROM {name} ORDER BY ALL")

    return read


@pytest.fixture(scope="session")
def two_days(tmp_path_factory, keep, kept):
    """A warehouse of two days: eight long answers, two short, a held one, a talk, an empty one."""
    held = next(user for user in map("v{}".format, range(400)) if split_of(user, 0.05) != "train")
    cfg = FlywheelSettings(var=tmp_path_factory.mktemp("two-days") / "var")
    store.prepare(cfg.warehouse)
    long = [kept(f"a{n}", f"Question {n}?", "word " * 20, user=f"t{n}") for n in range(8)]
    short = [
        kept(f"b{n}", f"Mood {n}?", "good", kind=SENTIMENT.label, day=date(2026, 3, 3))
        for n in range(2)
    ]
    talk = kept("d1", "And then?", "Eat.", before=("How do I boil an egg?", "Wait."), turn=1)
    keep(cfg, *long, *short, talk, kept("e1", "Held?", "Yes.", user=held), kept("h1", "Hm?", " "))
    return cfg.warehouse


@pytest.fixture
def home(tmp_path, flywheel, two_days):
    """A folder with settings and that warehouse."""
    toml = '[dataset]\nmin_short_share = 0.06\n[evaluate]\neval_set = "exam-1"\n'
    (tmp_path / "flywheel.toml").write_text(toml)
    cfg = load(None)
    cfg.var.mkdir(mode=0o711)
    shutil.copy(two_days, cfg.warehouse)
    return cfg
