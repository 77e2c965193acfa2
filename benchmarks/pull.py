"""How fast logs become chats, and whether memory stays flat while they grow.

    python benchmarks/pull.py [--quick] [--json FILE]

Pulls 10,000, 100,000 and 1,000,000 made-up records (`--quick`: 5,000 and 20,000), each into a new
store by a process of its own: parsing, redaction, merging, DuckDB. One in five holds a private
value; English, Chinese and Korean; 20,000 records make a day. Prints records per second of CPU
time, the largest memory of the process, and its ratio to the run before. Then runs
benchmarks/redaction.py, which compares redaction with its peers.
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
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (5_000, 20_000)
PER_DAY = 20_000
LIMIT = 1.25  # memory may grow by this factor from one size to the next, noise included
SAID = (
    "Rewrite this paragraph so that a child of ten can follow it; keep its three numbers.",
    "Which of these two contracts ends first, and what do I have to do before that happens?",
    "请把下面这段会议记录整理成五条行动项，每条写清楚负责人和截止日期，不要遗漏任何决定。",
    "다음 문장을 더 공손하게 고쳐 주시고, 바뀐 부분마다 이유를 한 줄씩 설명해 주세요.",
)
PRIVATE = (
    "Reach me at user{n}@example.com.",
    "我的手机号是138{m:08d}。",
    "제 번호는 010-{a:04d}-{b:04d}입니다.",
    "password: tr0ub4dor{n}!",
)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


def write_logs(path: Path, records: int) -> None:
    """Write `records` calls of chats of one to three turns, as a proxy would log them."""
    rng = random.Random(records)
    with path.open("w", encoding="utf-8") as file:
        for n in range(records):
            file.write(json.dumps(_record(n, rng), ensure_ascii=False) + "\n")


def _record(n: int, rng: random.Random) -> dict[str, object]:
    turns = rng.choice((1, 1, 2, 3))
    messages = []
    for turn in range(turns):
        messages.append({"role": "user", "content": f"{_text(n, rng)} ({n}.{turn})"})
        if turn < turns - 1:
            messages.append({"role": "assistant", "content": rng.choice(SAID)})
    day, second = divmod(n, PER_DAY)
    at = BEGIN + timedelta(days=day, seconds=second * 4)
    reply = {"role": "assistant", "content": rng.choice(SAID)}
    return {
        "timestamp": at.isoformat(),
        "request": {"model": "m", "messages": messages, "user": f"u{n % 997}"},
        "response": {"id": f"r{n}", "choices": [{"index": 0, "message": reply}]},
    }


def _text(n: int, rng: random.Random) -> str:
    text = rng.choice(SAID)
    if rng.random() < 0.2:
        m = rng.randrange(10**8)
        text += " " + rng.choice(PRIVATE).format(n=n, m=m, a=m // 10**4, b=m % 10**4)
    return text


def pull(folder: Path) -> None:
    """Pull the logs of `folder` into a store beside them; print what it took as JSON."""
    from schemas.run import Run
    from schemas.settings import FlywheelSettings, SourceSettings
    from tasks.adapters import store
    from tasks.pull import pull_new

    source = SourceSettings(path=str(folder / "logs.jsonl"))
    cfg = FlywheelSettings(var=folder / "var", sources=(source,))
    store.prepare(cfg.warehouse)
    idle = _spent_s()
    pull_new(Run(cfg=cfg))
    used = resource.getrusage(resource.RUSAGE_SELF)
    left = store.select(cfg.warehouse, "SELECT count(*) FROM chats").item()
    print(json.dumps({"chats": left, "cpu_s": _spent_s() - idle, "peak_mb": used.ru_maxrss / 1e3}))


def _spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(records: int) -> dict[str, float]:
    """Return what pulling so many records takes in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        write_logs(Path(folder) / "logs.jsonl", records)
        command = [sys.executable, __file__, "--pull", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if found["chats"] != records:
        raise SystemExit(f"{records} records became {found['chats']} chats; wanted one each.")
    return found


def table(sizes: tuple[int, ...]) -> dict[str, float]:
    """Measure every size and print a line for each; return the figures."""
    figures: dict[str, float] = {}
    before: float | None = None
    print(f"{'records':>10}{'records/s of CPU':>20}{'peak MB':>10}{'x the run before':>20}")
    for size in sizes:
        found = measure(size)
        rate, peak = size / found["cpu_s"], found["peak_mb"]
        growth = peak / before if before else 1.0
        told = f"{growth:.2f} (limit {LIMIT})" if before else ""
        print(f"{size:>10,}{rate:>20,.0f}{peak:>10,.0f}{told:>20}", flush=True)
        figures |= {
            f"pull_records_per_cpu_s_{size}": round(rate),
            f"pull_peak_mb_{size}": round(peak),
            f"pull_peak_growth_{size}": round(growth, 2),
        }
        before = peak
    return figures


def main() -> None:
    """Measure, print tables, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pull", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.pull:
        pull(args.pull)
        return
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars"))
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print(versions)
    figures = table(QUICK if args.quick else SIZES)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
