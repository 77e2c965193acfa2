"""A store with kept answers, a base model and an eval set: what a release starts from."""

from datetime import date, datetime
from random import Random

import polars as pl
import pytest

from schemas import contracts
from schemas.settings import EvaluateSettings, FlywheelSettings, TrainSettings
from tasks import exam
from tasks.adapters import store
from tasks.demo.held_out import write_lines
from tasks.demo.skills import skill

DAY = date(2026, 3, 2)
SENTIMENT = skill("classification/sentiment")


def examples(seed, count):
    rng = Random(seed)
    made = {e.prompt: e for e in (SENTIMENT.example(rng, "en") for _ in range(3 * count))}
    return list(made.values())[:count]


@pytest.fixture(scope="session")
def keep():
    """Write examples into the store as kept answers of one day: keep(cfg, day, examples)."""

    def write(cfg, day, made):
        area, kind = SENTIMENT.label.split("/")
        message = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
        ids = [f"{day:%d}{number:06x}" for number in range(len(made))]
        at = datetime(day.year, day.month, day.day, 9)
        prompts = [
            {"day": day, "prompt_id": f"{id_}-0", "chat_id": id_, "turn": 0, "started_at": at}
            | {"user_key": None, "language": "en", "prompt": one.prompt, "traits": []}
            | {"messages": [message | {"role": "user", "content": one.prompt}], "origin": "log"}
            | {"rule_hits": [], "drop_reason": None, "input_hash": 0}
            for id_, one in zip(ids, made, strict=True)
        ]
        answers = [
            {"day": day, "answer_id": f"{id_}-0-0", "prompt_id": f"{id_}-0", "version": 0}
            | {"area": area, "kind": kind, "answer": one.answer, "duplicate_of": None}
            | {"template_of": None, "jaccard": None, "drop_reason": None, "input_hash": 0}
            for id_, one in zip(ids, made, strict=True)
        ]
        row = dict.fromkeys(contracts.schema("stage_runs"), 0) | {
            **{"stage": "dedupe_answers", "day": day, "run_id": "r", "status": "complete"},
            **{"kept": len(made), "fingerprint": "", "code_version": "", "outputs": f"{day}"},
            **{"inputs": "none", "stale": None, "message": None, "seconds": 0.0},
            "finished_at": at,
        }
        with store.writing(cfg.warehouse) as con:
            for table, rows in (
                ("prompts", prompts),
                ("unique_answers", answers),
                ("stage_runs", [row]),
            ):
                store.insert(con, table, contracts.frame(table, rows))

    return write


@pytest.fixture(scope="session")
def student_base(tmp_path_factory):
    """A base model of 40,000 random weights that knows the words of the examples."""
    pytest.importorskip("torch", reason="not run: no torch")
    from tasks.demo.student import StudentShape, make_base

    shape = StudentShape(vocabulary=400, width=32, layers=1, heads=2)
    texts = [text for e in examples(1, 80) for text in (e.prompt, e.answer)]
    return make_base(tmp_path_factory.mktemp("student") / "base", texts, 1, shape)


@pytest.fixture(scope="session")
def ready(tmp_path_factory, student_base, keep):
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
        keep(cfg, DAY, examples(1, 80))
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
