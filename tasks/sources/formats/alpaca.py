"""Alpaca: {"instruction", "input", "output"}, with earlier turns in `history`."""

from schemas.conversation import Conversation, Unreadable
from tasks.sources.envelope import places_of, read_conversation
from tasks.sources.json_text import JsonObject, as_object, unfold
from tasks.sources.training_rows import completed, labelled

ANSWERS = ("output", "response")
INPUTS = ("input", "context")


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` has an instruction and an answer, or instances of it."""
    return "instruction" in record and any(
        key in record for key in (*ANSWERS, "instances", "chosen")
    )


def read(record: JsonObject) -> Conversation:
    """Read system, history and instruction; of ranked answers the first is the logged one.

    Raises:
        Unreadable: unknown_format when a part has another shape, bad_timestamp.
    """
    instance = _instance(record)
    items: list[object] = [*_history(record.get("history")), _prompt(record, instance)]
    answer = _first(next((instance[key] for key in ANSWERS if key in instance), None))
    if answer not in (None, ""):
        items.append({"role": "assistant", "content": answer})
    return read_conversation(completed(record, items), places_of(labelled(record)))


def _instance(record: JsonObject) -> JsonObject:
    """Return what holds input and output: the record, or its only instance (Self-Instruct)."""
    instances = unfold(record.get("instances"))
    if instances is None:
        return record
    if not isinstance(instances, list) or len(instances) != 1:
        raise Unreadable("unknown_format", "alpaca: expected one instance; split the others off")
    return as_object(instances[0])


def _history(history: object) -> list[JsonObject]:
    """Read [[prompt, answer], ...]."""
    pairs = unfold(history) or []
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        raise Unreadable("unknown_format", "alpaca: history is not a list of [prompt, answer]")
    roles = ("user", "assistant")
    return [
        {"role": role, "content": text}
        for pair in pairs
        for role, text in zip(roles, pair, strict=True)
    ]


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2


def _prompt(record: JsonObject, instance: JsonObject) -> JsonObject:
    """Join instruction and input by a newline; either may be empty."""
    given = next((instance[key] for key in INPUTS if instance.get(key)), None)
    texts = (record["instruction"], given)
    if not all(text is None or isinstance(text, str) for text in texts):
        raise Unreadable("unknown_format", "alpaca: instruction and input must be text")
    return {"role": "user", "content": "\n".join(text for text in texts if text)}


def _first(answer: object) -> object:
    if not isinstance(answer, list):
        return answer
    return answer[0] if answer else None
