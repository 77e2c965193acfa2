"""Clean answers of every kind of task: many look as if they had one of the defects."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from tests.tasks.checks.planting.material import Planted, Words, words


def clean_answers(language: str, count: int) -> list[Planted]:
    """Return `count` different clean answers: each fixed one, and templates filled in."""
    made = {_key(one): one for one in map(_planted, _texts(language)["fixed"])}
    templates = _texts(language)["template"]
    for n in range(50 * count):
        if len(made) == count:
            break
        filled = _filled(words(language, f"clean {n}"), templates[n % len(templates)])
        made.setdefault(_key(filled), filled)
    assert len(made) == count, f"{language}: {len(made)} different clean answers"
    return list(made.values())


@cache
def _texts(language: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"clean_{language}.toml").read_text()
    return tomllib.loads(text)


def _planted(text: dict[str, Any]) -> Planted:
    more = {name: text.get(name) for name in ("system", "tools")}
    before = tuple(text.get("before", ()))
    return Planted(text["prompt"], "", text["answer"], text["kind"], before=before, **more)


def _filled(w: Words, text: dict[str, Any]) -> Planted:
    topic = w.topic()
    slots = {
        "name": topic["name"],
        "passage": topic["passage"],
        "gist": w.rng.choice(topic["gists"]),
    }
    slots |= dict(zip("abc", w.rng.sample(topic["said"], 3), strict=True))
    slots |= dict(zip("rst", w.rng.sample(topic["tips"], 3), strict=True))
    slots |= dict(zip("xyz", w.rng.sample(topic["things"], 3), strict=True))
    slots |= {"n": w.rng.randint(2, 9), "ask": w.ask(topic)}
    whole = {
        name: Template(value).substitute(slots) if isinstance(value, str) else value
        for name, value in text.items()
    }
    return _planted(whole)


def _key(one: Planted) -> tuple[str, str]:
    return one.prompt, one.good
