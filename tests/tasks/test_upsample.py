import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import contracts
from schemas.errors import DatasetError, Refused, SettingsError
from schemas.run import Run
from schemas.settings import DatasetSettings, DedupeSettings, TrainSettings
from schemas.task_types import load
from tasks import ledger
from tasks.adapters import store
from tasks.datasets.lay_out import lay_out
from tasks.datasets.leaks import exam_turns
from tasks.datasets.lengths import add_lengths
from tasks.datasets.split import split_of
from tasks.datasets.versions import Dataset, freeze
from tasks.ledger import StageRun
from tasks.upsample import prepare, summary, upsample

ROOT = Path(__file__).parents[2]
DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)
TWINS, TYPES = DedupeSettings(), load()
ALL_TRAIN = DatasetSettings(validation_share=0)
EMAIL, SENTIMENT = "writing/email", "classification/sentiment"
EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"
NEAR_EGG = EGG.replace("bright", "light")
SKY = "Why is the sky blue at noon, and why does it turn red in the evening?"
HELD = [f"v{n}" for n in range(400) if split_of(f"v{n}", 0.05) == "validation"]
SHOWN = [f"t{n}" for n in range(400) if split_of(f"t{n}", 0.05) == "train"]

COLUMNS = {"day": pl.Date, "answer_id": pl.String, "prompt_id": pl.String, "chat_id": pl.String}
COLUMNS |= {"user_key": pl.String, "area": pl.String, "kind": pl.String}
COLUMNS |= {"messages": contracts.schema("prompts")["messages"], "answer": pl.String}
COLUMNS |= {"as_logged": COLUMNS["messages"], "tools": pl.String, "traits": pl.List(pl.String)}
COLUMNS |= {"teacher": pl.String, "template": pl.String, "learned_turns": pl.List(pl.Int32)}


def answers(rows, max_tokens=64):
    """Make rows of `kept` what schemas/queries/upsample.sql selects, with lengths."""
    picked = [{name: row.get(name) for name in COLUMNS} for row in rows]
    rows = pl.DataFrame(picked, schema=COLUMNS)
    return add_lengths(rows, TrainSettings(max_tokens=max_tokens)).rows


def exam(*prompts, eval_set="exam-1"):
    """Make rows of eval_prompts, called p0, p1 ..."""
    blank = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    rows = [
        {
            "eval_set": eval_set,
            "prompt_id": f"p{n}",
            "area": "qa",
            "kind": "how_to",
            "messages": [{"role": "user", "content": text, **blank}],
            "reference": None,
            "expectation": "none",
        }
        for n, text in enumerate(prompts)
    ]
    return contracts.frame("eval_prompts", rows)


def laid_out(rows, evals=None, cfg=ALL_TRAIN):
    evals = exam() if evals is None else evals
    return lay_out(answers(rows), exam_turns(evals), TYPES, cfg, TWINS)


def dropped(drops):
    """Return {answer_id: (reason, match)}."""
    return {row["answer_id"]: (row["reason"], row["match"]) for row in drops.to_dicts()}


def sha256(rows, evals=None, cfg=ALL_TRAIN):
    laid, drops, plan = laid_out(rows, evals, cfg)
    return Dataset(laid, drops, plan, {}).sha256


def test_a_row_is_the_prompt_with_its_context_and_then_the_answer(kept):
    row = kept("a1", "And times two?", "8", before=("What is 2 + 2?", "4"), turn=1)
    rows, drops, _ = laid_out([row])
    assert drops.height == 0
    [made] = rows.to_dicts()
    assert [(message["role"], message["content"]) for message in made["messages"]] == [
        ("user", "What is 2 + 2?"),
        ("assistant", "4"),
        ("user", "And times two?"),
        ("assistant", "8"),
    ]
    assert (made["split"], made["copies"], made["weight"]) == ("train", 1, 1.0)


def test_all_rows_of_a_user_and_all_turns_of_a_chat_are_on_one_side(kept):
    users = [kept(f"a{n}", f"Question {n}", user=HELD[0]) for n in range(3)]
    turns = [kept(HELD[1], f"Turn {n}", turn=n) for n in range(3)]
    rows, _, _ = laid_out([*users, *turns, kept(SHOWN[0], "Hm?")], cfg=DatasetSettings())
    sides = rows.group_by("split").agg(pl.col("answer_id").str.split("-").list.first().unique())
    assert {split: sorted(chats) for split, chats in sides.iter_rows()} == {
        "validation": sorted(["a0", "a1", "a2", HELD[1]]),
        "train": [SHOWN[0]],
    }


@pytest.mark.parametrize(
    "prompt", [EGG, EGG.upper(), f"  {EGG[:-1]} ", EGG.replace(" ", "\n"), f"“{EGG}”", NEAR_EGG]
)
def test_an_eval_prompt_and_its_twins_are_left_out_with_their_match(kept, prompt):
    _, drops, _ = laid_out([kept("a1", prompt), kept("a2", SKY)], exam(SKY[:20], EGG))
    assert dropped(drops) == {"a1-0-0": ("leak", "exam-1/p1")}
    assert TWINS.threshold <= drops["jaccard"].item() <= 1


def test_an_eval_prompt_in_an_earlier_turn_is_left_out(kept):
    quoted = kept("a1", "And times two?", before=("what is 17*24", "408"), turn=1)
    _, drops, _ = laid_out([quoted, kept("a2", "And times two?")], exam("What is 17*24?"))
    assert dropped(drops) == {"a1-1-0": ("leak", "exam-1/p0")}


@pytest.mark.parametrize("prompt", ["What is 17*25?", "What is 17+24?", "Is 17*24 prime?", SKY])
def test_what_only_looks_like_an_eval_prompt_stays(kept, prompt):
    rows, drops, _ = laid_out([kept("a1", prompt)], exam("What is 17*24?", EGG))
    assert (rows.height, drops.height) == (1, 0)


def test_a_rewritten_prompt_is_a_leak_as_it_is_and_as_it_was(kept):
    three, two = "Give me 3 tips for boiling an egg.", "Give me 2 tips for boiling an egg."
    row = kept("a1", two) | {"as_logged": kept("a1", three)["messages"]}
    for asked in (three, two):
        _, drops, _ = laid_out([row, kept("a2", SKY)], exam(asked))
        assert dropped(drops) == {"a1-0-0": ("leak", "exam-1/p0")}


def test_a_leak_is_left_out_of_the_validation_split_too(kept):
    _, drops, _ = laid_out([kept(HELD[0], EGG)], exam(EGG), DatasetSettings())
    assert drops["reason"].to_list() == ["leak"]


def test_a_training_row_like_a_validation_row_is_left_out_and_names_it(kept):
    pair = [kept(HELD[0], EGG), kept(SHOWN[0], NEAR_EGG), kept(SHOWN[1], SKY)]
    rows, drops, _ = laid_out(pair, cfg=DatasetSettings())
    assert dropped(drops) == {f"{SHOWN[0]}-0-0": ("split_conflict", f"{HELD[0]}-0-0")}
    assert dict(rows.select("answer_id", "split").iter_rows()) == {
        f"{HELD[0]}-0-0": "validation",
        f"{SHOWN[1]}-0-0": "train",
    }


def test_training_rows_may_be_like_each_other(kept):
    rows, _, _ = laid_out([kept(SHOWN[0], EGG), kept(SHOWN[1], NEAR_EGG)], cfg=DatasetSettings())
    assert rows["split"].to_list() == ["train", "train"]


def test_a_row_of_no_split_conflicts_with_none(kept):
    held = kept(HELD[0], EGG, "x" * 1000)  # too long to be measured
    _, drops, _ = laid_out([held, kept(SHOWN[0], EGG)], cfg=DatasetSettings())
    assert dropped(drops) == {f"{HELD[0]}-0-0": ("too_long", None)}


def test_a_quota_keeps_so_many_training_rows_and_leaves_validation_alone(kept):
    cfg = DatasetSettings(quotas={EMAIL: 3})
    held = [kept(chat, f"Mail {chat}", kind=EMAIL) for chat in HELD[:4]]
    shown = [kept(chat, f"Mail {chat}", kind=EMAIL) for chat in SHOWN[:9]]
    rows, drops, _ = laid_out([*held, *shown, kept(SHOWN[9], SKY)], cfg=cfg)
    counts = rows.group_by("split", "kind").len().sort("split", "kind").rows()
    assert counts == [("train", "email", 3), ("train", "how_to", 1), ("validation", "email", 4)]
    assert drops["reason"].to_list() == ["quota"] * 6


def test_a_quota_keeps_the_same_rows_when_others_come(kept):
    cfg = DatasetSettings(validation_share=0, quotas={EMAIL: 5})
    many = [kept(f"a{n}", f"Mail {n}", kind=EMAIL) for n in range(40)]
    some = set(laid_out(many[:20], cfg=cfg)[0]["answer_id"])
    more = set(laid_out(many, cfg=cfg)[0]["answer_id"])
    assert more & {row["answer_id"] for row in many[:20]} <= some
    assert len(some) == len(more) == 5


def test_copies_bring_a_short_type_to_its_share_of_the_rows_as_frozen(kept):
    long = [kept(f"l{n}", f"Mail {n}", "word " * 40, kind=EMAIL) for n in range(8)]
    short = [kept(f"s{n}", f"Mood {n}?", "good", kind=SENTIMENT) for n in range(3)]
    cfg = DatasetSettings(validation_share=0, min_short_share=0.1)
    rows, _, plan = laid_out([*long, *short], cfg=cfg)
    shown = rows.select("area", "kind", shown=pl.col("label_tokens") * pl.col("copies"))
    shares = shown.group_by("area", "kind").agg(pl.col("shown").sum() / shown["shown"].sum())
    planned = plan.types.select("area", "kind", shown="share_after")
    assert shares.sort("area").equals(planned)
    assert plan.types["factor"].to_list() == [pytest.approx(10 / 3), 1.0]
    assert planned["shown"][0] >= 0.1
    assert sorted(rows.filter(kind="sentiment")["copies"]) == [3, 3, 4]


def test_validation_rows_are_neither_copied_nor_counted(kept):
    long = [kept(chat, f"Mail {chat}", "word " * 40, kind=EMAIL) for chat in (*HELD[:5], SHOWN[0])]
    short = [kept(chat, f"Mood {chat}?", "ok", kind=SENTIMENT) for chat in (HELD[5], SHOWN[1])]
    rows, _, plan = laid_out([*long, *short], cfg=DatasetSettings(min_short_share=0.2))
    assert plan.types["rows"].to_list() == [1, 1]
    copies = dict(rows.select("answer_id", "copies").iter_rows())
    assert copies[f"{HELD[5]}-0-0"] == 1
    assert copies[f"{SHOWN[1]}-0-0"] == plan.types.filter(kind="sentiment")["factor"].item() > 1


PROMPTS = [EGG, NEAR_EGG, SKY, "What is 17*24?", "what is 17*24", "What is 17*25?", "Hm?"]
DRAWN = st.tuples(
    st.sampled_from([*HELD[:2], *SHOWN[:4], None]),
    st.sampled_from(PROMPTS),
    st.sampled_from(["Yes.", " ", "long " * 80]),
    st.sampled_from([EMAIL, SENTIMENT]),
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(DRAWN, min_size=1, max_size=12), st.sets(st.sampled_from(PROMPTS)), st.integers(0, 3)
)
def test_every_kept_answer_is_in_the_dataset_or_left_out_exactly_once(kept, drawn, asked, quota):
    rows = [
        kept(f"a{n}", prompt, answer, user=user, kind=kind)
        for n, (user, prompt, answer, kind) in enumerate(drawn)
    ]
    cfg = DatasetSettings(quotas={EMAIL: quota})
    laid, drops, _ = laid_out(rows, exam(*sorted(asked)), cfg)
    ids = [*laid["answer_id"], *drops["answer_id"]]
    assert sorted(ids) == sorted(row["answer_id"] for row in rows)
    assert drops["reason"].null_count() == 0
    assert drops.filter(reason="leak")["match"].null_count() == 0
    version = pl.lit("v").alias("dataset_version")
    contracts.check("sft_rows", laid.with_columns(version))
    contracts.check("dataset_drops", drops.with_columns(version))


def many(kept):
    prompts = [*PROMPTS, *(f"Question {n}" for n in range(20))]
    return [
        kept(f"a{n}", text, "ok" * (n % 5 + 1), user=f"t{n}", kind=(EMAIL, SENTIMENT)[n % 2])
        for n, text in enumerate(prompts * 2)
    ]


def test_the_order_of_rows_and_of_eval_prompts_changes_nothing(kept):
    rows, evals = many(kept), exam("What is 17*24?", NEAR_EGG)
    cfg = DatasetSettings(validation_share=0.2, quotas={EMAIL: 9})
    first = laid_out(rows, evals, cfg)
    shuffled = laid_out(rows[1::2] + rows[::2][::-1], evals, cfg)
    assert all(one.equals(other) for one, other in zip(first[:2], shuffled[:2], strict=True))
    assert first[2].as_json() == shuffled[2].as_json()
    assert sha256(rows, evals, cfg) == sha256(rows[::-1], evals.reverse(), cfg)


def test_a_task_type_with_a_validation_share_of_its_own_holds_out_rows_alone(kept):
    mails = [kept(f"a{n}", f"Mail {n}", kind=EMAIL) for n in range(20)]
    others = [kept(f"b{n}", f"Sky {n}") for n in range(20)]
    cfg = DatasetSettings(validation_share=0, validation_shares={EMAIL: 0.5})
    rows, *_ = laid_out([*mails, *others], cfg=cfg)
    held = rows.filter(pl.col("split") == "validation")
    assert 5 < held.height < 15
    assert set(held["kind"]) == {EMAIL.partition("/")[2]}


def test_rows_with_a_trait_of_their_own_quota_take_no_room_of_their_task_type(kept):
    plain = [kept(f"a{n}", f"Mail {n}", kind=EMAIL) for n in range(6)]
    typed = [
        kept(f"b{n}", f"Mial {n}", kind=EMAIL) | {"traits": ["rag", "robustness"]} for n in range(6)
    ]
    cfg = DatasetSettings(validation_share=0, quotas={EMAIL: 4}, trait_quotas={"robustness": 3})
    rows, drops, plan = laid_out([*plain, *typed], cfg=cfg)
    assert rows["answer_id"].str.head(1).value_counts().sort("answer_id").rows() == [
        ("a", 4),
        ("b", 3),
    ]
    assert drops["reason"].to_list() == ["quota"] * 5
    assert plan.types.select("available", "quota", "rows").rows() == [(6, 4, 7)]
    assert plan.traits.select("group", "available", "rows").rows() == [("robustness", 6, 3)]


def test_a_total_is_reached_by_quotas_and_what_is_missing_is_said(kept):
    mails = [kept(f"a{n}", f"Mail {n}", kind=EMAIL) for n in range(30)]
    moods = [kept(f"b{n}", f"Mood {n}?", kind=SENTIMENT) for n in range(2)]
    cfg = DatasetSettings(validation_share=0, rows=20, min_rows=4)
    rows, _, plan = laid_out([*mails, *moods], cfg=cfg)
    mood, mail = plan.types.to_dicts()
    assert (mood["quota"], mood["rows"], mood["shortfall"]) == (4, 2, 2)
    assert (mail["quota"], mail["shortfall"]) == (mail["rows"], 0)
    assert rows.height == mail["rows"] + 2 <= 20
    assert "classification/sentiment: 2 of 4 rows wanted." in plan.warnings


def test_a_tempered_loss_gives_each_label_token_its_weight(cfg, keep, kept):
    keep(cfg, kept("a1", EGG, "x" * 384, kind=EMAIL), kept("a2", SKY, "yes", kind=SENTIMENT))
    tempered = {"train": TrainSettings(length_alpha=0.5), "dataset": DatasetSettings(max_copies=1)}
    version = built(cfg.model_copy(update=tempered))
    rows = store.select(cfg.warehouse, "FROM sft_rows ORDER BY answer_id")
    assert rows["label_tokens"].to_list() == [100, 4]
    assert rows["weight"].to_list() == [pytest.approx(0.1), pytest.approx(0.5)]
    mix = store.select(cfg.warehouse, "FROM dataset_mix WHERE dataset_version = $v", v=version)
    assert dict(mix.select("kind", "share").iter_rows()) == {
        "email": pytest.approx(10 / 12, abs=1e-4),
        "sentiment": pytest.approx(2 / 12, abs=1e-4),
    }


def test_another_seed_draws_other_rows_for_a_quota(kept):
    rows = [kept(f"a{n}", f"Mail {n}", kind=EMAIL) for n in range(30)]
    hashes = {
        sha256(rows, cfg=DatasetSettings(validation_share=0, quotas={EMAIL: 10}, seed=seed))
        for seed in (7, 7, 8)
    }
    assert len(hashes) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"answer": "No."},
        {"prompt": "Why?"},
        {"kind": SENTIMENT},
        {"turn": 1},
        {"user": HELD[0]},
        {"before": ("Hello", "Hi")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_hash_changes_with_what_is_trained_on_and_measured(kept, change):
    row = {"chat": SHOWN[0], "prompt": "Hm?", "answer": "Yes.", "kind": EMAIL}
    cfg = DatasetSettings()
    assert sha256([kept(**row)], cfg=cfg) != sha256([kept(**row | change)], cfg=cfg)


HASH = """
import sys
from pathlib import Path
from schemas.settings import FlywheelSettings
from tasks.upsample import prepare
dataset = {"quotas": {"writing/email": 9}}
print(prepare(FlywheelSettings(var=Path(sys.argv[1]), dataset=dataset)).sha256)
"""


@pytest.mark.slow
def test_another_process_gives_the_same_hash(cfg, keep, kept):
    keep(cfg, *many(kept))
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", HASH, str(cfg.var)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    here = prepare(cfg.model_copy(update={"dataset": DatasetSettings(quotas={EMAIL: 9})}))
    assert done.stdout.strip() == here.sha256


def built(cfg, name="v1", **days):
    return freeze(cfg.warehouse, prepare(cfg, **days), name)


def problems(cfg):
    return store.select(cfg.warehouse, "SELECT stage, id, problem FROM conservation").rows()


def test_a_frozen_dataset_says_what_it_was_made_from(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", SKY, " "), kept("a3", "Hm?", day=NEXT))
    assert built(cfg) == "v1"
    [about] = store.select(cfg.warehouse, "FROM dataset_versions").to_dicts()
    assert (about["first_day"], about["last_day"]) == (DAY, NEXT)
    assert (about["rows_in"], about["train_rows"], about["dropped"]) == (3, 2, 1)
    assert about["train_rows_with_copies"] == 2
    assert (about["tokenizer"], about["tokenizer_sha256"]) == (None, None)
    assert json.loads(about["settings"])["dataset"]["seed"] == 7
    assert [part.split("=")[0] for part in about["inputs"].split()] == [str(DAY), str(NEXT)]
    assert problems(cfg) == []


def test_only_the_days_asked_for_are_taken(cfg, keep, kept):
    days = [DAY + timedelta(days=n) for n in range(4)]
    keep(cfg, *(kept(f"a{n}", f"Question {n}", day=day) for n, day in enumerate(days)))
    dataset = prepare(cfg, days[1], days[2])
    assert dataset.rows["answer_id"].to_list() == ["a1-0-0", "a2-0-0"]
    assert prepare(cfg, last=days[1]).rows["day"].to_list() == days[:2]
    assert prepare(cfg, first=days[3]).about["first_day"] == days[3]


def test_every_eval_set_of_the_store_is_kept_out(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", SKY), kept("a3", "Hm?"))
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "eval_prompts", exam(EGG, eval_set="old"))
        store.insert(con, "eval_prompts", exam(SKY, eval_set="new"))
    assert dropped(prepare(cfg).drops) == {
        "a1-0-0": ("leak", "old/p0"),
        "a2-0-0": ("leak", "new/p0"),
    }


def test_without_a_name_a_dataset_is_called_by_its_days_and_hash(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", SKY, day=NEXT))
    dataset = prepare(cfg)
    assert freeze(cfg.warehouse, dataset) == f"2026-03-02_2026-03-03-{dataset.sha256[:8]}"


def test_the_summary_counts_what_was_left_out_by_reason(cfg, keep, kept):
    keep(
        cfg,
        kept("a1", EGG),
        kept("a2", SKY, " "),
        kept("a3", "Hm?", " "),
        kept("a4", "Hm?", "x" * 9_999),
    )
    assert summary(prepare(cfg), "v1") == (
        "dataset v1: 4 kept answers, 1 to train on (1 with copies), 0 to validate, 3 left out "
        "(empty_answer 2, too_long 1)"
    )


@pytest.mark.parametrize("setting", ["quotas", "loss_shares", "validation_shares"])
def test_a_setting_for_no_task_type_is_refused_with_its_name(cfg, keep, kept, setting):
    keep(cfg, kept("a1", EGG))
    dataset = DatasetSettings(**{setting: {"writing/emial": 0}})
    with pytest.raises(SettingsError, match=f"{setting} names 'writing/emial', which is no task"):
        prepare(cfg.model_copy(update={"dataset": dataset}))


def test_a_quota_for_untyped_prompts_is_fine(cfg, keep, kept):
    keep(cfg, kept("a1", EGG, kind="unknown/unknown"), kept("a2", SKY))
    quotas = DatasetSettings(quotas={"unknown/unknown": 0})
    dataset = prepare(cfg.model_copy(update={"dataset": quotas}))
    assert dropped(dataset.drops) == {"a1-0-0": ("quota", None)}


def test_too_many_pending_units_are_refused_and_listed(cfg, keep, kept):
    rows = [kept(f"a{n}", f"Question {n}") for n in range(98)]
    keep(cfg, *rows, pending=2)
    with pytest.raises(
        Refused,
        match=r"2 units are pending, over dataset.max_pending = 1.0% of 100: "
        r"2026-03-02 answer: 2 \(2 calls wait\)\. Run these days again",
    ):
        prepare(cfg)


def test_a_last_day_of_which_all_is_pending_is_not_left_out_unseen(cfg, keep, kept):
    keep(cfg, kept("a1", EGG))
    with store.writing(cfg.warehouse) as con:
        ledger.write(con, StageRun("answer", NEXT, "r", "partial", pending=40, message="no server"))
    with pytest.raises(Refused, match=r"40 units are pending.*2026-03-03 answer: 40 \(no server\)"):
        prepare(cfg)


def test_a_day_that_was_only_pulled_is_no_end_of_a_range(cfg, keep, kept):
    keep(cfg, kept("a1", EGG))
    with store.writing(cfg.warehouse) as con:
        ledger.write(con, StageRun("pull", NEXT, "r", "complete", kept=9))
    assert prepare(cfg).about["last_day"] == DAY


def test_a_day_whose_stage_failed_is_not_released(cfg, keep, kept):
    keep(cfg, *(kept(f"a{n}", f"Question {n}") for n in range(9)))
    with store.writing(cfg.warehouse) as con:
        ledger.write(con, StageRun("check", DAY, "r", "failed", message="no such rule"))
    with pytest.raises(Refused, match=r"not done: 2026-03-02 check: failed \(no such rule\)"):
        prepare(cfg)


def test_a_day_that_was_pulled_and_never_run_is_not_passed_over(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", "How do I fry an egg?", day=NEXT + timedelta(days=1)))
    at = datetime(2026, 3, 3, 9)
    chat = dict.fromkeys(contracts.schema("chats")) | {
        **{"day": NEXT, "chat_id": "b1", "source": "logs", "record_id": "r", "language": "en"},
        **{"started_at": at, "updated_at": at, "traits": [], "pii": []},
        "messages": kept("b1", EGG)["messages"],
    }
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "chats", contracts.frame("chats", [chat]))
    with pytest.raises(Refused, match=r"1 units are pending.*2026-03-03 dedupe_answers: 1 \(chats"):
        prepare(cfg)
    assert prepare(cfg, DAY, DAY).rows.height == 1


def test_an_answer_that_is_left_out_later_is_another_version(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", "How do I fry an egg?"))
    first = prepare(cfg)
    long = kept("a3", "How do I boil " + "many " * 2_000 + "eggs?")
    keep(cfg, kept("a1", EGG), kept("a2", "How do I fry an egg?"), long)
    second = prepare(cfg)
    assert second.drops["reason"].to_list() == ["too_long"]
    assert second.rows.equals(first.rows)
    assert second.sha256 != first.sha256


def test_a_few_pending_units_are_no_obstacle(cfg, keep, kept):
    keep(cfg, *(kept(f"a{n}", f"Question {n}") for n in range(99)), pending=1)
    assert prepare(cfg).about["rows_in"] == 99


def test_pending_units_of_other_days_do_not_count(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), pending=5)
    keep(cfg, kept("a2", SKY, day=NEXT))
    assert prepare(cfg, first=NEXT).about["rows_in"] == 1


def test_a_day_without_kept_answers_is_no_dataset(cfg, keep, kept):
    keep(cfg, kept("a1", EGG))
    with pytest.raises(DatasetError, match="no kept answer from 2026-04-01 to 2026-04-02"):
        prepare(cfg, date(2026, 4, 1), date(2026, 4, 2))


def test_after_the_last_day_there_is_no_dataset(cfg, keep, kept):
    keep(cfg, kept("a1", EGG))
    with pytest.raises(DatasetError, match="no day from 2027-01-01 to"):
        prepare(cfg, date(2027, 1, 1))


def test_before_the_first_day_there_is_no_dataset(cfg):
    with pytest.raises(DatasetError, match="no day has been run yet"):
        prepare(cfg)


def test_nothing_left_to_train_on_is_no_dataset(cfg, keep, kept):
    keep(cfg, kept("a1", EGG, " "), kept("a2", SKY, " "))
    with pytest.raises(DatasetError, match=r"nothing to train on.*empty_answer 2"):
        prepare(cfg)


LOST = "DELETE FROM {} WHERE answer_id = 'a1-0-0'"
TWICE = "INSERT INTO {0} FROM {0} WHERE answer_id = 'a1-0-0'"
NOWHERE = "UPDATE {} SET answer_id = 'zz-0-0' WHERE answer_id = 'a1-0-0'"


@pytest.mark.parametrize("table", ["sft_rows", "dataset_drops"])
@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (LOST, [("a1-0-0", "kept answer missing in v1")]),
        (TWICE, [("a1-0-0", "twice in v1")]),
        (
            NOWHERE,
            [("a1-0-0", "kept answer missing in v1"), ("zz-0-0", "no kept answer, but in v1")],
        ),
    ],
    ids=["lost", "twice", "from nowhere"],
)
def test_the_view_conservation_shows_every_wrong_row_of_a_dataset(
    cfg, keep, kept, table, change, seen
):
    answer = "Yes." if table == "sft_rows" else " "
    keep(cfg, kept("a1", EGG, answer), kept("a2", SKY))
    built(cfg)
    assert problems(cfg) == []
    with store.writing(cfg.warehouse) as con:
        con.execute(change.format(table))
    assert problems(cfg) == [("upsample", *one) for one in seen]


def test_a_row_that_is_in_both_tables_is_shown(cfg, keep, kept):
    keep(cfg, kept("a1", EGG))
    built(cfg)
    twice = {"dataset_version": "v1", "answer_id": "a1-0-0", "day": DAY, "area": "qa"}
    twice |= {"kind": "how_to", "reason": "quota", "match": None, "jaccard": None}
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "dataset_drops", contracts.frame("dataset_drops", [twice]))
    assert problems(cfg) == [("upsample", "a1-0-0", "twice in v1")]


def test_an_old_dataset_owes_nothing_to_days_that_have_changed_since(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", SKY))
    built(cfg)
    keep(cfg, kept("a2", SKY), kept("a3", "Hm?"))
    assert problems(cfg) == []
    built(cfg, "v2")
    assert problems(cfg) == []
    with store.writing(cfg.warehouse) as con:
        con.execute("DELETE FROM sft_rows WHERE answer_id = 'a2-0-0'")
    assert problems(cfg) == [("upsample", "a2-0-0", "kept answer missing in v2")]


def test_days_outside_of_a_dataset_are_none_of_its_business(cfg, keep, kept):
    keep(cfg, kept("a1", EGG), kept("a2", SKY, day=NEXT))
    built(cfg, last=DAY)
    assert problems(cfg) == []


def test_the_mix_of_a_dataset_is_its_plan(cfg, keep, kept):
    long = [kept(f"l{n}", f"Mail {n}", "word " * 40, kind=EMAIL) for n in range(8)]
    short = [kept(f"s{n}", f"Mood {n}?", "good", kind=SENTIMENT) for n in range(2)]
    keep(cfg, *long, *short, kept("s9", "Mood?", " ", kind=SENTIMENT))
    version = built(cfg.model_copy(update={"dataset": DatasetSettings(min_short_share=0.1)}))
    plan = prepare(
        cfg.model_copy(update={"dataset": DatasetSettings(min_short_share=0.1)})
    ).plan.types
    mix = store.select(cfg.warehouse, "FROM dataset_mix WHERE dataset_version = $v", v=version)
    assert mix["copies"].to_list() == plan["factor"].round(2).to_list()
    assert mix["share_shown"].to_list() == plan["share_after"].round(4).to_list()
    assert mix["share"].to_list() == plan["share"].round(4).to_list()
    assert mix["dropped"].to_list() == [1, 0]


def test_a_release_says_which_task_types_have_too_few_validation_rows(cfg, keep, kept, caplog):
    keep(cfg, kept("a1", "Why?", user=SHOWN[0]))
    upsample.fn(Run(cfg=cfg))
    assert "too few validation rows (dataset.min_validation_rows = 5): qa/how_to 0" in caplog.text
