"""`flywheel demo`: a made-up assistant's flywheel, offline, from its logs to a better model."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from flows import console
from flows.demo_report import show_release
from flows.running import Order, run_range
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks import exam, published
from tasks.adapters import store
from tasks.demo import teacher, world
from tasks.demo.base import make_base_in_child
from tasks.demo.held_out import write_eval_set
from tasks.intake.ids import USER_KEY_ENV

_TOML = """\
# The demo's settings: a made-up assistant's logs, answered by a scripted teacher on loopback,
# taught to a tiny student that is made on the spot.
[[sources]]
name = "demo"
path = "logs"

[llm]
base_url = "{base_url}"
model = "{model}"
# made-up prices, so that `costs` has something to show
input_usd_per_mtok = 0.5
output_usd_per_mtok = 1.5

[dataset]
min_short_share = 0.08
# a student of this size cannot learn long answers; all of them would be most of its lessons
quotas = {{"qa/how_to" = 20, "qa/open_qa" = 20, "writing/email" = 20, "chat/small_talk" = 20}}

[train]
base_model = "base"
max_tokens = 320
epochs = {epochs}
learning_rate = 5e-3
warmup = 0.05
weight_decay = 0.01
batch_rows = 8
batching = "padding_free"
save_every = 200
log_every = 25
threads = 1

[evaluate]
eval_set = "{eval_set}"
max_new_tokens = 64
"""
FIRST, SECOND, LAST = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
EVAL_SET = "held-out-v1"


class Clock:
    """How long each part took, in the order of the parts."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure one part."""
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 1)


def run_demo(folder: Path, chats_per_day: int, epochs: float, each: int) -> int:
    """Turn the wheel twice in `folder`; return 0 when the second model took the first one's place.

    Args:
        folder: where the demo lives.
        chats_per_day: size of the made-up world.
        epochs: of each training.
        each: held-out prompts per task type.
    """
    folder, clock = folder.absolute(), Clock()
    with clock.part("logs"):
        _write_logs(folder, chats_per_day)
    with teacher.serve() as base_url:
        said = {"base_url": base_url, "model": teacher.MODEL, "eval_set": EVAL_SET}
        toml = folder / "flywheel.toml"
        toml.write_text(_TOML.format(**said, epochs=epochs), encoding="utf-8")
        turned = _turn_twice(load(toml, environ={}), each, clock)
    source = published.source(load(toml, environ={}), live=False)
    _show(source)
    if turned is not None:
        show_release(source, EVAL_SET, clock.seconds)
    _where_to_look(source, folder)
    return 0 if turned is None or turned == 0 else 1


def _write_logs(folder: Path, chats_per_day: int) -> None:
    """Write three days of logs; a demo starts over, and never in a folder it did not make."""
    if (folder / "flywheel.toml").exists():
        for name in ("logs", "var", "base"):
            shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault(USER_KEY_ENV, "demo")
    counts = world.write_logs(folder / "logs", chats_per_day=chats_per_day).counts
    console.err.print(
        f"wrote three days of logs to {folder / 'logs'}: {counts['records']} records of "
        f"{counts['chats']} chats, with broken lines, repeats and private data among them"
    )


def _turn_twice(cfg: FlywheelSettings, each: int, clock: Clock) -> int | None:
    """Release v1 from days 1-2 and v2 from days 1-3; return v2's exit code, None without torch."""
    with clock.part("days 1-2"):
        run_range(cfg, FIRST, SECOND, Order())
    if find_spec("torch") is None:
        console.err.print("torch is not installed: no model is trained. pip install '.[train]'")
        run_range(cfg, LAST, LAST, Order())
        return None
    from flows.releasing import run_release

    with clock.part("eval set and base model"):
        exam_file = cfg.root / "eval.jsonl"
        write_eval_set(exam_file, each=each)
        exam.add_eval_set(cfg, EVAL_SET, exam_file)
        make_base_in_child(cfg.root / "base", _texts(cfg))
    with clock.part("release v1"):
        run_release(load(cfg.root / "flywheel.toml", environ={}), FIRST, SECOND, "v1")
    with clock.part("day 3"):
        run_range(cfg, LAST, LAST, Order())
    with clock.part("release v2"):
        return run_release(load(cfg.root / "flywheel.toml", environ={}), FIRST, LAST, "v2")


def _texts(cfg: FlywheelSettings) -> list[str]:
    """Return the texts that the student's vocabulary is made from: days 1-2, nothing held out."""
    rows = store.select(cfg.warehouse, _TEXTS, last=SECOND)
    return [text for pair in rows.iter_rows() for text in pair]


def _show(source: published.Source) -> None:
    for name, sql in _VIEWS.items():
        console.table(published.select(source, sql), name)
    lost = published.select(source, "FROM conservation").height
    console.out.print(f"conservation: {lost} units unaccounted for")


def _where_to_look(source: published.Source, folder: Path) -> None:
    flywheel = "flywheel" if shutil.which("flywheel") else Path(sys.argv[0]).absolute()
    console.out.print(f'\nLook around: cd {folder}\n  {flywheel} sql "FROM funnel"')
    for title, sql in _EXAMPLES.items():
        rows = published.select(source, sql).drop_nulls()
        if rows.height:
            console.out.print(f"  {flywheel} explain {rows.item(0, 0)}   # {title}")


_TEXTS = """
SELECT p.prompt, u.answer FROM unique_answers u JOIN prompts p USING (day, prompt_id)
WHERE u.drop_reason IS NULL AND u.day <= $last ORDER BY u.answer_id
"""
_VIEWS = {
    "Three days, from logs to rows": """
        SELECT stage, sum(rows_in)::BIGINT AS rows_in, sum(kept)::BIGINT AS kept,
               sum(dropped)::BIGINT AS dropped, sum(quarantined)::BIGINT AS quarantined
        FROM funnel GROUP BY step, stage ORDER BY step""",
    "Why rows stopped": """
        SELECT stage, reason, sum("rows")::BIGINT AS "rows", any_value(example) AS example
        FROM drops GROUP BY stage, reason ORDER BY "rows" DESC, reason LIMIT 12""",
    "What was bought": "FROM costs",
}
_EXAMPLES = {
    "an answer to train on": "SELECT min(answer_id) FROM unique_answers WHERE drop_reason IS NULL",
    "one left out of a dataset": "SELECT min(answer_id) FROM dataset_drops WHERE reason = 'leak'",
    "a dropped one": "SELECT min(prompt_id) FROM unique_prompts WHERE drop_reason IS NOT NULL",
    "a quarantined record": "SELECT min(record_id) FROM quarantine",
}
