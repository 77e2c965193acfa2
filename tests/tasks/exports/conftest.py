"""A frozen dataset with all that is hard to export, and exports of it."""

import json
from pathlib import Path

import pytest

from schemas.settings import DatasetSettings, FlywheelSettings
from tasks.adapters import store
from tasks.datasets.split import split_of
from tasks.datasets.versions import freeze
from tasks.exports.export import export
from tasks.exports.wanted import Wanted
from tasks.upsample import prepare

HELD = next(f"v{n}" for n in range(400) if split_of(f"v{n}", 0.05) == "validation")
CJK = "漢字と한글, «naïve» 🙂"
BREAKS = 'one\u2028two\u2029three\x85four\x1cfive\r\nsix\t"seven" \\u0041'
CLOCK = {"name": "clock", "description": "The time", "parameters": {"zone": {"type": "string"}}}
OFFERED = [{"type": "function", "function": CLOCK}]
KEYS = ("role", "content", "parts", "name", "tool_call_id", "tool_calls")


def said(role, content, **more):
    return {**dict.fromkeys(KEYS), "role": role, "content": content, **more}


def calls(*ids):
    clock = {"name": "clock", "arguments": json.dumps({"zone": "東京"}, ensure_ascii=False)}
    return json.dumps([{"id": id_, "type": "function", "function": clock} for id_ in ids])


CALLED = (
    said("user", "What time is it?"),
    said("assistant", "", tool_calls=calls("c1")),
    said("tool", "noon", tool_call_id="c1", name="clock"),
    said("assistant", "It is noon."),
)
TWICE = (
    said("user", "What time is it here and there?"),
    said("assistant", "", tool_calls=calls("c1", "c2")),
    said("tool", "noon", tool_call_id="c1"),
    said("tool", "night", tool_call_id="c2"),
    said("assistant", "Noon and night."),
)
TALKS = {
    "plain": (),
    "system": (said("system", "Be brief."), said("user", "Hello"), said("assistant", "Hi.")),
    "called": CALLED,
    "twice": TWICE,
    "aloud": (CALLED[0], said("assistant", "I look.", tool_calls=calls("c1")), *CALLED[2:]),
    "midway": (said("user", "Hello"), said("assistant", "Hi."), said("system", "Be brief.")),
    "lonely": (CALLED[0], CALLED[1], said("assistant", "I cannot.")),
}
TOOLED = ("called", "twice", "aloud", "lonely")


@pytest.fixture(scope="session")
def frozen(tmp_path_factory, keep, kept, offer):
    """Settings of a store with the version v1: every talk, copies, odd characters, a held row."""
    cfg = FlywheelSettings(
        var=tmp_path_factory.mktemp("frozen") / "var",
        dataset=DatasetSettings(min_short_share=0.05, license="CC-BY-4.0"),
    )
    store.prepare(cfg.warehouse)
    talks = [talk(kept, chat, before) for chat, before in TALKS.items()]
    odd = [kept("cjk", f"{CJK}?", CJK), kept("breaks", f"{BREAKS}?", BREAKS)]
    long = [kept(f"l{n}", f"Question {n}?", "word " * 20) for n in range(8)]
    short = [kept(f"s{n}", f"Mood {n}?", "good", kind="classification/sentiment") for n in (0, 1)]
    held = kept("held", "Held back?", "Yes.", user=HELD)
    keep(cfg, *talks, *odd, *long, *short, held, kept("empty", "Hm?", " "))
    offer(cfg, **dict.fromkeys(TOOLED, json.dumps(OFFERED)))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    return cfg


def talk(kept, chat, before):
    row = kept(chat, f"And about {chat}?", f"So much for {chat}.", user=f"u-{chat}")
    return row | {"messages": [*before, said("user", row["prompt"])]}


@pytest.fixture
def written(frozen, tmp_path):
    """Export v1: written("alpaca", rows_per_file=3) -> (folder or file, what was done)."""

    def write(format, name="out", **options):
        out = tmp_path / name
        return out, export(frozen, Wanted("v1", format, out, **options))

    return write


@pytest.fixture
def lines(written):
    """Export v1 as one file: lines("openai") -> its rows, each as JSON reads it."""

    def read(format, **options):
        out, _ = written(format, "rows.jsonl", **options)
        return [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n")[:-1]]

    return read


@pytest.fixture
def by_chat(lines):
    """The same by chat, copies once."""

    def read(format):
        return {row["id"].split("-")[0]: row for row in lines(format)}

    return read


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A tiny model with a chat template that knows tools."""
    trl = pytest.importorskip("trl", reason="not run: no trl")
    from tasks.demo.student import StudentShape, make_base

    shape = StudentShape(vocabulary=300, width=16, layers=1, heads=1)
    folder = make_base(tmp_path_factory.mktemp("student") / "base", ["So much for it."], 1, shape)
    template = Path(trl.__file__).parent / "chat_templates" / "qwen2_5.jinja"
    (folder / "chat_template.jinja").write_text(template.read_text())
    return folder
