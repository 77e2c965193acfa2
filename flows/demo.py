"""`flywheel demo`: three days of a made-up assistant, from logs to training rows, offline."""

import os
import shutil
import sys
from datetime import date
from pathlib import Path

from flows import console
from flows.running import Order, run_range
from schemas.settings_file import load
from tasks import published
from tasks.demo import teacher, world
from tasks.intake.ids import USER_KEY_ENV

_TOML = """\
# The demo's settings: a made-up assistant's logs, answered by a scripted teacher on loopback.
[[sources]]
name = "demo"
path = "logs"

[llm]
base_url = "{base_url}"
model = "{model}"
# made-up prices, so that `costs` has something to show
input_usd_per_mtok = 0.5
output_usd_per_mtok = 1.5
"""
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 4)


def run_demo(folder: Path, chats_per_day: int) -> None:
    """Write three days of logs into `folder` and run them; end with where to look."""
    folder = folder.absolute()
    if (
        folder / "flywheel.toml"
    ).exists():  # a demo starts over, and never in a folder it did not make
        for name in ("logs", "var"):
            shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault(USER_KEY_ENV, "demo")
    summary = world.write_logs(folder / "logs", chats_per_day=chats_per_day)
    counts = summary.counts
    console.err.print(
        f"wrote three days of logs to {folder / 'logs'}: {counts['records']} records of "
        f"{counts['chats']} chats, with broken lines, repeats and private data among them"
    )
    with teacher.serve() as base_url:
        text = _TOML.format(base_url=base_url, model=teacher.MODEL)
        (folder / "flywheel.toml").write_text(text, encoding="utf-8")
        cfg = load(folder / "flywheel.toml", environ={})
        run_range(cfg, FIRST, LAST, Order())
    _show(published.source(cfg, live=False), folder)


def _show(source: published.Source, folder: Path) -> None:
    for name in ("funnel", "drops", "mix", "costs"):
        console.table(published.select(source, f"FROM {name}"), name)
    lost = published.select(source, "FROM conservation").height
    console.out.print(f"conservation: {lost} units unaccounted for")
    flywheel = "flywheel" if shutil.which("flywheel") else Path(sys.argv[0]).absolute()
    console.out.print(f'\nLook around: cd {folder}\n  {flywheel} sql "FROM funnel"')
    for title, sql in _EXAMPLES.items():
        rows = published.select(source, sql)
        if rows.height:
            console.out.print(f"  {flywheel} explain {rows.item(0, 0)}   # {title}")


_EXAMPLES = {
    "a prompt to train on": "SELECT min(prompt_id) FROM unique_answers WHERE drop_reason IS NULL",
    "a dropped one": "SELECT min(prompt_id) FROM unique_prompts WHERE drop_reason IS NOT NULL",
    "a quarantined record": "SELECT min(record_id) FROM quarantine",
}
