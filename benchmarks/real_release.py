"""A release on real public data: banking77's intents and OASST's Chinese chats, a tiny student.

    python benchmarks/real_release.py --data ../shared/data [--quick] [--json FILE]

Two days of logs are written from the two sets, a loopback server answers with their own answers,
and everything else is the product: backfill, release v1 (day 1: half of the intents), release v2
(both days), then a candidate whose intent labels were shuffled, which promotion must refuse.
Prints per model: rows, right answers on held-out messages, stop rate, the decision.
"""

import argparse
import csv
import io
import json
import os
import platform
import subprocess
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import polars as pl

from flows import console
from schemas import contracts
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks import exam
from tasks.adapters import store
from tasks.datasets import versions
from tasks.demo.base import make_base_in_child

ASK = "What does this bank customer want? "
DAYS = ("2026-03-02", "2026-03-03")
INTENT = "classification/intent"

TOML = """\
[[sources]]
name = "banking77"
path = "logs"

[[sources]]
name = "oasst-zh"
path = "oasst"
default_day = 2026-03-02

[llm]
base_url = "{url}"
model = "answers-of-the-sets"

[dataset]
quotas = {{"qa/open_qa" = 60}}

[train]
base_model = "base"
max_tokens = 320
epochs = {epochs}
learning_rate = 4e-3
warmup = 0.05
weight_decay = 0.01
batch_rows = 16
save_every = 500
log_every = 50
threads = 1

[evaluate]
eval_set = "held-out"
max_new_tokens = 96
"""


SHOWN = {
    "From logs to rows": """
        SELECT stage, sum(rows_in)::BIGINT AS rows_in, sum(kept)::BIGINT AS kept,
               sum(dropped)::BIGINT AS dropped
        FROM funnel GROUP BY step, stage ORDER BY step""",
    "Left out": """
        SELECT dataset_version, reason, count(*) AS "rows", min("match") AS a_match
        FROM dataset_drops GROUP BY ALL ORDER BY ALL""",
    "Held out": "SELECT model_id, prompts, correct, accuracy, stop_rate FROM scores",
    "Models": "SELECT model_id, status, reason FROM models ORDER BY registered_at",
}


class Oracle(BaseHTTPRequestHandler):
    """Answers with what the set says; the tag of a prompt is known as well."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, str]] = {}

    def do_POST(self) -> None:
        """Answer one chat completion."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = body["messages"][-1]["content"]
        if "response_format" in body:
            label = INTENT if ASK in said else "qa/open_qa"
            content = json.dumps({"reason": "", "task_type": label})
        else:
            content = self.answers.get(said, "")
        choice = {"index": 0, "message": {"role": "assistant", "content": content}}
        usage = {"prompt_tokens": len(said) // 4, "completion_tokens": len(content) // 4}
        reply = {"model": body["model"], "choices": [choice | {"finish_reason": "stop"}]}
        text = json.dumps(reply | {"usage": usage}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def oracle(answers: dict[str, str]) -> Iterator[str]:
    """Serve the answers on loopback and yield the base URL."""
    Oracle.answers = answers
    server = ThreadingHTTPServer(("127.0.0.1", 0), Oracle)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def unpacked(path: Path) -> str:
    """Read a file that is packed with zstd."""
    done = subprocess.run(["zstd", "-dcq", str(path)], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def banking(data: Path, intents: int, each: int) -> dict[str, list[str]]:
    """Return messages by intent: at most `each` for training and four to hold out."""
    rows = csv.DictReader(io.StringIO(unpacked(data / "banking77" / "train.csv.zst")))
    by_intent = defaultdict(list)
    for row in rows:
        by_intent[row["category"]].append(row["text"])
    chosen = sorted(by_intent)[:intents]
    return {name: list(dict.fromkeys(by_intent[name]))[: each + 4] for name in chosen}


def write_world(folder: Path, data: Path, args: argparse.Namespace) -> dict[str, str]:
    """Write logs and eval set; return what the strong model has to know."""
    sets = banking(data, args.intents, args.each)
    answers: dict[str, str] = {}
    rng = Random(7)
    for name in ("logs", "oasst"):
        (folder / name).mkdir()
    for day, intents in zip(DAYS, (list(sets)[::2], list(sets)[1::2]), strict=True):
        pairs = [(ASK + text, name) for name in intents for text in sets[name][4:]]
        rng.shuffle(pairs)
        answers |= dict(pairs)
        write_lines(
            folder / "logs" / f"{day}.jsonl",
            (
                {
                    "id": f"{day}-{number}",
                    "timestamp": f"{day}T10:00:00Z",
                    "messages": [said("user", prompt), said("assistant", "One moment, please.")],
                }
                for number, (prompt, _) in enumerate(pairs)
            ),
        )
    held_out = [
        {"prompt": ASK + text, "task_type": INTENT, "reference": name}
        for name, texts in sets.items()
        for text in texts[:4]
    ]
    chats = json.loads(unpacked(data / "oasst_zh" / "oaast_sft_zh.json.zst"))
    write_lines(folder / "oasst" / "sft.jsonl", chats)
    answers |= {chat["instruction"] + chat["input"]: chat["output"] for chat in chats}
    answers |= {asked: replied for chat in chats for asked, replied in chat.get("history", [])}
    write_lines(folder / "eval.jsonl", held_out)
    return answers


def said(role: str, content: str) -> dict[str, str]:
    """Make a message."""
    return {"role": role, "content": content}


def write_lines(path: Path, rows: Any) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def shuffled(cfg: FlywheelSettings, version: str) -> str:
    """Freeze a copy of a dataset in which the intents have changed places; return its version."""
    about = versions.about(cfg.warehouse, version)
    parts = [
        store.select(cfg.warehouse, f"FROM {table} WHERE dataset_version = $v", v=version)
        for table in ("sft_rows", "dataset_drops")
    ]
    rows, drops = (part.drop("dataset_version") for part in parts)
    hit = (rows["area"] + "/" + rows["kind"] == INTENT).to_list()
    labels = [m[-1]["content"] for m, one in zip(rows["messages"], hit, strict=True) if one]
    Random(1).shuffle(labels)
    changed = [
        [*m[:-1], m[-1] | {"content": labels.pop()}] if one else m
        for m, one in zip(rows["messages"].to_list(), hit, strict=True)
    ]
    kind = contracts.schema("sft_rows")["messages"]
    rows = rows.with_columns(pl.Series("messages", changed, dtype=kind))
    for name in ("dataset_version", "created_at", "sha256"):
        about.pop(name)
    return versions.freeze(
        cfg.warehouse, versions.Dataset(rows, drops, pl.DataFrame(), about), "shuffled"
    )


def measure(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Turn the wheel twice, then try to promote the spoiled candidate."""
    console.quiet_surroundings(folder / "var")
    # after `quiet_surroundings`, which Prefect must find
    from flows.releasing import run_evaluate, run_promote, run_release, run_train
    from flows.running import Order, run_range

    answers = write_world(folder, args.data, args)
    days = [date.fromisoformat(day) for day in DAYS]
    toml = folder / "flywheel.toml"
    codes = {}
    with oracle(answers) as url:
        toml.write_text(TOML.format(url=url, epochs=args.epochs), encoding="utf-8")
        cfg = load(toml, environ={})
        run_range(cfg, *days, Order())
        exam.add_eval_set(cfg, "held-out", folder / "eval.jsonl")
        texts = [text for pair in answers.items() for text in pair]
        make_base_in_child(folder / "base", texts)
        cfg = load(toml, environ={})
        codes["v1"] = run_release(cfg, days[0], days[0], "v1")
        codes["v2"] = run_release(cfg, *days, "v2")
        shuffled(cfg, "v2")
        run_train(cfg, "shuffled", "shuffled")
        run_evaluate(cfg, "shuffled", None)
        codes["shuffled"] = run_promote(cfg, "shuffled")
    return figures(cfg, codes)


def figures(cfg: FlywheelSettings, codes: dict[str, int]) -> dict[str, Any]:
    """Read what came of it."""
    for title, sql in SHOWN.items():
        console.table(store.select(cfg.warehouse, sql), title)
    found = {"lost": store.select(cfg.warehouse, "FROM conservation").height}
    for row in store.select(cfg.warehouse, "FROM scores").to_dicts():
        name = row["model_id"].partition("@")[0]
        found |= {f"{name}_accuracy": row["accuracy"], f"{name}_stop_rate": row["stop_rate"]}
    for row in store.select(cfg.warehouse, "FROM dataset_versions").to_dicts():
        found |= {f"{row['dataset_version']}_rows": row["train_rows"]}
    return found | {f"{name}_promoted": int(code == 0) for name, code in codes.items()}


def main() -> None:
    """Measure, print, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--quick", action="store_true", help="16 intents, 40 messages each")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--intents", type=int, default=77)
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--epochs", type=float, default=6.0)
    args = parser.parse_args()
    if args.quick:
        args.intents, args.each, args.epochs = 16, 40, 4.0
    if not (args.data / "banking77").is_dir():
        parser.error(f"not run: no banking77 in {args.data}; --data names the folder")
    with tempfile.TemporaryDirectory() as place:
        found = measure(args, Path(place).resolve())
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for name, value in found.items():
        print(f"{name:<24}{value}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
