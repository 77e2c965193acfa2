"""Prompt tables: a row holds a prompt, maybe with its answer, under names that people give them."""

from schemas.conversation import Conversation
from tasks.sources.envelope import first_id, places_of, read_conversation
from tasks.sources.json_text import JsonObject, unfold
from tasks.sources.training_rows import completed, labelled

PROMPTS = ("prompt", "user_prompt", "question", "instruction")
ANSWERED = ("query", "input", "text", "q", "user_input")  # too common to mean a prompt alone
ANSWERS = ("response", "answer", "completion", "output", "reply", "a")
IDS = ("id", "uid", "uuid", "prompt_id", "question_id", "act")
_MESSAGE = ("role", "from", "parent_id", "parent_message_id")  # one of many, not a row by itself


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` has a prompt, user turns, or a common name with an answer beside."""
    row = _row(record)
    if any(key in row for key in _MESSAGE):
        return False
    prompted = any(isinstance(row.get(name), str) for name in PROMPTS)
    answered = _answer(row) is not None or isinstance(row.get("chosen"), str)
    return prompted or _turns(row) is not None or (answered and _text(row, ANSWERED) is not None)


def accepts(record: JsonObject) -> bool:
    """Tell whether a row of a table that was said to hold prompts has one."""
    return recognises(record) or isinstance(_text(_row(record), ANSWERED), str)


def read(record: JsonObject) -> Conversation:
    """Read the prompt, or user turns one after the other, and the answer if there is one.

    The id is the row's, else its `act`, the key of prompts.chat: an edited prompt under the same
    one is a new version of the chat.

    Raises:
        Unreadable: no_user_turn, bad_timestamp.
    """
    row = _row(record)
    turns = _turns(row) or [_text(row, (*PROMPTS, *ANSWERED)) or ""]
    answer = _answer(row)
    items: list[object] = [{"role": "user", "content": turn} for turn in turns]
    if answer is not None:
        items.append({"role": "assistant", "content": answer})
    places = [*places_of(labelled(row)), {"id": first_id([row], *IDS)}]
    return read_conversation(completed(row, items), places)


def _row(record: JsonObject) -> JsonObject:
    """Return the record with its names in lower case, as spreadsheets spell them anyhow."""
    return {str(name).strip().lower(): value for name, value in record.items()}


def _text(row: JsonObject, names: tuple[str, ...]) -> str | None:
    """Return the first text under `names`."""
    found = (row.get(name) for name in names)
    return next((text for text in found if isinstance(text, str) and text.strip()), None)


def _answer(row: JsonObject) -> str | None:
    """Return the answer; of ranked ones the first."""
    first = {
        name: row[name][0] for name in ANSWERS if isinstance(row.get(name), list) and row[name]
    }
    return _text({**row, **first}, ANSWERS)


def _turns(row: JsonObject) -> list[str] | None:
    """Return what a user says turn by turn, as benchmarks of several turns have it."""
    turns = unfold(row.get("turns"))
    known = isinstance(turns, list) and turns and all(isinstance(turn, str) for turn in turns)
    return turns if known and isinstance(turns, list) else None
