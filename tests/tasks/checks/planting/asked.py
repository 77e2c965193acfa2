"""Defects against what was asked for: a length, a count, a form, a label, the numbers of a text."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tests.tasks.checks.planting.material import Planted, Words
from tests.tasks.checks.planting.plain import CODE

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@cache
def _asked() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "asked.toml").read_text())


def of(w: Words, part: str) -> dict[str, Any]:
    """Return how prompts of this language ask for something."""
    return _asked()[w.language][part]


# --- length ------------------------------------------------------------------------------------


def length_missed(w: Words) -> Planted:
    how = w.rng.choice(["most", "most", "least", "about", "exactly", "between", "characters"])
    if how == "exactly":
        return _exactly(w)
    n = w.rng.choice([50, 60, 80, 100, 120, 150, 200])
    unit = "chars" if how == "characters" else of(w, "length")["unit"]
    n = n * 3 if unit == "chars" and w.language == "en" else n
    fits, misses = {
        "most": ((0.5, 0.95), [(1.3, 2.5)]),
        "characters": ((0.5, 0.95), [(1.3, 2.5)]),
        "least": ((1.1, 1.6), [(0.2, 0.7)]),
        "about": ((0.83, 1.13), [(0.2, 0.5), (1.8, 3)]),
        "between": ((1.05, 1.45), [(0.2, 0.7), (2, 3.2)]),
    }[how]
    topic = w.topic()
    asked = w.rng.choice(of(w, "length")[how])
    spelt = of(w, "length").get("spelt", {}).get(str(n), n) if w.rng.random() < 0.2 else n
    prompt = asked.format(ask=w.ask(topic), n=spelt, a=n, b=round(n * 1.5))
    bad = text_of(w, unit, n, w.rng.choice(misses))
    return Planted(prompt, bad, text_of(w, unit, n, fits), kind="writing/essay")


def text_of(w: Words, unit: str, n: int, share: tuple[float, float]) -> str:
    """Return sentences of between share[0] and share[1] times n units, however one counts."""
    every = [text for topic in w.all["topics"] for text in topic["said"]]
    for _ in range(20_000):
        chosen: list[str] = []
        goal = n * w.rng.uniform(*share)
        for text in w.rng.sample(every, len(every)):
            if chosen and max(sizes(w.join([*chosen, text]), unit)) > goal * 1.03:
                break
            chosen.append(text)
        found = sizes(w.join(chosen), unit)
        if share[0] * n <= min(found) and max(found) <= share[1] * n:
            return w.join(chosen)
    raise AssertionError(f"no text of {n} {unit} times {share}")


def sizes(text: str, unit: str) -> list[int]:
    """Count a text as people do: with and without blanks, or in Chinese punctuation."""
    if unit == "words":
        return [len(text.split())]
    bare = sum(map(str.isalnum, text)) if " " not in text else len("".join(text.split()))
    return [len(text), bare]


def _exactly(w: Words) -> Planted:
    asked, topic = w.rng.choice(of(w, "length")["exactly"]), w.topic()
    if w.language == "zh":
        good = w.rng.choice(topic["tips"])
        others = [tip for tip in topic["tips"] if abs(len(tip) - len(good)) > 0]
        bad = w.rng.choice([*others, w.rng.choice(topic["said"]), w.rng.choice(topic["said"])])
        prompt = asked.format(name=topic["name"], n=len(good))
        return Planted(prompt, bad, good, kind="writing/marketing")
    n = w.rng.randint(30, 50)
    bad = text_of(w, "words", n, w.rng.choice([(0.3, 0.9), (1.1, 2)]))
    return Planted(asked.format(ask=w.ask(topic), n=n), bad, text_of(w, "words", n, (1, 1)))


# --- count -------------------------------------------------------------------------------------


def count_missed(w: Words) -> Planted:
    how = w.rng.choice(["tips", "tips", "tips", "things", "sentences", "paragraphs"])
    n = w.rng.randint(2 if how in ("sentences", "paragraphs") else 3, 5)
    wrong = w.rng.choice([m for m in range(1, 7) if m != n and abs(m - n) < 4])
    topic = w.topic()
    spelt = of(w, "count")["numbers"][n] if w.rng.random() < 0.5 else n
    asked = w.rng.choice(of(w, "count")[how])
    asked = asked.replace("{n} 가지", f"{n}가지") if spelt == n else asked
    prompt = asked.format(ask=w.ask(topic), name=topic["name"], n=spelt)
    state = w.rng.getstate()
    bad = _parts(w, topic, how, wrong)
    w.rng.setstate(state)
    return Planted(prompt[:1].upper() + prompt[1:], bad, _parts(w, topic, how, n), "writing/ideas")


def _parts(w: Words, topic: dict[str, Any], how: str, n: int) -> str:
    if how == "sentences":
        return w.join(topic["said"][:n])
    if how == "paragraphs":
        return "\n\n".join(w.join([topic["said"][m], topic["said"][(m + 2) % 7]]) for m in range(n))
    if how == "things" and w.rng.random() < 0.5:
        return of(w, "count")["comma"].join(topic["things"][:n]) + of(w, "count")["stop"]
    items = topic["things" if how == "things" else "tips"][:n]
    return _listed(w, items, topic["said"])


def _listed(w: Words, items: list[str], said: list[str]) -> str:
    mark = w.rng.choice(["{n}. ", "{n}. ", "{n}) ", "- ", "* ", "• "])
    shape = w.rng.choice(
        ["{item}", "{item}", "**{item}**", "**{item}**\n   {more}", "{item}\n   - {more}"]
    )
    lines = [
        mark.format(n=n) + shape.format(item=item, more=more)
        for n, (item, more) in enumerate(zip(items, said, strict=False), 1)
    ]
    text = w.rng.choice(["\n", "\n", "\n\n"]).join(lines)
    intro = w.rng.choice(of(w, "count")["intro"])
    return w.rng.choice([text, f"{intro}\n\n{text}"])


# --- form --------------------------------------------------------------------------------------


def format_missed(w: Words) -> Planted:
    forms = ["table", "bullets", "numbered", "code", "csv", "one_word", "yes_no"]
    how = w.rng.choice(forms + (["upper", "lower"] if w.language == "en" else []))
    topic, lang = w.topic(), w.rng.choice(["python", "javascript", "sql"])
    thing = w.rng.choice(topic["things"])
    asked = w.rng.choice(of(w, "form")[how])
    prompt = asked.format(ask=w.ask(topic), name=topic["name"], lang=lang, thing=thing)
    bad, good = _formed(w, topic, how, lang)
    return Planted(prompt, bad, good, kind="code/write" if how == "code" else "rewriting/reformat")


def _formed(w: Words, topic: dict[str, Any], how: str, lang: str) -> tuple[str, str]:
    said, prose = w.sentences(topic, 3, 6), w.join(w.sentences(topic, 3, 6))
    rows = list(zip(topic["things"], topic["tips"], strict=False))[: w.rng.randint(3, 6)]
    first, second = of(w, "form")["columns"]
    bullets, numbered = (
        "\n".join(f"{mark or f'{n}.'} {text}" for n, text in enumerate(said, 1))
        for mark in (w.rng.choice("-*•"), "")
    )
    lines = "\n".join(f"| {a} | {b} |" for a, b in rows)
    table = f"| {first} | {second} |\n|---|---|\n{lines}"
    csv = "\n".join([f"{first},{second}", *(f"{a},{b}" for a, b in rows)])
    code = w.rng.choice(CODE[lang])
    return {
        "table": (w.rng.choice([prose, bullets]), w.rng.choice([table, f"{said[0]}\n\n{table}"])),
        "bullets": (w.rng.choice([prose, "\n\n".join(said)]), bullets),
        "numbered": (w.rng.choice([prose, bullets]), numbered),
        "code": (w.rng.choice([code, f"{code}\n", prose]), f"```{lang}\n{code}\n```"),
        "csv": (w.rng.choice([prose, table, bullets]), w.rng.choice([csv, f"```csv\n{csv}\n```"])),
        "one_word": (w.rng.choice([prose, said[0]]), w.rng.choice(topic["things"])),
        "yes_no": (
            w.rng.choice([*of(w, "form")["unsure"], said[0]]),
            w.rng.choice(of(w, "form")["yes"]),
        ),
        "upper": (w.rng.choice([prose, prose.lower()]), prose.upper()),
        "lower": (w.rng.choice([prose, prose.upper()]), prose.lower()),
    }[how]


# --- labels and numbers ------------------------------------------------------------------------


def label_not_in_set(w: Words) -> Planted:
    asked = of(w, "labels")
    chosen = w.rng.choice(asked["sets"])
    labels = w.rng.sample(chosen["labels"], len(chosen["labels"]))
    n = w.rng.randrange(len(chosen["texts"]))
    prompt = w.rng.choice(asked["asks"]).format(
        labels=asked["joint"].join(labels),
        lines="\n".join(f"- {label}" for label in labels),
        text=chosen["texts"][n],
    )
    shape = w.rng.choice(asked["shape"])
    wrong = w.rng.choice(chosen["others"])
    bad = wrong if wrong.endswith((".", "。")) else shape.format(label=wrong)
    good = shape.format(label=chosen["labels"][chosen["right"][n]])
    return Planted(prompt, bad, good, kind=chosen["kind"])


def contradicts_numbers(w: Words) -> Planted:
    area = w.rng.choice(["summarising", "extraction", "rewriting"])
    kind = {"summarising": "document", "extraction": "facts", "rewriting": "simplify"}[area]
    topic = w.topic()
    prompt = w.rng.choice(of(w, "grounded")[area]).format(passage=topic["passage"])
    one, two = topic["gists"]
    good = w.rng.choice(
        [
            one,
            two,
            w.join([one, two]),
            f"- {one}\n- {two}",
            f"1. {one}\n2. {two}",
            f"{one}\n\n{two}",
        ]
    )
    return Planted(prompt, _misquoted(w, good, prompt), good, kind=f"{area}/{kind}")


def _misquoted(w: Words, good: str, prompt: str) -> str:
    """Change one number of the answer into one that the prompt does not have."""
    known = set(_NUMBER.findall(prompt))
    body = [m for m in _NUMBER.finditer(good) if m[0] in known]
    for _ in range(1_000):
        found = w.rng.choice(body)
        other = "".join(str(w.rng.randint(1, 9)) if c.isdigit() else c for c in found[0])
        if other not in known and all(part not in known for part in re.split("[.,]", other)):
            return good[: found.start()] + other + good[found.end() :]
    raise AssertionError(json.dumps(good))
