"""A day of unique prompts to answer, and a few-shot pool to answer them with."""

from datetime import date, datetime

import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.conversation import text_message
from schemas.run import Run
from tasks.adapters import store
from tasks.answer import answer
from tasks.pool import versions

DAY = date(2026, 3, 2)


@pytest.fixture
def day_of():
    """Write the prompts that answer reads: day_of(cfg, (id, text, "area/kind"), ...)."""

    def write(cfg, *prompts, language="en"):
        rows = [_row(*each) | {"language": language} for each in prompts]
        with store.writing(cfg.warehouse) as con:
            for table in ("prompts", "unique_prompts"):
                columns = contracts.schema(table)
                made = [{name: row.get(name) for name in columns} for row in rows]
                store.replace(con, table, DAY, contracts.frame(table, made))
        return Batch(warehouse=cfg.warehouse, table="unique_prompts", day=DAY, rows=len(rows))

    return write


def _row(id_, text, label):
    area, kind = label.split("/")
    return {
        "day": DAY,
        "prompt_id": id_,
        "chat_id": id_,
        "turn": 0,
        "started_at": datetime(2026, 3, 2),
        "messages": [text_message("user", text)],
        "prompt": text,
        "traits": [],
        "origin": "log",
        "rule_hits": [],
        "area": area,
        "kind": kind,
        "input_hash": 1,
    }


@pytest.fixture
def answers():
    """Run the answer stage and return its rows by id: answers(cfg, batch, "answer")."""

    def run(cfg, batch, *restage):
        answer.fn(batch, Run(cfg=cfg, restage=frozenset(restage)))
        return stored(cfg)

    return run


def stored(cfg):
    rows = store.select(cfg.warehouse, "FROM answers ORDER BY answer_id").to_dicts()
    return {row["answer_id"]: row for row in rows}


@pytest.fixture
def add_examples():
    """Freeze a version of the pool: add_examples(cfg, (prompt, answer), ..., kind="qa/how_to")."""

    def add(cfg, *pairs, kind="qa/how_to"):
        area, name = kind.split("/")
        given = [
            {
                "area": area,
                "kind": name,
                "example_id": f"e-{prompt}",
                "prompt": prompt,
                "answer": said,
                "origin": "file",
            }
            for prompt, said in pairs
        ]
        return versions.add(cfg, given)

    return add
