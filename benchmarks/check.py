"""How fast all checks together read answers, and what memory that takes.

    python benchmarks/check.py [--quick] [--json FILE] [--data FOLDER]

Checks 100,000 and 1,000,000 made-up answers of about 600 characters (`--quick`: 5,000 and 20,000)
in English, Chinese and Korean, each size in a process of its own. Every tenth prompt asks for a
length, a number of things, JSON or a form, and every twentieth answer has a defect. Then, where
FOLDER has them, the answers of public sets, all taken for answers to open questions: how many
raise an alarm, defect by defect, and how alike they are. `--show DEFECT` prints those that have it,
to be read and judged.
"""

import argparse
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.public_sets import Told, public  # noqa: E402  found from the root

SIZES = (100_000, 1_000_000)
QUICK = (5_000, 20_000)
PER_DAY = 50_000  # answers that one run of the stage has at hand
CHARS = {"en": 600, "zh": 220, "ko": 320}  # about the same number of tokens
GOAL_PER_CPU_S = 5_000
ASKED = {
    "en": ("in at most 400 words", "in bullet points", "and list five tips", "as JSON"),
    "zh": ("，不超过五百字", "，用表格列出", "，给出三条建议", "，输出JSON格式"),
    "ko": (" 500자 이내로", " 표로", " 팁 3가지와 함께", " JSON으로"),
}
SUBJECTS = {
    "en": ("Explain how bread rises", "Compare two ways to save money", "Describe a day at sea"),
    "zh": ("请解释面包为什么会发酵", "比较两种存钱的办法", "描述海上的一天"),
    "ko": (
        "빵이 부푸는 까닭을 설명해 줘",
        "돈을 모으는 두 방법을 비교해 줘",
        "바다에서의 하루를 써 줘",
    ),
}
DEFECTS = {
    "en": "I'm sorry, but I can't help with that. ",
    "zh": "作为一个大型语言模型，我无法回答。",
    "ko": "제 지식은 2021년 9월까지입니다. ",
}


def answers(count: int, seed: int) -> Iterator[dict[str, object]]:
    """Make rows as the stage reads them."""
    rng = random.Random(seed)
    for n in range(count):
        code = tuple(SUBJECTS)[n % 3]
        asked = rng.choice(ASKED[code]) if n % 10 == 0 else ""
        prompt = f"{rng.choice(SUBJECTS[code])} {asked}".strip()
        defect = DEFECTS[code] if n % 20 == 0 else ""
        yield {
            "prompt": prompt,
            "messages": [{"role": "user", "content": prompt}],
            "tools": None,
            "answer": defect + _prose(rng, code),
            "finish_reason": "stop",
            "language": code,
            "area": "qa",
            "kind": "open_qa",
        }


def _prose(rng: random.Random, code: str) -> str:
    """Put sentences together: words drawn at random repeat more, and are of no language."""
    text = ""
    while len(text) < CHARS[code]:
        text += rng.choice(_sentences()[code])
    return text.strip()


@cache
def _sentences() -> dict[str, list[str]]:
    """Return the prompts that ship for the tagger as plain sentences, by language."""
    import polars as pl

    from schemas.task_examples import read_examples
    from tasks.language import languages

    lines = [line for prompts in read_examples().values() for line in prompts]
    plain = [line.strip(" .?!。？！") for line in lines if re.fullmatch(r"[^\n\"'“`:|{}<>]+", line)]
    found = zip(plain, languages(pl.Series(plain)), strict=True)
    stops = {"en": ". ", "zh": "。", "ko": ". "}
    by_language: dict[str, list[str]] = {code: [] for code in stops}
    for line, code in found:
        if code in stops and len(line) > 10:
            said = re.sub(r"[,，] ?", "，", line) if code == "zh" else line
            by_language[code].append(said[0].upper() + said[1:] + stops[code])
    return by_language


def measured(count: int) -> dict[str, float]:
    """Check so many answers, a day at a time."""
    import polars as pl

    from schemas.settings import CheckSettings
    from schemas.task_types import load
    from tasks.checks import apply_checks

    cfg, types = CheckSettings(), load()
    text = dict.fromkeys(("tools", "finish_reason", "prompt", "answer"), pl.String)
    cpu = clock = 0.0
    rows = alarms = 0
    while rows < count:
        given = list(answers(min(PER_DAY, count - rows), seed=rows))
        frame = pl.DataFrame(given, schema_overrides=text)
        begun = time.process_time(), time.monotonic()
        found = apply_checks(frame, cfg, types)
        cpu, clock = cpu + time.process_time() - begun[0], clock + time.monotonic() - begun[1]
        alarms += (found["defects"].list.len() > 0).sum()
        rows += frame.height
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    per_cpu_s = rows / cpu
    return {"per_cpu_s": per_cpu_s, "wall_s": clock, "alarms": alarms / rows, "peak_mb": peak}


# --- public sets ---


def alarms(told: list[Told], show: list[str]) -> dict[str, float]:
    """Return how many answers have an alarm, and each defect."""
    import polars as pl

    from schemas.settings import CheckSettings
    from schemas.task_types import load
    from tasks.checks import apply_checks
    from tasks.language import languages

    known = {"finish_reason": "stop", "area": "qa", "kind": "open_qa", "messages": None}
    rows = [{"prompt": one.prompt, "answer": one.answer, "tools": None, **known} for one in told]
    frame = pl.DataFrame(rows, schema_overrides={"tools": pl.String})
    frame = frame.with_columns(language=languages(frame["prompt"]))
    found = apply_checks(frame, CheckSettings(), load())
    for row in found.filter(
        pl.col("defects").list.eval(pl.element().is_in(show)).list.any()
    ).rows():
        print(row, file=sys.stderr)
    counts = found["defects"].explode().drop_nulls().value_counts(sort=True).rows()
    bad = (found["defects"].list.len() > 0).sum()
    return {"answers": len(rows), "alarms": bad, **{f"alarms_{name}": n for name, n in counts}}


def alike(told: list[Told]) -> dict[str, float]:
    """Return the share of the commonest opening, and the mean likeness of two answers."""
    import polars as pl

    from tasks.homogeneity import homogeneity

    ids = [str(n) for n in range(len(told))]
    rows = pl.DataFrame({"answer_id": ids, "answer": [one.answer for one in told]})
    (found,) = homogeneity(rows.with_columns(area=pl.lit("qa"), kind=pl.lit("any"))).to_dicts()
    return {"opening_share": found["share"], "likeness": found["similarity"]}


def in_child(count: int) -> dict[str, float]:
    """Measure in a process of its own: memory is that of the largest size so far."""
    command = [sys.executable, __file__, "--count", str(count)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return json.loads(done.stdout)


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--show", nargs="*", default=[], metavar="DEFECT")
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.count:
        print(json.dumps(measured(args.count)))
        return
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"polars {version('polars')}"
    )
    figures = {
        f"{name}_{count}": value
        for count in (QUICK if args.quick else SIZES)
        for name, value in in_child(count).items()
    }
    for name, told in public(args.data):
        if told[0].answer is None:
            continue
        found = alarms(told, args.show) | alike(told)
        figures |= {f"{name}_{what}": value for what, value in found.items()}
    for name, value in figures.items():
        goal = f"   goal at least {GOAL_PER_CPU_S:,}" if name.startswith("per_cpu_s") else ""
        shown = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"
        print(f"{name:<36}{shown:>10}{goal}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
