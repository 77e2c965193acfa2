"""What the demo's student learns: v1 from days 1-2, v2 from days 1-3, on held-out prompts.

    python benchmarks/student.py [--quick] [--json FILE] [--width 96 --epochs 8 ...]

Both students start from the same random weights and are made, trained and asked through the same
children as a release. Prints exact match per task type, stop rate, rows and seconds. The limit:
45 s for each training, as the whole demo has five minutes on 2 cores.
"""

import argparse
import json
import os
import platform
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tasks.demo import follow_ups, open_answers
from tasks.demo.base import make_base_in_child
from tasks.demo.languages import LANGUAGES
from tasks.demo.recognise import recognise
from tasks.demo.skills import SKILLS
from tasks.demo.world import write_logs
from tasks.sft.generate import answers
from tasks.sft.spec import Progress, TrainResult, TrainSpec
from tasks.sft.train import run_child

CHECKABLE = [skill.label for skill in SKILLS]
NEW_ON_DAY_3 = ("classification/intent", "reasoning/sorting", "maths/date_calculation")
SHORT_ANSWERS = (*NEW_ON_DAY_3, "classification/sentiment")  # few label tokens: seen more often
LIMIT_S = 45.0
MAX_NEW_TOKENS = 64


class Row(NamedTuple):
    """One training row."""

    label: str
    prompt: list[dict[str, str]]
    answer: str


class HeldOut(NamedTuple):
    """One prompt that is in no training row."""

    label: str
    prompt: str
    answer: str


def rows_of(folder: Path, days: int, open_rows: int) -> list[Row]:
    """Read every user turn of the first `days` logs once, answered by the demo's skills.

    Of task types without one right answer only `open_rows` each are taken: their long answers
    would otherwise be nine tenths of the loss.
    """
    rows: dict[str, Row] = {}
    taken: Counter[str] = Counter()
    for path in sorted(folder.glob("2026*.jsonl"))[:days]:
        for messages in _turns(path):
            row = _answered(messages, len(rows))
            key = json.dumps(messages)
            if row and key not in rows and (row.label in CHECKABLE or taken[row.label] < open_rows):
                rows[key] = row
                taken[row.label] += 1
    return list(rows.values())


def _turns(path: Path) -> Iterator[list[dict[str, str]]]:
    """Yield, for each user turn, the messages up to it."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            messages = json.loads(line)["request"]["messages"]
            said = [{"role": one["role"], "content": one["content"] or ""} for one in messages]
        except (ValueError, KeyError, TypeError):  # planted broken lines
            continue
        ends = [number + 1 for number, one in enumerate(said) if one["role"] == "user"]
        yield from (said[:end] for end in ends if said[end - 1]["content"].strip())


def _answered(messages: list[dict[str, str]], seed: int) -> Row | None:
    turns = [one["content"] for one in messages if one["role"] == "user"]
    solved = follow_ups.solve(turns)
    if solved:
        return Row(solved[0], messages, solved[1])
    label = recognise(turns[-1])
    if label is None or label in CHECKABLE:
        return None
    return Row(label, messages, open_answers.answer(label, turns, Random(seed)))


def held_out(rows: list[Row], each: int, seed: int) -> list[HeldOut]:
    """Make `each` prompts per checkable task type that no user turn of `rows` repeats."""
    rng, found = Random(f"held out {seed}"), []
    said = {one["content"] for row in rows for one in row.prompt}
    for skill in SKILLS:
        fresh = 0
        while fresh < each:
            example = skill.example(rng, rng.choices(LANGUAGES, (5, 3, 2))[0])
            if example.prompt not in said:
                found.append(HeldOut(skill.label, example.prompt, example.answer))
                fresh += 1
    return found


def train(
    args: argparse.Namespace, base: Path, rows: list[Row], folder: Path
) -> tuple[TrainResult, float, float]:
    """Train in the child; return its result, seconds from start to end, seconds of CPU."""
    folder.mkdir()
    path = folder / "rows.jsonl"
    said = (
        {
            "prompt": row.prompt,
            "completion": [{"role": "assistant", "content": row.answer}],
            "copies": args.copies if row.label in SHORT_ANSWERS else 1,
        }
        for row in rows
    )
    path.write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    spec = TrainSpec(
        base_model=str(base),
        rows=path,
        out=folder / "run",
        max_tokens=320,
        epochs=args.epochs,
        learning_rate=args.learning_rate,
        warmup=0.05,
        weight_decay=0.01,
        batch_rows=args.batch_rows,
        log_every=100,
        save_every=500,
        seed=args.seed,
        threads=args.threads,
    )
    begun, cpu = time.monotonic(), _children_cpu_s()
    result = run_child(spec, _show)
    return result, time.monotonic() - begun, _children_cpu_s() - cpu


def _children_cpu_s() -> float:
    """Count what a busy machine does not change much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _show(line: Progress) -> None:
    print(f"  step {line.step}/{line.steps}  loss {line.loss:.3f}", flush=True)


def ask(model: Path, prompts: list[HeldOut], threads: int) -> dict[str, float]:
    """Return exact match per task type, their mean, the stop rate and the seconds it took."""
    begun = time.monotonic()
    asked = [[{"role": "user", "content": one.prompt}] for one in prompts]
    found = answers(model, asked, MAX_NEW_TOKENS, threads=threads)
    right = Counter(
        one.label for one, said in zip(prompts, found, strict=True) if said.text == one.answer
    )
    each = Counter(one.label for one in prompts)
    figures = {label: right[label] / each[label] for label in CHECKABLE}
    figures["mean"] = sum(right.values()) / len(prompts)
    figures["stop_rate"] = sum(said.stopped for said in found) / len(found)
    old = [said.stopped for one, said in zip(prompts, found, strict=True) if _is_old(one)]
    figures["stop_rate_old_types"] = sum(old) / len(old)
    figures["ask_s"] = time.monotonic() - begun
    return figures


def _is_old(prompt: HeldOut) -> bool:
    return prompt.label not in NEW_ON_DAY_3


def measure(args: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Train both students and ask the base and them the same prompts."""
    write_logs(folder / "logs", chats_per_day=args.chats_per_day)
    both = {f"v{days - 1}": rows_of(folder / "logs", days, args.open_rows) for days in (2, 3)}
    prompts = held_out(both["v2"], args.each, args.seed)
    texts = [one["content"] for row in both["v1"] for one in row.prompt]
    begun = time.monotonic()
    base = make_base_in_child(
        folder / "base", texts + [row.answer for row in both["v1"]], args.seed
    )
    figures: dict[str, float] = {"base_s": round(time.monotonic() - begun, 1)}
    asked = {"base": ask(base, prompts, args.threads)}
    for name, rows in both.items():
        print(f"{name}: {len(rows)} rows", flush=True)
        result, seconds, cpu_s = train(args, base, rows, folder / name)
        figures |= {f"{name}_train_s": round(seconds, 1), f"{name}_train_cpu_s": round(cpu_s, 1)}
        figures |= {f"{name}_rows": result.rows, f"{name}_label_tokens": result.label_tokens}
        figures |= {f"{name}_steps": result.steps, f"{name}_epoch_tokens": result.tokens}
        asked[name] = ask(result.model, prompts, args.threads)
    for name, found in asked.items():
        figures |= {f"{name}_{label}": round(value, 3) for label, value in found.items()}
    return figures


def table(figures: dict[str, float]) -> str:
    """Lay out base, v1 and v2 side by side."""
    names = ("base", "v1", "v2")
    lines = [f"{'':<28}" + "".join(f"{name:>8}" for name in names)]
    for label in (*CHECKABLE, "mean", "stop_rate", "stop_rate_old_types"):
        shares = "".join(f"{figures[f'{name}_{label}']:>8.1%}" for name in names)
        lines.append(f"{label + (' *' if label in NEW_ON_DAY_3 else ''):<28}{shares}")
    for label in ("rows", "train_s", "train_cpu_s", "ask_s"):
        values = (round(figures.get(f"{name}_{label}", 0.0), 1) for name in names)
        lines.append(f"{label:<28}" + "".join(f"{value:>8g}" for value in values))
    lines.append(
        f"* came on day 3; base made in {figures['base_s']:.0f} s; training limit "
        f"{LIMIT_S:.0f} s, v2 took {figures['v2_train_s'] / LIMIT_S:.0%} of it"
    )
    return "\n".join(lines)


def options() -> argparse.Namespace:
    """Read the command line; the defaults are what the demo uses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small world, few epochs")
    parser.add_argument("--json", type=Path)
    knobs: dict[str, Any] = {
        **{"chats_per_day": 800, "open_rows": 8, "each": 60, "copies": 2, "seed": 7},
        **{"epochs": 8.0, "learning_rate": 5e-3, "batch_rows": 16, "threads": 1},
    }
    for name, value in knobs.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    args = parser.parse_args()
    if args.quick:
        args.chats_per_day, args.epochs, args.each = 500, 4.0, 30
    return args


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    args = options()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(args, Path(folder))
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print(table(figures))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
