"""How long a dataset takes to be planned, frozen and exported, and in how much memory.

    python benchmarks/dataset_build.py [--quick] [--json FILE]

100,000 and 1,000,000 made-up kept answers of about 1 kB with their prompts (`--quick`: 10,000), of
six task types, two of them short, against 10,000 made-up eval prompts (1,000). Each size in a
process of its own; time is that of the clock. Lengths are estimates: no base model is named.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.dataset import texts  # noqa: E402  found from the root

FULL, QUICK = {"rows": (100_000, 1_000_000), "exams": 10_000}, {"rows": (10_000,), "exams": 1_000}
PER_DAY = 50_000
BEGIN = date(2026, 3, 2)
LONG = ("writing/email", "qa/how_to", "code/write", "qa/open_qa")
SHORT = ("classification/sentiment", "classification/intent")
GOALS = {"whole_s_1000000": "<= 240", "peak_mb_1000000": "<= 5,000"}


def measured(rows: int, exams: int) -> dict[str, float]:
    """Return seconds of each step over so many kept answers, and the memory of all."""
    from schemas.settings import FlywheelSettings
    from tasks.adapters import store
    from tasks.datasets.versions import freeze
    from tasks.exports.export import export
    from tasks.exports.wanted import Wanted
    from tasks.upsample import prepare

    took = dict[str, float]()

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        took[f"{name}_s_{rows}"] = round(time.monotonic() - begun, 1)

    with tempfile.TemporaryDirectory() as folder:
        cfg = FlywheelSettings(var=Path(folder) / "var")
        store.prepare(cfg.warehouse)
        fill([str(cfg.warehouse), str(rows), str(exams)])
        with timed("whole"):
            with timed("plan"):
                made = prepare(cfg)
            with timed("freeze"):
                freeze(cfg.warehouse, made, "v1")
            took[f"train_rows_{rows}"] = made.about["train_rows"]
            del made
            with timed("export"):
                out = Path(folder) / "out"
                export(cfg, Wanted("v1", "messages", out, None, False, None, False))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return took | {f"peak_mb_{rows}": round(peak)}


def fill(wanted: list[str]) -> None:
    """Fill the store in a process of its own, whose memory does not count."""
    subprocess.run([sys.executable, __file__, "--fill", *wanted], check=True)


def filled(warehouse: Path, rows: int, exams: int) -> None:
    """Write made-up kept answers of days of 50,000, and an eval set."""
    from dataclasses import replace

    from schemas import contracts
    from tasks import ledger
    from tasks.adapters import store
    from tasks.ledger import StageRun

    rng = random.Random(3)
    prompts, answers = texts(rng, 40), texts(rng, 110)
    for first in range(0, rows, PER_DAY):
        day = BEGIN + timedelta(days=first // PER_DAY)
        kept = list(_kept(day, first, min(PER_DAY, rows - first), prompts, answers))
        with store.writing(warehouse) as con:
            for table in ("prompts", "unique_answers"):
                frame = contracts.frame(table, [_of(table, row) for row in kept])
                store.replace(con, table, day, frame)
            done = StageRun("dedupe_answers", day, "r", "complete", kept=len(kept))
            ledger.write(con, replace(done, inputs="check=none", outputs="0"))
    asked = [_exam(n, text) for n, text in enumerate(islice(prompts, exams))]
    with store.writing(warehouse) as con:
        store.insert(con, "eval_prompts", contracts.frame("eval_prompts", asked))


def _kept(
    day: date, first: int, count: int, prompts: Iterator[str], answers: Iterator[str]
) -> Iterator[dict[str, object]]:
    from schemas.conversation import text_message

    common = {"day": day, "turn": 0, "user_key": None, "language": "en", "traits": []}
    common |= {"origin": "log", "rule_hits": [], "drop_reason": None, "input_hash": 1, "version": 0}
    common |= {"started_at": datetime(day.year, day.month, day.day)}
    for n in range(first, first + count):
        label = SHORT[n // 5 % 2] if n % 5 == 0 else LONG[n % 4]
        area, kind = label.split("/")
        prompt = next(prompts)
        yield common | {
            "chat_id": f"{n:012d}",
            "prompt_id": f"{n:012d}-0",
            "answer_id": f"{n:012d}-0-0",
            "area": area,
            "kind": kind,
            "prompt": prompt,
            "messages": [text_message("user", prompt)],
            "answer": f"label {n % 9}" if label in SHORT else next(answers),
        }


def _exam(number: int, text: str) -> dict[str, object]:
    from schemas.conversation import text_message

    return {
        "eval_set": "exam",
        "prompt_id": f"p{number}",
        "area": "qa",
        "kind": "how_to",
        "messages": [text_message("user", text)],
        "reference": None,
        "expectation": "none",
    }


def _of(table: str, row: dict[str, object]) -> dict[str, object]:
    from schemas import contracts

    return {name: row.get(name) for name in contracts.schema(table)}


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", nargs=2, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--fill", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fill:
        filled(Path(args.fill[0]), int(args.fill[1]), int(args.fill[2]))
        return
    if args.measure:
        print(json.dumps(measured(*args.measure)))
        return
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    sizes, figures = QUICK if args.quick else FULL, dict[str, float]()
    for rows in sizes["rows"]:
        command = [sys.executable, __file__, "--measure", str(rows), str(sizes["exams"])]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        figures |= json.loads(done.stdout)
    for name, value in figures.items():
        print(f"{name:<40}{value:>14,}   {GOALS.get(name, '')}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
