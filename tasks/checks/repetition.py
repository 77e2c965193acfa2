"""Find answers that go round in circles, or only give the prompt back."""

import re
import zlib
from collections import Counter

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated

_LETTERS = re.compile(r"[\W_]+")
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MARK = re.compile(r"^\W*(?:\d{1,3}[.)、．:：])?")
_SHORT_LINE = 6
_UNITS = re.compile(r"[一-鿿぀-ヿ]|[^\W_]+")
_TAIL = 3_000  # a loop goes on to the end
_MIN_LOOP = 40  # characters that repeat, or
_MANY_TIMES = 12  # whatever repeats
_SUNG = re.compile(
    r"\W*(?:la|na|ha|he|oh|hey|yeah|哈|呵|嘿|嘻|啦|啊|ㅋ|ㅎ|하|호)+\W*", re.IGNORECASE
)
_TIMES = 4  # a chorus comes three times
_MIN_UNITS = 60
_GRAM = 4
_MOST_REPEATED = 0.5  # of all 4-grams have been there before: songs and tables stay below
_DENSE = 2.0  # prose of some hundred letters stays above half its size
_MIN_ECHO = 8  # letters; "Hi" may be answered with "Hi!"


def _long_enough(cfg: CheckSettings) -> pl.Expr:
    return pl.col("answer").str.len_bytes() >= _MIN_LOOP / 2


@gated(_long_enough)
def loop(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers that repeat a phrase to their end, a line over and over, or most they said."""
    text = (_FENCED.sub("", row.answer) if "```" in row.answer else row.answer).strip()
    if len(text) < _MIN_LOOP / 2 or _asks_to_repeat(row.prompt):
        return None
    if again := _period(text[-_TAIL:]):
        return f"the answer repeats {again!r} over and over"
    if line := _line_over_and_over(text):
        return f"the answer repeats the line {line!r}"
    if not _compresses(text):
        return None
    share = _repeated_share(text)
    if share > _MOST_REPEATED:
        return f"{share:.0%} of the answer says what it has said before"
    return None


def _period(tail: str) -> str | None:
    """Return what a text repeats at its end, if it does so often enough."""
    end = tail[-12:]
    for cut in range(min(len(end), 3)):  # the last repeat may be cut off anywhere
        known = tail[-12 - cut : len(tail) - cut]
        at = tail.rfind(known, 0, len(tail) - cut - 1)
        if at < 0:
            continue
        length = len(tail) - cut - len(known) - at
        span = _span(tail, length)
        unit = tail[-length:].strip()
        often = span >= max(_MIN_LOOP, _TIMES * length) or span >= _MANY_TIMES * length
        if often and re.search(r"\w", unit) and not _SUNG.fullmatch(unit):
            return unit[:60]
    return None


def _span(tail: str, length: int) -> int:
    """Return over how many characters from its end a text has this period."""
    span = length
    while span < len(tail) and tail[-span - 1] == tail[-span - 1 + length]:
        span += 1
    return span


def _line_over_and_over(text: str) -> str | None:
    lines = text.splitlines()
    if len(lines) <= _TIMES:
        return None
    lines = [_MARK.sub("", line).strip() for line in lines if len(line) >= _SHORT_LINE]
    if len(set(lines)) + _TIMES > len(lines):
        return None
    line, times = Counter(lines).most_common(1)[0]
    is_table = line.startswith("|")
    return line[:60] if times > _TIMES and times * 2 > len(lines) and not is_table else None


def _compresses(text: str) -> bool:
    """Return whether a text is smaller than prose gets; cheaper than counting."""
    data = text[: 4 * _TAIL].encode()
    return len(data) > _DENSE * len(zlib.compress(data, 1))


def _repeated_share(text: str) -> float:
    units = _UNITS.findall(text.casefold()[: 4 * _TAIL])
    if len(units) < _MIN_UNITS:
        return 0.0
    grams = list(zip(*(units[at:] for at in range(_GRAM)), strict=False))
    return 1 - len(set(grams)) / len(grams)


_REPEAT = re.compile(
    r"\b(?:repeat|times|over and over|lines? of)\b|重复|复述|遍|반복", re.IGNORECASE
)


def _asks_to_repeat(prompt: str) -> bool:
    return bool(_REPEAT.search(prompt))


def _as_long(cfg: CheckSettings) -> pl.Expr:
    prompt, answer = pl.col("prompt").str.len_chars(), pl.col("answer").str.len_chars()
    return (answer * 2 >= prompt) & (answer <= prompt * 2 + 8)


@gated(_as_long)
def equals_prompt(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers that are the prompt, whatever case and punctuation."""
    prompt, answer = (_LETTERS.sub("", text).casefold() for text in (row.prompt, row.answer))
    return (
        "the answer repeats the prompt" if len(prompt) >= _MIN_ECHO and prompt == answer else None
    )
