"""Eval sets: read from a file once, frozen in the store, never trained on."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.conversation import Message, text_message
from schemas.errors import EvalSetError
from schemas.names import checked
from schemas.settings import DedupeSettings, FlywheelSettings
from schemas.task_types import UNKNOWN, load
from tasks.adapters import store
from tasks.control_tokens import neutralised
from tasks.datasets.leaks import Leaks, turns
from tasks.json_lines import objects
from tasks.redaction.redact import redact_texts
from tasks.redaction.rules import Rules, rules_of

_KEYS = {"messages", "prompt", "task_type", "reference", "expectation"}
_SHOWN = 3


def add_eval_set(cfg: FlywheelSettings, name: str, path: Path) -> int:
    """Freeze a file of eval prompts under `name`; return how many there are.

    A line is JSON: `prompt` (text) or `messages`, `task_type` as area/kind, and `reference` where
    there is a right answer. The same file again changes nothing.

    Raises:
        SettingsError: the name cannot be one.
        EvalSetError: a line is wrong, a set of that name has other prompts, or a model was
            trained on one of these prompts or a twin of it.
    """
    checked(name, "an eval set")
    labels = frozenset((*load(cfg.task_types).labels, UNKNOWN))
    rules = rules_of(cfg)
    safe = [_made_safe(row, rules) for row in _rows(name, path, labels)]
    rows = contracts.frame("eval_prompts", safe).sort("prompt_id")
    if not rows.height:
        raise EvalSetError(f"{path} holds no prompt.")
    with store.reading(cfg.warehouse) as con:
        trained = store.frame(con, _TRAINED)
    _refuse_trained(rows, trained, cfg.dedupe)
    with store.writing(cfg.warehouse) as con:
        known = store.frame(con, _SET, name=name)
        if known.height and not known.equals(rows):
            raise EvalSetError(
                f"there is an eval set {name!r} already, with other prompts or references. A set "
                "is never changed: choose another name, such as the next version."
            )
        if not known.height:
            store.insert(con, "eval_prompts", rows)
    return rows.height


def _rows(name: str, path: Path, labels: frozenset[str]) -> Iterator[dict[str, Any]]:
    places: dict[str, int] = {}
    for where, number, said in objects(path, sorted(_KEYS), EvalSetError):
        row = {"eval_set": name, **_row(said, labels, where)}
        first = places.setdefault(row["prompt_id"], number)
        if first != number:
            raise EvalSetError(f"{where}: the same prompt as in line {first}. Remove one of them.")
        yield row


def _row(said: dict[str, Any], labels: frozenset[str], where: str) -> dict[str, Any]:
    messages = _messages(said, where)
    area, kind = _task_type(said, labels, where)
    reference = said.get("reference")
    if reference is not None and not isinstance(reference, str):
        raise EvalSetError(f"{where}: `reference` must be text, got {reference!r}.")
    return {
        "prompt_id": _id(messages),
        "area": area,
        "kind": kind,
        "messages": messages,
        "reference": reference,
        "expectation": _expectation(said, where),
    }


def _made_safe(row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """Redact one eval prompt and make its control tokens harmless, as pull does with a chat."""
    texts = [message["content"] for message in row["messages"]]
    (*clean, right), _ = redact_texts([*texts, row["reference"] or ""], rules)
    told = zip(row["messages"], clean, strict=True)
    return row | {
        "messages": [text_message(said["role"], neutralised(text)) for said, text in told],
        "reference": None if row["reference"] is None else right,
    }


def _messages(said: dict[str, Any], where: str) -> list[Message]:
    if {"prompt", "messages"} <= said.keys():
        raise EvalSetError(f"{where}: both `prompt` and `messages`; wanted one of them.")
    given = said.get("messages", [{"role": "user", "content": said.get("prompt")}])
    is_list = isinstance(given, list) and all(isinstance(one, dict) for one in given)
    texts = [one.get("content") for one in given] if is_list else []
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise EvalSetError(f"{where}: wanted `prompt` as text, or `messages` with text `content`.")
    if given[-1].get("role") != "user":
        raise EvalSetError(f"{where}: the last message must be the user's; models answer it.")
    return [_known(one, where) for one in given]


def _known(message: Mapping[str, Any], where: str) -> Message:
    if message.get("role") not in ("system", "user", "assistant"):
        raise EvalSetError(
            f"{where}: role {message.get('role')!r}; wanted system, user, assistant."
        )
    return text_message(message["role"], message["content"])


def _task_type(said: dict[str, Any], labels: frozenset[str], where: str) -> tuple[str, str]:
    label = said.get("task_type", UNKNOWN)
    if not isinstance(label, str) or label not in labels:
        near = get_close_matches(str(label), sorted(labels), n=1, cutoff=0)[0]
        raise EvalSetError(f"{where}: task_type {label!r} is not in the list; nearest: {near!r}.")
    area, _, kind = label.partition("/")
    return area, kind


def _expectation(said: dict[str, Any], where: str) -> str:
    wanted = said.get("expectation", "none" if said.get("reference") is None else "exact")
    if wanted not in ("exact", "none") or (wanted == "exact" and said.get("reference") is None):
        raise EvalSetError(
            f"{where}: expectation {wanted!r}; wanted exact with a reference, or none."
        )
    return str(wanted)


def _id(messages: list[Message]) -> str:
    said = [[message["role"], message["content"]] for message in messages]
    return blake2b(json.dumps(said, ensure_ascii=False).encode(), digest_size=8).hexdigest()


def _refuse_trained(rows: pl.DataFrame, trained: pl.DataFrame, cfg: DedupeSettings) -> None:
    """Refuse prompts that a model has seen: its answers to them would prove nothing."""
    exams = {row["prompt_id"]: turns(row["messages"]) for row in rows.to_dicts()}
    found = Leaks(exams, cfg).mark(trained).filter(pl.col("match").is_not_null()).to_dicts()
    if found:
        some = "; ".join(
            f"{exams[row['match']][-1][:60]!r} is a twin of {row['answer_id']} in "
            f"{row['dataset_version']}"
            for row in found[:_SHOWN]
        )
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise EvalSetError(
            f"models were trained on these prompts: {some}{more}. Take them out: right answers "
            "to them would prove nothing."
        )


_SET = "FROM eval_prompts WHERE eval_set = $name ORDER BY prompt_id"
_TRAINED = """
SELECT s.answer_id, min(s.dataset_version) AS dataset_version, any_value(s.messages) AS messages
FROM sft_rows s WHERE s.split = 'train'
  AND s.dataset_version IN (SELECT dataset_version FROM training_runs)
GROUP BY s.answer_id ORDER BY s.answer_id
"""
