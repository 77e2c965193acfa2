"""Texts for `benchmarks/dedupe.py`, made by seed, with the truth about who repeats whom.

Words are made of syllables, sentences of words, texts of sentences: English, Chinese and Korean in
24 task types, 500 characters on average. Of 100 texts 70 are new (a tenth of them code), 5 fill the
slots of a template with other numbers and names, and 25 repeat an earlier text of their type: a
copy, another case or width, or an edit of some words or of a span that leaves this or that Jaccard.
"""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

KINDS = tuple(
    f"{area}/{n}" for area in ("qa", "write", "code", "math", "chat", "extract") for n in range(4)
)
LANGUAGES = ("en", "zh", "ko")
WEIGHTS = (55, 33, 12)
SENTENCES = 60_000  # per language
MEMORY = 2_000  # texts per type and language that may be repeated
EDITS = (0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25)  # share of characters
TEMPLATES = {
    "en": "Where is order {}? {} asked for it on day {} and it has not come, please look into it.",
    "zh": "订单{}在哪里？{}在第{}天下的单，现在还没有收到，请帮我们查一下，谢谢你的帮助和耐心。",
    "ko": "주문 {}은 어디에 있나요? {} 님이 {}일에 주문했는데 아직 오지 않았으니 확인해 주세요.",
}
SYLLABLES = {
    "en": re.findall("..", "bacedifogulameniporusatevizoanelinorusthyedarshqukneouai"),
    "zh": [chr(0x4E00 + 7 * n) for n in range(900)],
    "ko": [chr(0xAC00 + 29 * n) for n in range(380)],
}


class Text(NamedTuple):
    """A text of a task type; `of` is the text it was made from, -1 for none."""

    kind: str
    text: str
    of: int


def corpus(count: int, seed: int = 3) -> Iterator[Text]:
    """Make texts in the order in which they come."""
    rng = random.Random(seed)
    pools = {language: _sentences(rng, language) for language in LANGUAGES}
    told: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for n in range(count):
        kind, (language,) = rng.choice(KINDS), rng.choices(LANGUAGES, WEIGHTS)
        before = told.setdefault((kind, language), [])
        dice = rng.random()
        if dice < 0.25 and before:
            of, text = rng.choice(before)
            yield Text(kind, _repeated(rng, text, pools[language]), of)
            continue
        text = _slots(rng, language) if dice < 0.3 else _new(rng, language, pools[language])
        if len(before) < MEMORY:
            before.append((n, text))
        yield Text(kind, text, -1)


def _sentences(rng: random.Random, language: str) -> list[str]:
    syllables, gap = SYLLABLES[language], "" if language == "zh" else " "
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(8_000)]
    made = (gap.join(rng.choices(words, k=rng.randint(4, 18))) for _ in range(SENTENCES))
    stop = {"en": ".", "zh": "。", "ko": "."}[language]
    return [sentence.capitalize() + stop for sentence in made]


def _new(rng: random.Random, language: str, pool: list[str]) -> str:
    gap = "" if language == "zh" else " "
    text = gap.join(rng.choices(pool, k=min(60, 1 + int(rng.expovariate(1 / 6)))))
    if rng.random() < 0.1:
        names = [word for word in text.split()[:12] if word.isalnum()]
        text += "\n" + "\n".join(f"    {name} = run({name}, depth={len(name)})" for name in names)
    return text


def _slots(rng: random.Random, language: str) -> str:
    name = "".join(rng.choices(SYLLABLES[language], k=3))
    return TEMPLATES[language].format(rng.randint(1, 10**7), name, rng.randint(1, 28))


def _repeated(rng: random.Random, text: str, pool: list[str]) -> str:
    how = rng.random()
    if how < 0.2:
        return text
    if how < 0.3:
        return rng.choice([text.upper(), f" {text}\n", text.replace(" ", "  "), text + "！"])
    share = rng.choice(EDITS)
    span = max(1, int(len(text) * share))
    at = rng.randrange(len(text))
    if how < 0.65:
        return text[:at] + rng.choice(pool)[:span] + text[at + span :]
    letters = list(text)
    for _ in range(max(1, span // 5)):
        letters[rng.randrange(len(letters))] = rng.choice("xyz")
    return "".join(letters)
