"""How fast all rules together judge prompts, against the peers' rules, and what each drops wrongly.

    python benchmarks/filter.py [--quick] [--json FILE] [--peers PYTHON]

Filters 100,000 and 1,000,000 made-up prompts of 200 characters (`--quick`: 10,000 and 40,000) in
English, Chinese and Korean, in days of 20,000, each size in a process of its own: turns, traits,
rules and language, and around them the whole stage with its store. Then data-juicer's and
datatrove's rules for the same questions judge some of the same prompts, and all sides judge five
good short ones. PYTHON is an interpreter that has the peers, where this one has not.
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
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib.metadata import version
from itertools import islice
from pathlib import Path

SIZES = (100_000, 1_000_000)
QUICK = (10_000, 40_000)
PER_DAY = 20_000
CHARS = 200
BEGIN = date(2026, 3, 2)
LIMITS = {"prompts_per_cpu_s": 8_000, "wall_s_1000000": 180, "peak_mb": 4_096}
PEER_PROMPTS = 10_000
OFFLINE = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}  # peers install at will

GOOD = (
    "wats the diff btwn a list n a tuple in pyhton",
    "Translate to Korean: good night",
    "翻译成英文：你好",
    "17 * 23 = ?",
    "서울의 인구는 몇 명이야?",
)
PIECES = {
    "en": (
        ("Rewrite", "Explain", "Summarise", "Compare", "Draft", "Review", "Outline", "Check"),
        ("the lease", "this recipe", "a speech", "my resume", "the budget", "an invoice", "a poem",
         "the minutes", "our roadmap", "a complaint", "the syllabus", "a travel plan"),
        ("for a child of ten", "in three sentences", "without any jargon", "as a table",
         "for my manager", "in a polite tone", "with two examples", "from the other side",
         "so that it fits a postcard", "and say what is missing", "step by step", "as a list"),
        (". ", "; ", ", because it is due on Friday. ", ", and keep the numbers. ", ", please. "),
    ),
    "zh": (
        ("请改写", "请解释", "帮我总结", "请比较", "起草", "检查一下", "列出", "翻译"),
        ("这份合同", "这道菜谱", "一篇演讲稿", "我的简历", "本月预算", "这张发票", "一首短诗",
         "会议记录", "产品路线图", "一封投诉信", "课程大纲", "旅行计划"),
        ("，让十岁的孩子也能看懂", "，只用三句话", "，不要用术语", "，做成表格", "，给我的经理看",
         "，语气要礼貌", "，举两个例子", "，从对方的角度", "，并指出缺了什么", "，一步一步来"),
        ("。", "；", "，周五之前要交。", "，数字保持不变。", "，谢谢你的帮助。"),
    ),
    "ko": (
        ("계약서를", "요리법을", "연설문을", "이력서를", "예산안을", "청구서를", "짧은 시를",
         "회의록을", "제품 계획을", "항의 편지를", "강의 계획을", "여행 일정을"),
        (" 열 살 아이도 알 수 있게", " 세 문장으로", " 전문 용어 없이", " 표로",
         " 공손한 말투로", " 예를 두 개 들어", " 상대방의 입장에서", " 빠진 것을 짚어 가며"),
        (" 다시 써 주세요", " 설명해 주세요", " 요약해 주세요", " 비교해 주세요", " 검토해 주세요"),
        (". ", ". 금요일까지 내야 합니다. ", ". 숫자는 그대로 두세요. ", ". 이유도 적어 주세요. "),
    ),
}  # fmt: skip


def prompts(count: int, seed: int = 5) -> Iterator[str]:
    """Make prompts of 200 characters, in three languages in turn."""
    rng = random.Random(seed)
    for n in range(count):
        pieces = PIECES[tuple(PIECES)[n % 3]]
        text = ""
        while len(text) < CHARS:
            text += "".join(f"{rng.choice(each)}{_gap(each)}" for each in pieces)
        yield text[:CHARS]


def _gap(pieces: tuple[str, ...]) -> str:
    return " " if pieces in PIECES["en"][:2] else ""


def chats(day: date, texts: list[str]) -> list[dict[str, object]]:
    """Make chats of one to three of these prompts, each with a reply."""
    made, left = [], iter(texts)
    while turns := list(islice(left, 1 + len(made) % 3)):
        said = [(r, t) for text in turns for r, t in (("user", text), ("assistant", text[::-1]))]
        made.append(_chat(day, len(made), said))
    return made


def _chat(day: date, number: int, said: list[tuple[str, str]]) -> dict[str, object]:
    from schemas.conversation import text_message

    at = datetime.combine(day, datetime.min.time()) + timedelta(seconds=number)
    unset = dict.fromkeys(("source_id", "session_id", "model", "tools", "vote"))
    known = {"day": day, "chat_id": f"{day:%m%d}{number:012d}", "source": "logs", "language": "en"}
    times = {"record_id": str(number), "started_at": at, "updated_at": at}
    messages = [text_message(role, text) for role, text in said]
    lists = {"messages": messages, "traits": [], "pii": [], "user_key": f"u{number % 997}"}
    return {**unset, **known, **times, **lists}


def stage(count: int) -> dict[str, float]:
    """Filter so many prompts in a new store, day by day; return what it took."""
    from schemas.batch import Batch
    from schemas.run import Run
    from schemas.settings import FlywheelSettings
    from tasks import filter as filtering
    from tasks.adapters import store

    judging = Timed(filtering.judge)
    filtering.judge = judging.call
    with tempfile.TemporaryDirectory() as folder:
        cfg = FlywheelSettings(var=Path(folder) / "var")
        store.prepare(cfg.warehouse)
        days = list(_pulled(cfg.warehouse, count))
        cpu, clock = spent_s(), time.monotonic()
        for day in days:
            batch = Batch(warehouse=cfg.warehouse, table="chats", day=day, rows=0)
            filtering.filter_prompts.fn(batch, Run(cfg=cfg))
        cpu, clock = spent_s() - cpu, time.monotonic() - clock
        kept, rows = store.select(cfg.warehouse, _KEPT).row(0)
    if rows != count:
        raise SystemExit(f"{count} user turns became {rows} prompts; wanted one each.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    wall = {"stage_cpu_s": cpu, "wall_s": clock, "peak_mb": peak}
    return {"rows": rows, "kept": kept, "rules_cpu_s": judging.cpu_s, **wall}


_KEPT = "SELECT count(*) FILTER (drop_reason IS NULL), count(*) FROM prompts"


def _pulled(warehouse: Path, count: int) -> Iterator[date]:
    """Put so many prompts into the chats of a store; yield the days that have them."""
    from schemas import contracts
    from tasks.adapters import store

    texts = prompts(count)
    for n in range(-(-count // PER_DAY)):
        day = BEGIN + timedelta(days=n)
        rows = contracts.frame("chats", chats(day, list(islice(texts, PER_DAY))))
        with store.writing(warehouse) as con:
            store.replace(con, "chats", day, rows)
        yield day


class Timed:
    """A function with the CPU time of all its calls."""

    def __init__(self, work: Callable[..., object]) -> None:
        self.work = work
        self.cpu_s = 0.0

    def call(self, *args: object) -> object:
        """Call it."""
        before = spent_s()
        done = self.work(*args)
        self.cpu_s += spent_s() - before
        return done


def spent_s() -> float:
    """Return the CPU time of this process and its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours() -> Callable[[list[str]], list[bool]]:
    """Return our verdict: every text is a chat of its own; true = kept."""
    import polars as pl

    from schemas import contracts
    from schemas.filter_settings import FilterSettings
    from tasks.judge import judge

    def kept(texts: list[str]) -> list[bool]:
        made = [_chat(BEGIN, n, [("user", text)]) for n, text in enumerate(texts)]
        rows = contracts.frame("chats", made).with_columns(input_hash=pl.lit(1, pl.UInt64))
        return judge(rows, FilterSettings()).sort("prompt_id")["drop_reason"].is_null().to_list()

    return kept


def data_juicer() -> Callable[[list[str]], list[bool]]:
    """Return the verdict of data-juicer's recipe for alpaca-cot: length, letters, repetition.

    Its lists of words and its language model are downloads, so they are left out.
    """
    from data_juicer.ops.filter.alphanumeric_filter import AlphanumericFilter
    from data_juicer.ops.filter.character_repetition_filter import CharacterRepetitionFilter
    from data_juicer.ops.filter.text_length_filter import TextLengthFilter
    from data_juicer.utils.constant import Fields

    steps = (
        AlphanumericFilter(tokenization=False, min_ratio=0.1),
        CharacterRepetitionFilter(rep_len=10, max_ratio=0.6),
        TextLengthFilter(min_len=30),  # 10 in its recipe for Chinese
    )

    def kept(texts: list[str]) -> list[bool]:
        rows = {"text": texts, Fields.stats: [{} for _ in texts]}
        for step in steps:
            rows = step.compute_stats_batched(rows)
        return [all(each) for each in zip(*(s.process_batched(rows) for s in steps), strict=True)]

    return kept


def datatrove() -> Callable[[list[str]], list[bool]]:
    """Return the verdict of datatrove's Gopher rules with their defaults: length, repetition."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter

    steps = (GopherRepetitionFilter(), GopherQualityFilter())

    def passes(text: str) -> bool:
        return all(step.filter(Document(text=text, id="1")) is True for step in steps)

    return lambda texts: [passes(text) for text in texts]


SIDES = {"ours": ours, "data_juicer": data_juicer, "datatrove": datatrove}
PACKAGES = {"ours": "sft-flywheel", "data_juicer": "py-data-juicer", "datatrove": "datatrove"}


def side(name: str, count: int) -> dict[str, object]:
    """Return how fast one side judges prompts, and which good ones it drops."""
    try:
        kept = SIDES[name]()
    except ImportError as error:
        return {"not_run": f"no {error.name or name}"}
    dropped = [text for text, keeps in zip(GOOD, kept(list(GOOD)), strict=True) if not keeps]
    texts = list(prompts(count))
    begun = spent_s()
    verdicts = kept(texts)
    per_s = count / (spent_s() - begun)
    found = {"prompts_per_cpu_s": per_s, "good_dropped": len(dropped), "dropped": dropped}
    return {**found, "kept_share": sum(verdicts) / count, "version": version(PACKAGES[name])}


def child(python: str, *words: object) -> dict[str, float]:
    """Run this file with these words in a process of its own; return the JSON it prints."""
    command = [python, __file__, *map(str, words)]
    environ = {**os.environ, **OFFLINE}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2_000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table_of_sizes(sizes: tuple[int, ...]) -> dict[str, float]:
    """Measure every size and print a line for each."""
    figures: dict[str, float] = {}
    heads = ("rules: prompts/s of CPU", "stage: prompts/s of CPU", "wall s", "peak MB", "kept")
    print(f"{'prompts':>10}" + "".join(f"{head:>25}" for head in heads))
    for size in sizes:
        found = child(sys.executable, "--stage", size)
        shown = {
            "rules_prompts_per_cpu_s": round(size / found["rules_cpu_s"]),
            "stage_prompts_per_cpu_s": round(size / found["stage_cpu_s"]),
            "wall_s": round(found["wall_s"], 1),
            "peak_mb": round(found["peak_mb"]),
            "kept_share": round(found["kept"] / found["rows"], 3),
        }
        print(f"{size:>10,}" + "".join(f"{value:>25,}" for value in shown.values()), flush=True)
        figures |= {f"{name}_{size}": value for name, value in shown.items()}
    print(f"limits: {', '.join(f'{name} {limit:,}' for name, limit in LIMITS.items())}")
    return figures


def table_of_sides(peers: str, count: int) -> dict[str, float]:
    """Measure every side and print a line for each."""
    figures: dict[str, float] = {}
    print(f"{'':<24}{'prompts/s of CPU':>20}{'good ones dropped':>20}   of {len(GOOD)}, each short")
    for name in SIDES:
        found = child(sys.executable if name == "ours" else peers, "--side", name, count)
        if "not_run" in found:
            print(f"{name:<24}not run: {found['not_run']}")
            continue
        rate, dropped = found["prompts_per_cpu_s"], found["good_dropped"]
        print(
            f"{name + ' ' + found['version']:<24}{rate:>20,.0f}{dropped:>20}   {found['dropped']}"
        )
        figures |= {f"{name}_prompts_per_cpu_s": round(rate), f"{name}_good_dropped": dropped}
    return figures


def main() -> None:
    """Measure, print tables, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--stage", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stage or args.side:
        found = stage(args.stage) if args.stage else side(args.side[0], int(args.side[1]))
        print(json.dumps(found))
        return
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print(", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars")))
    figures = table_of_sizes(QUICK if args.quick else SIZES)
    figures |= table_of_sides(args.peers, PEER_PROMPTS // 10 if args.quick else PEER_PROMPTS)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
