"""How many planted quotes of eval prompts are found, at what speed, and what is found wrongly.

    python benchmarks/dataset.py [--quick] [--json FILE] [--data FOLDER]

100,000 and 1,000,000 made-up rows of about 1 kB (`--quick`: 2,000 and 10,000) against 10,000
(1,000) made-up eval prompts: rows per CPU second, memory, and the same for plain sets of 13-grams,
which is how open-instruct and datatrove look for them, in one process each. 300 of the rows quote a
prompt, by turns as it is, in capitals, in full width, without marks, in a longer turn, in an
example of a system prompt, and with a fifth of the words changed or left out. Then, where FOLDER
has them, the prompts of public eval sets against public training sets that know nothing of them:
the share that raises an alarm; and what is found of those prompts, 200 of each form.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.public_sets import public, text_of  # noqa: E402  found from the root

FULL, QUICK = (
    {"rows": (100_000, 1_000_000), "exams": 10_000},
    {"rows": (2_000, 10_000), "exams": 1_000},
)
PLANTED = 300
GOALS = {"found_exact": "1.0", "found_near": ">= 0.98", "alarms_share": "<= 0.001"}
GOALS |= {"rows_per_cpu_s_1000000": ">= 11,111"}
EXAM_SETS = ("mt_bench/question.jsonl", "mt_bench/mt_bench_zh_question.jsonl")
EXAM_SETS += ("mt_bench/vicuna_question.jsonl", "arena_hard/v0.1_question.jsonl.zst")
Row = list[dict[str, str]]


def forms() -> dict[str, Callable[[random.Random, str], Row]]:
    """Return the ways in which a prompt is planted; the first six leave its words as they are."""
    return {
        "copy": lambda _rng, text: _turn(text),
        "capitals": lambda _rng, text: _turn(text.upper()),
        "width": lambda _rng, text: _turn("".join(map(_full, text))),
        "marks": lambda _rng, text: _turn(
            "".join(c for c in text if c not in ",.;:!?，。；：！？")
        ),
        "turn_3": lambda _rng, text: [
            *_turn("Hi"),
            *_turn("Another thing first"),
            *_turn(f'A friend was asked "{text}" and wants to know.'),
        ],
        "example": lambda _rng, text: [
            {
                "role": "system",
                "content": f"Do as here.\nQ: What do cows drink?\nA: Water.\nQ: {text}\nA: 4",
            },
            *_turn("Now about my garden."),
        ],
        "near": lambda rng, text: _turn(_rewritten(rng, text)),
    }


def _turn(text: str) -> Row:
    return [{"role": "user", "content": text}, {"role": "assistant", "content": "Of course."}]


def _full(char: str) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


def _rewritten(rng: random.Random, text: str) -> str:
    """Put other words for a tenth of the words, and leave another tenth out."""
    words = text.split(" ")
    changed = rng.sample(range(len(words)), len(words) // 5)
    half = len(changed) // 2
    for n in changed[:half]:
        words[n] = rng.choice(("river", "stone", "window", "paper", "evening", "bright"))
    return " ".join(word for n, word in enumerate(words) if n not in changed[half:])


def texts(rng: random.Random, words: int) -> Iterator[str]:
    """Make texts of words that are as common as Zipf's law has it."""
    letters = "aeiounrstlmdkp"
    known = sorted({"".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(30_000)})
    odds = list(accumulate(1 / (n + 3) for n in range(len(known))))
    while True:
        yield " ".join(rng.choices(known, cum_weights=odds, k=words)).capitalize() + "."


def measured(rows: int, exams: int) -> dict[str, float]:
    """Return what is found among so many rows, and how fast."""
    from schemas.settings import DedupeSettings
    from tasks.datasets.leaks import Leaks

    rng = random.Random(3)
    source, longer = texts(rng, 40), texts(rng, 150)
    asked = {f"exam/{n}": (next(source),) for n in range(exams)}
    ways, due = list(forms().items()), dict[int, str]()
    told = [_turn(next(longer)) for _ in range(rows)]
    for n, at in enumerate(rng.sample(range(rows), PLANTED)):
        due[at] = f"exam/{n}"
        told[at] = ways[n % len(ways)][1](rng, asked[f"exam/{n}"][0])
    frame = pl.DataFrame({"messages": told})
    begun = time.process_time()
    found = Leaks(asked, DedupeSettings()).mark(frame)["match"].to_list()
    spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    begun = time.process_time()
    _by_gram_sets(told, [text for (text,) in asked.values()])
    plain = time.process_time() - begun
    near = {at for n, at in enumerate(due) if ways[n % len(ways)][0] == "near"}
    right = {at for at, id_ in due.items() if found[at] == id_}
    wrong = sum(match is not None for at, match in enumerate(found) if at not in due)
    return {
        f"rows_per_cpu_s_{rows}": round(rows / spent),
        f"rate_over_gram_sets_{rows}": round(plain / spent, 2),
        f"peak_mb_{rows}": round(peak),
        "found_exact": round(len(right - near) / (len(due) - len(near)), 4),
        "found_near": round(len(right & near) / len(near), 4),
        "alarms_share": round(wrong / (rows - PLANTED), 6),
    }


def _by_gram_sets(told: list[Row], prompts: list[str]) -> int:
    grams = {gram for text in prompts for gram in _grams(text)}
    return sum(
        any(gram in grams for message in row for gram in _grams(message["content"])) for row in told
    )


def _grams(text: str) -> Iterator[tuple[str, ...]]:
    words = text.lower().split()
    return zip(*(words[n:] for n in range(13)), strict=False)


def measured_public(folder: Path) -> dict[str, float]:
    """Return the alarms of public training sets, and what is found of planted public prompts."""
    from schemas.settings import DedupeSettings
    from tasks.datasets.leaks import Leaks

    asked = dict(_exams(folder))
    figures = {"public_exams": len(asked)}
    for name, rows in public(folder):
        frame = pl.DataFrame({"messages": [_said(one.prompt, one.answer or "") for one in rows]})
        found = Leaks(asked, DedupeSettings()).mark(frame)["match"].drop_nulls().len()
        figures |= {f"public_{name}_rows": len(rows), f"public_{name}_alarms": found}
    rng = random.Random(3)
    plain = [id_ for id_, (text,) in asked.items() if not any(map(str.isdigit, text))]
    for name, form in forms().items():
        some = rng.sample(plain, 200)
        frame = pl.DataFrame({"messages": [form(rng, asked[id_][0]) for id_ in some]})
        matches = Leaks(asked, DedupeSettings()).mark(frame)["match"].to_list()
        same = (m is not None and asked[m] == asked[i] for m, i in zip(matches, some, strict=True))
        figures[f"public_found_{name}_of_200"] = sum(same)
    return figures


def _said(prompt: str, answer: str) -> Row:
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def _exams(folder: Path) -> Iterator[tuple[str, tuple[str]]]:
    for name in EXAM_SETS:
        if (folder / name).exists():
            for n, line in enumerate(text_of(folder / name).splitlines(), 1):
                row = json.loads(line)
                yield f"{name}/{n}", (row["turns"][0] if "turns" in row else row["prompt"],)


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--measure", nargs=2, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measured(*args.measure)))
        return
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    sizes, figures = QUICK if args.quick else FULL, dict[str, float]()
    for rows in sizes["rows"]:
        command = [sys.executable, __file__, "--measure", str(rows), str(sizes["exams"])]
        environ = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environ)
        figures |= json.loads(done.stdout)
    if args.data.is_dir():
        figures |= measured_public(args.data)
    for name, value in figures.items():
        print(f"{name:<40}{value:>14,}   {GOALS.get(name, '')}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
