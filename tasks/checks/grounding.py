"""Find numbers that the text in the prompt does not have, where the answer may add none."""

import re

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.checks.numbers import figures, known_numbers, readings

_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[#*\-]+[ \t]*)?\(?\d{1,3}[.)、．:：](?=\s|\D)")
_COUNTED = re.compile(  # by who writes the answer: "3 points"
    r"\s?(?:(?:main|key|major|important) )?(?:points?|reasons?|aspects?|parts?|items?|steps?"
    r"|things?"
    r"|sentences?|words?|点|个?方面|个?部分|步|条|句|가지|단계|문장|점)"
)
_GROUND = 80  # bytes, 27 Han signs; a shorter prompt without a number holds no text to retell


def _has_digits(cfg: CheckSettings) -> pl.Expr:
    prompt = pl.col("prompt")
    is_text = prompt.str.contains(r"\d") | (prompt.str.len_bytes() >= _GROUND)
    return pl.col("answer").str.contains(r"\d") & is_text


@gated(_has_digits, special=True)
def contradicts_numbers(row: Answered, cfg: CheckSettings) -> str | None:
    """Find numbers that are not in the prompt; to be asked of kinds that retell a text."""
    answer = _LIST_MARK.sub(" ", row.answer)
    known = known_numbers(f"{row.prompt}\n{row.system}")
    for written, number in figures(answer).items():
        if number in known or _is_counted(answer, written):
            continue
        if not _scaled(answer, written) & known:
            return f"the prompt has no {written}"
    return None


def _is_counted(answer: str, written: str) -> bool:
    return bool(re.search(rf"(?<![\d.,]){re.escape(written)}{_COUNTED.pattern}", answer))


def _scaled(answer: str, written: str) -> set[float]:
    """Return what a number may stand for with the word after it."""
    places = re.finditer(re.escape(written), answer)
    return set().union(*(readings(written, answer[at.end() : at.end() + 12]) for at in places))
