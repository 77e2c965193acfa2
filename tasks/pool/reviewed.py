"""Take answers that a person has looked at into the few-shot pool."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas import ddl
from schemas.errors import NotFound, PoolError
from schemas.task_types import TaskTypes
from tasks.adapters import store


def examples(warehouse: Path, ids: Sequence[str], types: TaskTypes) -> list[dict[str, Any]]:
    """Return rows of `unique_answers` with their prompts, as examples.

    Args:
        warehouse: the store.
        ids: answer_ids, or beginnings that only one has.
        types: today's list of task types.

    Raises:
        NotFound: there is no such answer, or several begin like that.
        PoolError: an answer was dropped, answers a later turn of a chat, or is of a task type
            that is not in the list.
    """
    with store.reading(warehouse) as con:
        found = {
            wanted: store.frame(con, ddl.query("pool_answers"), wanted=wanted) for wanted in ids
        }
    rows = [_one(wanted, rows.to_dicts()) for wanted, rows in found.items()]
    return [_example(row, types) for row in rows]


def _one(wanted: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    exact = [row for row in rows if row["answer_id"] == wanted]
    if exact or len(rows) == 1:
        return (exact or rows)[0]
    if not rows:
        raise NotFound(f"no row of unique_answers begins with {wanted!r}.")
    some = ", ".join(row["answer_id"] for row in rows[:5])
    raise NotFound(f"{wanted!r} is the beginning of several: {some}. Give more of it.")


def _example(row: dict[str, Any], types: TaskTypes) -> dict[str, Any]:
    id_, label = row["answer_id"], types.resolve(f"{row['area']}/{row['kind']}")
    if row["drop_reason"]:
        raise PoolError(f"{id_} was dropped ({row['drop_reason']}). Take the answer that is kept.")
    if row["turns"] > 1:
        raise PoolError(
            f"{id_} answers turn {row['turns']} of a chat, and an example is one turn and its "
            "answer. Take another, or write it into a file so that it stands alone."
        )
    if label is None:
        raise PoolError(f"{id_} is {row['area']}/{row['kind']}, which is no task type of the list.")
    area, _, kind = label.partition("/")
    texts = {"prompt": row["prompt"], "answer": row["answer"]}
    return {"area": area, "kind": kind, "example_id": id_, **texts, "origin": "answer"}
