import json
from datetime import date

import polars as pl
import pytest

from schemas import contracts
from schemas.errors import DatasetError, SettingsError, TaxonomyError
from schemas.settings import DatasetSettings
from schemas.settings_file import load
from schemas.stages import RELEASE
from schemas.task_types import load as load_types
from tasks.adapters import store
from tasks.datasets.extra import extra_rows
from tasks.datasets.versions import freeze, verify
from tasks.fingerprint import chosen_settings
from tasks.redaction.rules import BUILT_IN
from tasks.training_rows import training_rows
from tasks.upsample import prepare, summary

DAY = date(2026, 3, 2)
SCHEMA = pl.Schema(
    {"day": pl.Date, "answer_id": pl.String, "prompt_id": pl.String, "chat_id": pl.String}
    | {"user_key": pl.String, "area": pl.String, "kind": pl.String, "answer": pl.String}
    | {"messages": contracts.schema("prompts")["messages"], "tools": pl.String}
    | {"learned_turns": pl.List(pl.Int32)}
    | {"teacher": pl.String, "traits": pl.List(pl.String)}
)
EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"


def chat(*said):
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]}


@pytest.fixture
def general(tmp_path):
    """Write a set of chats: general(record, record) returns its settings."""

    def write(*records, **settings):
        path = tmp_path / "general.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        given = {"name": "general", "path": path, "license": "CC-BY-4.0"} | settings
        return DatasetSettings(extra=(given,)).extra[0]

    return write


def read(*sets):
    return extra_rows(sets, DAY, SCHEMA, BUILT_IN)


def test_a_chat_becomes_the_prompt_and_its_last_answer(general):
    rows, drops = read(general(chat("Hi", "Hello.", "Bye", "See you.")))
    [row] = rows.to_dicts()
    assert (row["area"], row["kind"], row["day"], row["answer"]) == (
        *("extra", "general", DAY),
        "See you.",
    )
    assert [one["content"] for one in row["messages"]] == ["Hi", "Hello.", "Bye"]
    assert row["answer_id"] == f"{row['chat_id']}-1-0"
    assert row["user_key"] is None
    assert drops.height == 0


TALK = chat("Hi", "Hello.", "Bye", "See you.", "Wait", "Yes?")
MARKED = {
    "messages": [one | {"weight": int(one["content"] != "Hello.")} for one in TALK["messages"]]
}


@pytest.mark.parametrize(
    ("record", "turns", "places"),
    [
        (TALK, "last", None),
        (TALK, "all", [1, 3]),
        (MARKED, "all", [3]),
        (chat("Hi", "Hello."), "all", None),
    ],
    ids=["last", "all", "marked", "one"],
)
def test_a_set_says_which_answers_are_learned(general, record, turns, places):
    rows, _ = read(general(record, turns=turns))
    assert rows["learned_turns"].to_list() == [places]


def test_marks_beside_a_reply_of_its_own_leave_only_that_reply(general):
    rows, _ = read(general({**MARKED, "completion": "Bye now."}, turns="all"))
    assert rows.select("answer", "learned_turns").rows() == [("Bye now.", None)]


CALL = {"type": "function", "id": "c1", "function": {"name": "clock", "arguments": "{}"}}
CALLED = [
    {"role": "user", "content": "What time is it?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "9:41"},
    {"role": "assistant", "content": "9:41."},
]


def test_a_call_of_a_tool_is_an_answer_to_learn_and_its_result_is_none(general):
    rows, _ = read(general({"messages": CALLED}, turns="all"))
    assert rows["learned_turns"].to_list() == [[1]]


def test_what_is_learned_is_frozen_hashed_and_trained_on(cfg, keep, kept, general):
    keep(cfg, kept("a1", "Why is the sky blue?"))
    made = {}
    for turns in ("last", "all"):
        dataset = DatasetSettings(validation_share=0, extra=(general(TALK, turns=turns),))
        made[turns] = prepare(cfg.model_copy(update={"dataset": dataset}))
        freeze(cfg.warehouse, made[turns], turns)
    assert made["last"].sha256 != made["all"].sha256
    assert verify(cfg.warehouse, "all") == made["all"].sha256
    rows = {row["task_type"]: row for row in training_rows(cfg.warehouse, "all", "train")}
    assert rows["extra/general"]["learned_turns"] == [1, 3]
    assert "learned_turns" not in rows["qa/how_to"]


@pytest.mark.parametrize(
    "record",
    [
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}]},
        {"instruction": "Hi", "output": "Hello."},
        {"prompt": "Hi", "completion": "Hello."},
    ],
    ids=["sharegpt", "alpaca", "prompt"],
)
def test_every_format_of_logs_is_read(general, record):
    rows, _ = read(general(record))
    assert rows.select("answer").rows() == [("Hello.",)]


def test_private_values_are_redacted(general):
    rows, _ = read(general(chat("I am a@example.com", "Hello a@example.com.")))
    assert rows["answer"].to_list() == ["Hello <EMAIL_1>."]
    assert rows["messages"][0][0]["content"] == "I am <EMAIL_1>"


def test_what_is_no_answered_chat_is_left_out_with_its_place_and_reason(general):
    _, drops = read(general(chat("Hi"), {"x": 1}, chat("Hi", "Hello."), [1]))
    assert drops.select("reason", "match").rows() == [
        ("unreadable", "general.jsonl/1: no_answer"),
        ("unreadable", "general.jsonl/2: unknown_format"),
        ("unreadable", "general.jsonl/4: not_an_object"),
    ]


def test_ids_come_from_what_is_said_and_equal_chats_have_two(general):
    one, other = chat("Hi", "Hello."), chat("Hi", "Yes?")
    ids = read(general(one, other, one))[0]["answer_id"].to_list()
    again = read(general(other, one, one))[0]["answer_id"].to_list()
    assert sorted(ids) == sorted(again)
    assert len(set(ids)) == 3


def test_files_of_one_name_in_two_folders_keep_their_lines_apart(general, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / "sets" / folder).mkdir(parents=True)
        (tmp_path / "sets" / folder / "x.jsonl").write_text("[1]\n")
    _, drops = read(general(path=tmp_path / "sets"))
    assert drops["match"].to_list() == ["x.jsonl/1: not_an_object"] * 2
    assert drops["answer_id"].n_unique() == 2


def test_a_set_that_is_not_there_is_named(general):
    with pytest.raises(DatasetError, match=r"dataset\.extra: .*/none is no file or folder"):
        read(general(path="none/none"))


def test_a_set_is_mixed_in_on_top_of_the_quotas_with_its_own_split(cfg, keep, kept, general):
    keep(cfg, *[kept(f"a{n}", f"Why is the sky {n}?", user=f"u{n}") for n in range(6)])
    chats = [chat(f"What is the name of thing number {n}?", "A name.") for n in range(40)]
    some = general(*chats, [1], rows=10, validation_share=0.25)
    dataset = DatasetSettings(validation_share=0, rows=4, extra=(some,))
    whole = cfg.model_copy(update={"dataset": dataset})
    made = prepare(whole)
    assert "6 kept answers and 41 chats of extra sets, 14 to train on" in summary(made, "v1")
    freeze(cfg.warehouse, made, "v1")
    counted = store.select(
        cfg.warehouse, "SELECT area, split, count(*) FROM sft_rows GROUP BY ALL ORDER BY ALL"
    ).rows()
    [(_, _, from_set), (_, _, measured), (_, _, from_logs)] = counted
    assert [row[:2] for row in counted] == [
        ("extra", "train"),
        ("extra", "validation"),
        ("qa", "train"),
    ]
    assert (from_set, from_logs) == (10, 4)
    assert 2 < measured < 20
    reasons = dict(
        store.select(
            cfg.warehouse, "SELECT reason, count(*) FROM dataset_drops GROUP BY 1"
        ).iter_rows()
    )
    assert reasons == {"quota": 2 + 30 - measured, "unreadable": 1}
    assert store.select(cfg.warehouse, "FROM conservation").height == 0


def test_eval_prompts_are_looked_for_in_a_set_too(cfg, keep, kept, general, tmp_path):
    keep(cfg, kept("a1", "Why is the sky blue?"))
    (tmp_path / "eval.jsonl").write_text(json.dumps({"prompt": EGG}) + "\n")
    sets = {"extra": (general(chat(EGG, "Gently.")),), "keep_out": (tmp_path / "eval.jsonl",)}
    made = prepare(cfg.model_copy(update={"dataset": DatasetSettings(validation_share=0, **sets)}))
    assert made.drops.select("area", "reason", "match").rows() == [("extra", "leak", "eval/1")]


def test_a_set_counts_by_what_it_holds_not_by_where_it_lies(cfg, general, tmp_path):
    def fingerprint(some):
        dataset = DatasetSettings(extra=(some,))
        chosen = chosen_settings(RELEASE[0], cfg.model_copy(update={"dataset": dataset}))
        return chosen["dataset"]["extra"]

    first = fingerprint(general(chat("Hi", "Hello.")))
    moved = tmp_path / "other.jsonl"
    moved.write_bytes((tmp_path / "general.jsonl").read_bytes())
    assert fingerprint(general(chat("Hi", "Hello."), path=moved)) == first
    assert fingerprint(general(chat("Hi", "Yes?"))) != first


def test_a_block_of_the_settings_is_read_from_the_folder_of_the_file(tmp_path):
    toml = tmp_path / "flywheel.toml"
    block = '[[dataset.extra]]\nname = "general"\npath = "sets/general.jsonl"\nlicense = "MIT"\n'
    toml.write_text(block)
    assert load(toml).dataset.extra[0].path == tmp_path / "sets" / "general.jsonl"
    toml.write_text(block + block)
    with pytest.raises(SettingsError, match="two sets are named 'general'"):
        load(toml)


def test_no_task_type_can_have_the_area_of_sets(tmp_path):
    body = 'description = "x"\nanswer_style = "long"\nexamples = ["y"]\n'
    (tmp_path / "types.toml").write_text(f"version = 1\n[kinds.extra.general]\n{body}")
    with pytest.raises(TaxonomyError, match="`extra` is that of sets under"):
        load_types(tmp_path / "types.toml")
