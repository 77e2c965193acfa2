"""General sets that are mixed in against forgetting: the chats of `[[dataset.extra]]`.

They are read as logs are, redacted as logs are, and laid out with the answers of the flywheel: eval
prompts are looked for in them too, and a row that repeats a validation row is left out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.conversation import Conversation, Unreadable
from schemas.errors import DatasetError, SourceError
from schemas.release_settings import EXTRA, ExtraSettings
from tasks.datasets.turns import learned_turns
from tasks.fingerprint import text_hash
from tasks.kept_out import files
from tasks.redaction.redact import redact_conversation
from tasks.redaction.rules import Rules
from tasks.sources import read_record, split_record
from tasks.sources.records import read_records

_MAX_BYTES = 50_000_000  # of one row
Row = dict[str, Any]


def extra_rows(
    sets: Sequence[ExtraSettings], day: date, schema: pl.Schema, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the chats of all sets that end with an answer, and rows of `dataset_drops`.

    The task type of a row is extra/NAME; its ids are hashes of what it says, so that neither file
    nor line decides its split. What is no such chat is left out as `unreadable`.

    Args:
        sets: where they lie.
        day: of their rows, as they have none.
        schema: columns of the answers that they stand beside.
        rules: what is private.

    Raises:
        DatasetError: a file is not there or cannot be read.
    """
    rows, drops = list[Row](), list[Row]()
    for one in sets:
        seen = Counter[str]()
        label = {"day": day, "area": EXTRA, "kind": one.name}
        for where, found in _chats(one.path):
            row = found if isinstance(found, str) else _row(*found, one, seen, rules)
            if isinstance(row, str):
                id_ = f"{_id([one.name, where], seen)}-0-0"
                said = {"reason": "unreadable", "match": f"{where}: {row}"}
                drops.append(label | said | {"answer_id": id_})
            else:
                rows.append(label | row)
    columns = contracts.schema("dataset_drops")
    kept = [name for name in columns if name != "dataset_version"]
    left_out = pl.DataFrame(drops, schema={name: columns[name] for name in kept})
    return pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema), left_out


def _chats(path: Path) -> Iterator[tuple[str, tuple[Conversation, Row] | str]]:
    """Yield NAME/LINE and the chat there with its record, or in a word what is wrong with it."""
    for file in files([path], "dataset.extra"):
        try:
            for record in read_records(file, max_bytes=_MAX_BYTES):
                where = f"{file.name}/{record.line}"
                if isinstance(record.value, Unreadable):
                    yield where, record.value.reason
                    continue
                for part in split_record(record.value):
                    yield where, _chat(part)
        except SourceError as error:
            raise DatasetError(f"dataset.extra: {error}") from None


def _chat(record: Row) -> tuple[Conversation, Row] | str:
    try:
        found = read_record(record)
    except Unreadable as wrong:
        return wrong.reason
    return (found, record) if isinstance(found, Conversation) else "no_messages"


def _row(
    chat: Conversation, record: Row, one: ExtraSettings, seen: Counter[str], rules: Rules
) -> Row | str:
    """Return the row of a chat, or in a word why there is none; `seen` counts equal ones."""
    learned = learned_turns(chat, record, one.turns)
    try:
        chat, _ = redact_conversation(chat, rules)
    except Unreadable as wrong:
        return wrong.reason
    *prompt, answer = chat.messages
    if answer["role"] != "assistant" or not any(said["role"] == "user" for said in prompt):
        return "no_answer"
    id_ = _id([one.name, chat.messages], seen)
    turn = sum(message["role"] == "user" for message in prompt) - 1
    return {
        "answer_id": f"{id_}-{turn}-0",
        "prompt_id": f"{id_}-{turn}",
        "chat_id": id_,
        "messages": prompt,
        "learned_turns": learned or None,
        "answer": answer["content"],
        "tools": chat.tools,
        "teacher": chat.model,
        "traits": [],
    }


def _id(content: list[Any], seen: Counter[str]) -> str:
    """Return the hash of what something holds; equal ones are numbered."""
    id_ = text_hash(content)
    seen[id_] += 1
    return id_ if seen[id_] == 1 else text_hash([id_, seen[id_]])
