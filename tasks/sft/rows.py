"""Training rows as a tokenizer sees them, and which of them are left out."""

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Prefix

from schemas.errors import TrainingError
from schemas.release_settings import DropReason
from tasks.sft.chat import REFUSALS, Message, as_rendered, called_functions, for_template
from tasks.sft.spec import DroppedRow

Tools = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the rows file."""

    row: int  # 0-based line
    id: str | None
    prompt: list[Message]
    completion: list[Message]
    copies: int = 1
    task_type: str = ""  # area/kind
    tools: Tools = field(default_factory=list)  # functions on offer, as OpenAI's
    learned_turns: tuple[int, ...] = ()  # places in `prompt` of answers that carry loss too


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row in tokens: prompt and answer through the chat template, and where the answer begins."""

    ids: "array[int]"
    prompt_tokens: int  # as many as ids: the prompt is not kept as it is once an answer follows
    earlier: tuple[tuple[int, int], ...] = ()  # [begin, end) of answers in it that carry loss too
    wrong: DropReason | None = None  # what the chat template makes of the row

    @property
    def tokens(self) -> int:
        """Count the tokens of prompt and answer."""
        return len(self.ids)

    @property
    def answer_tokens(self) -> int:
        """Count the tokens of the last answer, the end of the turn included."""
        return len(self.ids) - self.prompt_tokens

    @property
    def label_tokens(self) -> int:
        """Count the tokens that carry loss, the end of each turn included."""
        return self.answer_tokens + sum(end - begin for begin, end in self.earlier)


Kept = list[tuple[Row, Encoded]]


def read_rows(path: Path) -> Iterator[Row]:
    """Read JSON lines; see `TrainSpec.rows`.

    Raises:
        TrainingError: a line is none; the message names it.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            try:
                row = _row(number, json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise TrainingError(
                    f"{path}:{number + 1} is no row to train on ({error!r}).",
                    'Wanted is JSON: {"prompt": [message, ...], "completion": [message]}.',
                ) from error
            yield row


def _row(number: int, said: dict[str, Any]) -> Row:
    return Row(
        row=number,
        id=said.get("id"),
        prompt=for_template(said["prompt"]),
        completion=for_template(said["completion"]),
        copies=said.get("copies", 1),
        task_type=said.get("task_type") or "",
        tools=said.get("tools") or [],
        learned_turns=tuple(said.get("learned_turns") or ()),
    )


def encode(tokenizer: Any, row: Row) -> Encoded:
    """Render a row by the chat template and find the tokens of the answers that carry loss.

    A row that the template refuses has no tokens: one without a system turn raises at such a turn,
    one whose turns alternate at two of the user.
    """
    try:
        return _encode(tokenizer, row)
    except REFUSALS:
        return Encoded(array("i"), 0, wrong="template_refuses")


def _encode(tokenizer: Any, row: Row) -> Encoded:
    whole = _ids(tokenizer, row.prompt + row.completion, row.tools)
    prompt = _ids(tokenizer, row.prompt, row.tools, add_generation_prompt=True)
    found = [_span(tokenizer, row, place, whole) for place in row.learned_turns]
    spans = tuple(span for span in found if span)
    if whole[: len(prompt)] != prompt or len(spans) < len(found):
        return Encoded(array("i", whole), len(whole), wrong="prompt_not_kept")
    answers = [whole[begin:end] for begin, end in (*spans, (len(prompt), len(whole)))]
    return Encoded(array("i", whole), len(prompt), spans, _wrong(tokenizer, row, answers))


def _wrong(tokenizer: Any, row: Row, answers: list[list[int]]) -> DropReason | None:
    if any(_goes_on(tokenizer, answer) for answer in answers):
        return "stop_in_answer"
    return None if _renders_calls(tokenizer, row) else "call_not_rendered"


def _goes_on(tokenizer: Any, answer: list[int]) -> bool:
    """Look for words after the token that ends answers."""
    if tokenizer.eos_token_id not in answer:
        return False
    rest = answer[answer.index(tokenizer.eos_token_id) + 1 :]
    return bool(tokenizer.decode(rest, skip_special_tokens=True).strip())


def _span(tokenizer: Any, row: Row, place: int, whole: list[int]) -> tuple[int, int] | None:
    """Find an answer that is history in the row, through its end; None if it is shown otherwise.

    What a template puts behind the last answer only, as Phi-3's does, is no part of it.
    """
    before = _ids(tokenizer, row.prompt[:place], row.tools, add_generation_prompt=True)
    through = _ids(tokenizer, row.prompt[: place + 1], row.tools)
    begin, end = len(before), Prefix.similarity(whole, through)
    is_kept = whole[:begin] == before and tokenizer.eos_token_id in whole[begin:end]
    return (begin, end) if is_kept else None


def _renders_calls(tokenizer: Any, row: Row) -> bool:
    """Look for each function that is called in a learned answer in the text of that answer."""
    turns, last = row.prompt + row.completion, len(row.prompt)
    answers = [*((place, place + 1) for place in row.learned_turns), (last, len(turns))]
    for begin, end in answers:
        if names := called_functions(turns[begin:end]):
            before = _text(tokenizer, turns[:begin], row.tools, add_generation_prompt=True)
            answer = _text(tokenizer, turns[:end], row.tools).removeprefix(before)
            if any(name not in answer for name in names):
                return False
    return True


def drop_reason(row: Row, encoded: Encoded, max_tokens: int) -> DropReason | None:
    """Say why a row cannot be trained on; None if it can.

    A cut row would lose its end of turn, so the model would learn not to stop. A prompt that the
    template renders in another way once an answer follows is not what the model meets later. A
    template that leaves calls of tools out would teach to say nothing instead. An answer that has
    the stop token in its text would teach to go on after it.
    """
    if not row.completion or not _says_something(row.completion[-1]):
        return "empty_answer"
    if encoded.tokens > max_tokens:
        return "too_long"
    return encoded.wrong or (None if encoded.answer_tokens else "prompt_not_kept")


def _says_something(answer: dict[str, Any]) -> bool:
    return bool(str(answer.get("content", "")).strip() or answer.get("tool_calls"))


def keep(
    tokenizer: Any, rows: Iterator[Row], max_tokens: int
) -> tuple[Kept, tuple[DroppedRow, ...]]:
    """Split rows into those to train on, in tokens, and those left out, with why."""
    kept, dropped = [], []
    for row in rows:
        encoded = encode(tokenizer, row)
        reason = drop_reason(row, encoded, max_tokens)
        if reason:
            gone = DroppedRow(row=row.row, id=row.id, reason=reason, tokens=encoded.tokens)
            dropped.append(gone)
        else:
            kept.append((row, encoded))
    return kept, tuple(dropped)


def _ids(tokenizer: Any, messages: list[Message], tools: Tools, **options: bool) -> list[int]:
    encoded = _rendered(tokenizer, messages, tools, tokenize=True, return_dict=True, **options)
    return list(encoded["input_ids"])


def _text(tokenizer: Any, messages: list[Message], tools: Tools, **options: bool) -> str:
    return str(_rendered(tokenizer, messages, tools, tokenize=False, **options))


def _rendered(tokenizer: Any, messages: list[Message], tools: Tools, **options: bool) -> Any:
    given = as_rendered(tokenizer, messages)
    return tokenizer.apply_chat_template(given, tools=tools or None, **options)
