import csv
import io
import random
from datetime import date, datetime, timedelta

import polars as pl
import pyarrow as pa
import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import DedupeSettings
from schemas.stages import BY_NAME
from schemas.task_types import load
from tasks import ledger
from tasks.adapters import store
from tasks.dedupe import (
    asked,
    compared_across,
    dedupe_answers,
    dedupe_prompts,
    mark_answers,
    mark_prompts,
)
from tasks.fingerprint import row_hashes, rows_hash
from tasks.ledger import StageRun
from tasks.similarity.bands import band_keys, choose_bands
from tasks.similarity.signatures import signatures

CFG = DedupeSettings()
HOW_TO = "qa/how_to"  # answer style long
SENTIMENT = "classification/sentiment"  # answer style short
MARCH = [date(2026, 3, number) for number in range(1, 5)]
SKY = "Why is the sky blue at noon, and why does it turn red in the evening?"
EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"
STEPS = "Bring water to the boil, lower the egg in with a spoon, and wait six minutes and a half."


def prompt(id_, *said, day=0, minute=0, kind=HOW_TO):
    """Make a prompt: what the user and the assistant said in turn, the question last."""
    roles = ("user", "assistant") if len(said) % 2 else ("assistant", "user")
    blank = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    messages = [{"role": roles[n % 2], "content": text, **blank} for n, text in enumerate(said)]
    started_at = datetime.combine(MARCH[day], datetime.min.time()) + timedelta(minutes=minute)
    area, kind = kind.split("/")
    return {
        "prompt_id": id_,
        "day": MARCH[day],
        "area": area,
        "kind": kind,
        "started_at": started_at,
        "messages": messages,
    }


def keys_of(texts, salts):
    return band_keys(signatures(texts), *choose_bands(CFG.threshold, CFG.recall), salts)


def twins(*prompts, cfg=CFG):
    """Return {id: the twin it repeats} of those prompts that are dropped."""
    rows = asked(pl.DataFrame(prompts)).rename({"prompt_id": "id"})
    rows = rows.with_columns(row_hashes(rows))
    keys = keys_of(rows["text"].to_list(), "one type")
    marked = mark_prompts(rows, keys, no_history("id", "text", "turn", "template_of"), {}, cfg)
    assert marked.height == len(prompts)
    dropped = marked.filter(pl.col("drop_reason") == "duplicate")
    return dict(dropped.select("prompt_id", "duplicate_of").iter_rows())


def no_history(*names):
    return pl.DataFrame(schema={"key": pl.UInt64, **dict.fromkeys(names, pl.String)})


def test_copies_and_near_prompts_repeat_the_first():
    near = SKY.replace("noon,", "noon")
    assert twins(
        prompt("a", SKY), prompt("b", EGG), prompt("c", SKY), prompt("d", near), prompt("e", near)
    ) == {"c": "a", "d": "a", "e": "a"}


def test_short_prompts_repeat_only_what_is_equal_up_to_width_and_outer_space():
    same = [
        prompt("a", "translate it!"),
        prompt("b", " translate it! "),
        prompt("c", "ｔranslate it！"),
    ]
    other = [
        prompt("d", "Translate it!"),
        prompt("e", "translate  it!"),
        prompt("f", "translate it"),
    ]
    assert twins(*same, *other) == {"b": "a", "c": "a"}


def test_prompts_with_other_digits_are_other_prompts():
    order = "Where is my order number {}? It should have come on Monday but it did not."
    assert twins(*(prompt(f"p{n}", order.format(n)) for n in (41, 42, 421))) == {}


def test_same_last_turn_after_other_words_of_the_user_stays():
    assert (
        twins(
            prompt("a", SKY, "Light scatters.", "Say that in simpler words, please, for a child."),
            prompt("b", EGG, "Six minutes.", "Say that in simpler words, please, for a child."),
        )
        == {}
    )


def test_other_last_turn_after_the_same_long_context_stays():
    context = " ".join(f"Point {word}: {SKY}" for word in ("one", "two", "three", "four"))
    one, other = "Now say why the sea is blue.", "Now say why the sea is salty."
    assert twins(prompt("a", context, "Well.", one), prompt("b", context, "Well.", other)) == {}


def test_words_of_the_assistant_make_no_other_prompt():
    assert twins(prompt("a", SKY, "Hm.", EGG), prompt("b", SKY, "Light scatters.", EGG)) == {
        "b": "a"
    }


LETTER = (
    "Write a polite letter to my landlord in {} about the heating that broke last week. Say that "
    "nobody has come to look at it yet, and that the child next door has a cough."
)
INTO = f"Translate this into {{}}: {LETTER.format('town')}"


def like(*prompts, cfg=CFG):
    """Return {id: (drop_reason, duplicate_of, template_of)} of prompts that are like another."""
    rows = asked(pl.DataFrame(prompts)).rename({"prompt_id": "id"})
    rows = rows.with_columns(row_hashes(rows))
    keys = keys_of(rows["text"].to_list(), "one type")
    marked = mark_prompts(rows, keys, no_history("id", "text", "turn", "template_of"), {}, cfg)
    near = marked.filter(pl.any_horizontal(pl.col("duplicate_of", "template_of").is_not_null()))
    return {
        row["prompt_id"]: (row["drop_reason"], row["duplicate_of"], row["template_of"])
        for row in near.iter_rows(named=True)
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LETTER.format("Berlin"), LETTER.format("Lisbon")),
        (INTO.format("French"), INTO.format("Korean")),
        (LETTER.format("Berlin"), LETTER.format("Berlin").replace("polite", "not so polite")),
        (f"{LETTER} Use 90 words.", f"{LETTER} Use 120 words."),
    ],
)
def test_a_prompt_with_other_names_numbers_or_a_denial_stays_and_names_its_template(one, other):
    assert like(prompt("a", one), prompt("b", other)) == {"b": (None, None, "a")}


def test_a_slip_of_the_keyboard_is_a_duplicate_also_of_what_follows_a_template():
    berlin, lisbon = (LETTER.format(city) for city in ("Berlin", "Lisbon"))
    slip = lisbon.replace("heating", "haeting")
    assert like(prompt("a", berlin), prompt("b", lisbon), prompt("c", slip)) == {
        "b": (None, None, "a"),
        "c": ("duplicate", "b", None),
    }


def test_prompts_of_a_template_are_capped_only_where_a_cap_is_set():
    cities = ("Berlin", "Lisbon", "Ankara", "Warsaw", "Madrid")
    prompts = [prompt(f"p{n}", LETTER.format(city)) for n, city in enumerate(cities)]
    assert {reason for reason, *_ in like(*prompts).values()} == {None}
    capped = CFG.model_copy(update={"max_prompts_per_template": 3})
    reasons = [reason for reason, *_ in like(*prompts, cfg=capped).values()]
    assert reasons == [None, None, "template_over_cap", "template_over_cap"]


def answer(id_, question, text, *, prompt_id=None, kind=HOW_TO, day=0, sample=0):
    asked_ = prompt(prompt_id or f"{id_}-p", question, kind=kind, day=day)
    return {**asked_, "id": id_, "answer": text, "version": 0, "sample": sample}


def verdicts(*answers, cfg=CFG, followers=None, history=()):
    """Return {id: (drop_reason, duplicate_of, template_of)} of answers that are like another."""
    columns = ("id", "text", "turn", "answer", "prompt_id", "template_of")
    rows, keys = answer_rows(answers, cfg)
    known = no_history(*columns)
    if history:
        old, old_keys = answer_rows(history, cfg)
        spread = old.with_columns(
            template_of=pl.lit(None, pl.String),
            key=pl.Series(old_keys.tolist(), dtype=pl.List(pl.UInt64)),
        )
        known = spread.explode("key").select("key", *columns)
    marked = mark_answers(rows, keys, known, followers or {}, cfg)
    assert marked.height == len(answers)
    like = marked.filter(pl.any_horizontal(pl.col("duplicate_of", "template_of").is_not_null()))
    columns = ("answer_id", "drop_reason", "duplicate_of", "template_of")
    return {id_: tuple(rest) for id_, *rest in like.select(columns).iter_rows()}


def answer_rows(answers, cfg):
    frame = asked(pl.DataFrame(answers)).with_columns(input_hash=pl.lit(0, pl.UInt64))
    rows = compared_across(frame, load(None), cfg).with_columns(pl.col("version").cast(pl.Int32))
    alone = [
        "" if across else id_ for across, id_ in rows.select("across", "prompt_id").iter_rows()
    ]
    return rows, keys_of(rows["answer"].to_list(), alone)


def test_near_answer_to_a_near_prompt_is_a_duplicate():
    found = verdicts(answer("a", EGG, STEPS), answer("b", EGG[:-1] + " ?", STEPS + " Enjoy!"))
    assert found == {"b": ("duplicate", "a", None)}


def test_near_answer_to_another_prompt_follows_a_template():
    found = verdicts(answer("a", EGG, STEPS), answer("b", SKY, STEPS))
    assert found == {"b": (None, None, "a")}


def test_answers_with_other_numbers_follow_no_template_so_that_none_is_over_its_cap():
    cfg = CFG.model_copy(update={"max_per_template": 1})
    paid = [answer(f"a{n}", SKY[n:], f"{STEPS} That makes {n} coins.") for n in range(3)]
    assert verdicts(*paid, cfg=cfg) == {}


def test_other_answer_to_the_same_prompt_stays():
    assert verdicts(answer("a", EGG, STEPS), answer("b", EGG, f"It depends. {SKY} {SKY}")) == {}


def test_calls_of_a_tool_are_compared_with_no_other_prompts_call():
    call = (
        '{"name": "create_shipment", "arguments": {"city": "%s"}, "dry_run": false, "retries": 3}'
    )
    cities = ["".join(random.Random(n).sample("abcdefghij", 6)) for n in range(100)]
    calls = [answer(f"a{n}", f"Ship it to {city}.", call % city) for n, city in enumerate(cities)]
    fenced = [
        row | {"id": f"f{n}", "answer": f"```json\n{call}\n```"} for n, row in enumerate(calls)
    ]
    assert verdicts(*calls) == verdicts(*fenced) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [("is safe", "is not safe"), ("takes 1.5 hours", "takes 15 hours"), ("is red", "is green")],
)
@pytest.mark.parametrize("prompt_id", ["a", "b"])
def test_answers_that_say_something_else_are_no_duplicates(one, other, prompt_id):
    told = f"{STEPS} After that it {{}}, and it keeps for two days in the fridge."
    rows = [answer("a", EGG, told.format(one)), answer(prompt_id + "2", EGG, told.format(other))]
    rows[1]["prompt_id"] = prompt_id
    assert verdicts(*rows) == {prompt_id + "2": (None, None, "a")}


def test_template_keeps_as_many_answers_as_its_cap():
    cfg = CFG.model_copy(update={"max_per_template": 3})
    questions = [f"{EGG} {word}" * 2 for word in ("Hot", "Cold", "Brown", "Large", "Small")]
    answers = [answer(f"a{n}", text[n:], STEPS) for n, text in enumerate([SKY, *questions])]
    distinct = [
        {**a, "messages": prompt("x", f"{n} {chr(97 + n) * 50}")["messages"]}
        for n, a in enumerate(answers)
    ]
    assert verdicts(*distinct, cfg=cfg) == {
        "a1": (None, None, "a0"),
        "a2": (None, None, "a0"),
        "a3": ("template_over_cap", None, "a0"),
        "a4": ("template_over_cap", None, "a0"),
        "a5": ("template_over_cap", None, "a0"),
    }


def test_followers_of_earlier_days_fill_the_cap():
    cfg = CFG.model_copy(update={"max_per_template": 3})
    found = verdicts(
        answer("b", SKY, STEPS), cfg=cfg, followers={"a": 2}, history=[answer("a", EGG, STEPS)]
    )
    assert found == {"b": ("template_over_cap", None, "a")}


def test_nothing_is_a_duplicate_of_an_answer_over_the_cap():
    cfg = CFG.model_copy(update={"max_per_template": 1})
    samples = [answer(f"b{n}", SKY, STEPS, prompt_id="b", sample=n) for n in range(3)]
    found = verdicts(answer("a", EGG, STEPS), *samples, cfg=cfg)
    assert found == {f"b{n}": ("template_over_cap", None, "a") for n in range(3)}


def test_samples_of_one_prompt_that_say_the_same_are_duplicates():
    short = [answer(f"s{n}", SKY, "positive", prompt_id="s", kind=SENTIMENT) for n in range(2)]
    long = [answer(f"l{n}", EGG, STEPS + end, prompt_id="l") for n, end in enumerate(["", "!"])]
    found = verdicts(*short, *long)
    assert found == {"s1": ("duplicate", "s0", None), "l1": ("duplicate", "l0", None)}


def test_thousand_prompts_answered_with_two_words_keep_a_thousand_rows():
    words = ("positive", "negative")
    reviews = (f"Is this review good? I bought {n} of them and they broke." for n in range(1_000))
    rows = [
        answer(f"a{n}", review, words[n % 2], kind=kind)
        for n, review in enumerate(reviews)
        for kind in [SENTIMENT if n % 3 else HOW_TO]
    ]
    assert verdicts(*rows) == {}


@pytest.fixture
def banking(shared_data):
    """Rows of (question, intent): 77 intents of a bank."""
    packed = pa.input_stream(str(shared_data / "banking77" / "train.csv.zst"), compression="zstd")
    return list(csv.reader(io.TextIOWrapper(packed, "utf-8")))[1:]


def keeps_a_label_set(rows):
    questions = {f"p{n}": text for n, (text, _) in enumerate(rows)}
    dropped = twins(*(prompt(id_, text) for id_, text in questions.items()))
    for id_, keeper in dropped.items():
        one, other = questions[id_], questions[keeper]
        assert min(len(one), len(other)) >= CFG.min_chars or one.strip() == other.strip()
    short = {text.strip() for text in questions.values() if len(text.strip()) < CFG.min_chars}
    kept = {questions[id_].strip() for id_ in questions.keys() - dropped}
    assert short <= kept
    answers = (answer(f"a{n}", *row, kind="classification/intent") for n, row in enumerate(rows))
    assert verdicts(*answers) == {}


def test_label_set_of_a_bank_keeps_short_questions_and_all_answers(banking):
    keeps_a_label_set(random.Random(7).sample(banking, 1_000))


@pytest.mark.slow
def test_whole_label_set_of_a_bank_keeps_short_questions_and_all_answers(banking):
    assert len(banking) == 10_003
    keeps_a_label_set(banking)


class Days:
    """A store whose earlier stages are written by hand, and the days that dedupe has run."""

    def __init__(self, cfg):
        caps = {"max_per_template": 3, "max_prompts_per_template": 2}
        dedupe = cfg.dedupe.model_copy(update=caps)
        self.cfg = cfg.model_copy(update={"dedupe": dedupe})
        self.run = Run(cfg=self.cfg)

    def put_prompts(self, day, *prompts):
        written = {"filter": map(_prompt_row, prompts), "tag": map(_tag_row, prompts)}
        self._put(day, written)

    def put_answers(self, day, *answers):
        prompts = {row["prompt_id"]: _prompt_row(row) for row in answers}.values()
        rows = {"answer": map(_answer_row, answers), "check": map(_checked_row, answers)}
        self._put(day, {"filter": prompts, **rows})

    def dedupe(self, stage, *days):
        """Run these days and no others."""
        for day in days:
            stage.fn(Batch(warehouse=self.cfg.warehouse, table="", day=day, rows=0), self.run)

    def settle(self, stage, *days):
        """Run each of these days, and those that its change makes stale; return all that ran."""
        ran = []
        for day in days:
            for batch in ledger.days_to_do(self.run, day, day):
                self.dedupe(stage, batch.day)
                ran.append(batch.day)
        return ran

    def table(self, name):
        return store.select(self.cfg.warehouse, f"FROM {name} ORDER BY ALL").rows()

    def stale(self):
        runs = ledger.runs(self.cfg.warehouse)
        return runs.filter(pl.col("stale").is_not_null())["day"].to_list()

    def _put(self, day, written):
        with store.writing(self.cfg.warehouse) as con:
            for name, rows in written.items():
                stage = BY_NAME[name]
                frame = contracts.frame(stage.writes[0], list(rows))
                known = store.frame(con, "FROM stage_runs WHERE day = $day", day=day)
                done = StageRun(
                    stage=name,
                    day=day,
                    run_id="hand",
                    status="complete",
                    inputs=ledger.inputs_of(known, stage),
                    outputs=rows_hash(frame),
                )
                store.replace(con, stage.writes[0], day, frame)
                ledger.write(con, done)


def _prompt_row(row):
    given = {name: row[name] for name in ("day", "prompt_id", "started_at", "messages")}
    empty = {"traits": [], "rule_hits": [], "user_key": None, "drop_reason": None}
    named = {"chat_id": row["prompt_id"], "turn": 0, "language": "en", "origin": "log"}
    return {**given, **empty, **named, "prompt": row["messages"][-1]["content"], "input_hash": 0}


def _tag_row(row):
    given = {name: row[name] for name in ("day", "prompt_id", "area", "kind")}
    empty = {"reason": None, "tag_key": None, "call_key": None, "input_hash": 0}
    return {**given, "confidence": 1.0, "tagger": "keywords", "taxonomy_version": 1, **empty}


def _answer_row(row):
    names = ("day", "prompt_id", "area", "kind", "answer", "sample")
    unset = ("reasoning", "model", "finish_reason", "prompt_tokens", "answer_tokens", "cost_usd")
    fixed = {"origin": "model", "template_version": "t", "few_shot_ids": [], "call_key": "k"}
    fixed |= {"pool_version": None, "logged_for": row.get("logged_for")}
    given = {name: row[name] for name in names} | dict.fromkeys(unset) | fixed
    return {**given, "answer_id": row["id"], "failed": None, "input_hash": 0}


def _checked_row(row):
    given = {name: row[name] for name in ("day", "prompt_id", "answer", "version")}
    unset = {"detail": None, "call_key": None, "rewritten": None, "defects": []}
    return {**given, **unset, "answer_id": row["id"], "input_hash": 0}


@pytest.fixture
def days(cfg):
    return Days(cfg)


def kept(days, table="unique_prompts"):
    key = "prompt_id" if table == "unique_prompts" else "answer_id"
    sql = f"SELECT {key} FROM {table} WHERE drop_reason IS NULL ORDER BY 1"
    return store.select(days.cfg.warehouse, sql)[key].to_list()


def change(days, **settings):
    dedupe = days.cfg.dedupe.model_copy(update=settings)
    days.run = Run(cfg=days.cfg.model_copy(update={"dedupe": dedupe}))


def made_with(days):
    return set(store.select(days.cfg.warehouse, "SELECT made_with FROM bands")["made_with"])


def test_twins_of_two_task_types_both_stay(days):
    days.put_prompts(MARCH[0], prompt("a", SKY), prompt("b", SKY, kind="qa/open_qa"))
    days.dedupe(dedupe_prompts, MARCH[0])
    assert kept(days) == ["a", "b"]


def test_empty_day_and_day_of_one_row_go_through(days):
    for n, prompts in enumerate([[], [prompt("a", SKY, day=1)]]):
        days.put_prompts(MARCH[n], *prompts)
    days.dedupe(dedupe_prompts, *MARCH[:2])
    for n, answers in enumerate([[], [answer("a", SKY, STEPS, day=1)]]):
        days.put_answers(MARCH[n], *answers)
    days.dedupe(dedupe_answers, *MARCH[:2])
    assert (kept(days), kept(days, "unique_answers")) == (["a"], ["a"])


def test_keeper_is_the_first_by_time_then_by_id(days):
    days.put_prompts(
        MARCH[0],
        prompt("a", SKY, minute=2),
        prompt("z", SKY, minute=1),
        prompt("y", SKY, minute=1),
    )
    days.dedupe(dedupe_prompts, MARCH[0])
    assert kept(days) == ["y"]


def test_longer_of_two_twins_of_a_day_is_the_one_to_train_on(days):
    near = answer("b", EGG[:-1] + " ?", STEPS + " Enjoy!")
    days.put_answers(MARCH[0], answer("a", EGG, STEPS), near)
    days.dedupe(dedupe_answers, MARCH[0])
    assert kept(days, "unique_answers") == ["b"]


@pytest.mark.parametrize(("version", "stays"), [(0, "b"), (1, "a")])
def test_an_answer_that_a_user_liked_is_kept_though_shorter_unless_repaired(days, version, stays):
    liked = answer("b", EGG, STEPS) | {"logged_for": "b", "version": version}
    days.put_answers(MARCH[0], answer("a", EGG[:-1] + " ?", STEPS + " Enjoy!"), liked)
    days.dedupe(dedupe_answers, MARCH[0])
    assert kept(days, "unique_answers") == [stays]


def test_running_a_day_again_changes_nothing(days):
    for n, day in enumerate(MARCH[:2]):
        days.put_prompts(day, prompt(f"a{n}", SKY, day=n), prompt(f"b{n}", EGG + "!" * n, day=n))
    days.dedupe(dedupe_prompts, *MARCH[:2])
    before = days.table("unique_prompts"), days.table("bands")
    days.run = Run(cfg=days.cfg, restage=frozenset({"dedupe_prompts"}))
    days.dedupe(dedupe_prompts, *MARCH[:2])
    assert (days.table("unique_prompts"), days.table("bands")) == before
    assert days.stale() == []


def test_only_days_that_share_a_changed_key_become_stale(days):
    for n, text in enumerate([EGG, SKY, EGG, SKY]):
        days.put_prompts(MARCH[n], prompt(f"p{n}", text, day=n))
    days.dedupe(dedupe_prompts, *MARCH)
    assert days.stale() == []
    days.put_prompts(MARCH[0], prompt("new", SKY), prompt("p0", EGG))
    days.dedupe(dedupe_prompts, MARCH[0])
    assert days.stale() == [MARCH[1], MARCH[3]]
    assert days.settle(dedupe_prompts, MARCH[0]) == [MARCH[0], MARCH[1], MARCH[3]]
    assert days.stale() == []
    assert kept(days) == ["new", "p0"]


def test_row_whose_keeper_is_gone_is_kept_from_then_on(days):
    days.put_prompts(MARCH[0], prompt("a", SKY))
    days.put_prompts(MARCH[1], prompt("b", SKY, day=1))
    days.dedupe(dedupe_prompts, *MARCH[:2])
    assert kept(days) == ["a"]
    days.put_prompts(MARCH[0])
    days.settle(dedupe_prompts, MARCH[0])
    assert kept(days) == ["b"]


def test_changed_settings_leave_verdicts_alone_whose_keeper_is_there(days):
    rest = [prompt("b", SKY), prompt("c", EGG), prompt("d", EGG[:-1] + " ?")]
    days.put_prompts(MARCH[0], prompt("a", SKY), *rest)
    days.dedupe(dedupe_prompts, MARCH[0])
    assert kept(days) == ["a", "c"]
    change(days, threshold=1.0)
    days.put_prompts(MARCH[0], prompt("a", "Something else"), *rest)
    days.dedupe(dedupe_prompts, MARCH[0])
    assert kept(days) == ["a", "b", "c"]


def test_new_row_of_a_day_meets_those_that_other_settings_left_there(days):
    days.put_prompts(MARCH[0], prompt("a", SKY), prompt("b", EGG))
    days.dedupe(dedupe_prompts, MARCH[0])
    change(days, max_length_difference=0.1)
    days.put_prompts(MARCH[0], prompt("a", SKY), prompt("b", EGG), prompt("c", EGG, minute=1))
    days.dedupe(dedupe_prompts, MARCH[0])
    assert kept(days) == ["a", "b"]


@pytest.mark.parametrize("settings", [{"threshold": 1.0}, {"recall": 0.9}])
def test_prompts_meet_their_copies_from_before_other_bands_were_chosen(days, settings):
    for n, text in enumerate([SKY, EGG, SKY]):
        days.put_prompts(MARCH[n], prompt(f"p{n}", text, day=n))
    days.dedupe(dedupe_prompts, *MARCH[:2])
    before = made_with(days)
    change(days, **settings)
    days.dedupe(dedupe_prompts, MARCH[2])
    assert kept(days) == ["p0", "p1"]
    assert len(made_with(days)) == 1
    assert made_with(days) != before
    assert days.stale() == []


@pytest.mark.parametrize("settings", [{"threshold": 0.7}, {"min_answer_chars": 10}])
def test_answers_meet_those_from_before_other_settings_chose_whom_they_meet(days, settings):
    days.put_answers(MARCH[0], answer("a", EGG, STEPS), answer("b", SKY, "A bit of a riddle."))
    days.put_answers(
        MARCH[1],
        *(answer(id_, EGG, STEPS, prompt_id=id_, day=1) for id_ in ("c", "d")),
        answer("e", "What is dark matter?", "A bit of a riddle.", day=1),
    )
    days.dedupe(dedupe_answers, MARCH[0])
    change(days, **settings)
    days.dedupe(dedupe_answers, MARCH[1])
    marks = store.select(
        days.cfg.warehouse,
        "SELECT answer_id, coalesce(duplicate_of, template_of) FROM unique_answers ORDER BY ALL",
    )
    riddle = "b" if "min_answer_chars" in settings else None
    assert marks.rows() == [("a", None), ("b", None), ("c", "a"), ("d", "a"), ("e", riddle)]


def test_rows_that_left_their_day_keep_their_keys_until_it_is_run(days):
    days.put_prompts(MARCH[0], prompt("a", SKY), prompt("b", EGG))
    days.put_prompts(MARCH[1], prompt("c", EGG, day=1))
    days.dedupe(dedupe_prompts, *MARCH[:2])
    days.put_prompts(MARCH[0], prompt("a", SKY))
    days.put_prompts(MARCH[2], prompt("d", SKY, day=2))
    change(days, threshold=0.7)
    days.dedupe(dedupe_prompts, MARCH[2])
    assert kept(days) == ["a", "b"]
    assert len(days.table("bands")) == 4
    assert len(made_with(days)) == 2
    days.settle(dedupe_prompts, MARCH[0])
    assert kept(days) == ["a", "c"]
    assert len(made_with(days)) == 1


def test_prompts_of_later_days_follow_the_first_of_their_template(days):
    told = f"{SKY} My name is {{}}, I live in {{}}, and {EGG} Please answer both, one by one."
    people = [("Anna", "Berlin"), ("Robert", "Lisbon"), ("Samuel", "Lisbon")]
    for n, (name, city) in enumerate(people):
        days.put_prompts(MARCH[n], prompt(f"p{n}", told.format(name, city), day=n))
    days.dedupe(dedupe_prompts, *MARCH[:3])
    followed = store.select(days.cfg.warehouse, "FROM unique_prompts ORDER BY prompt_id")
    assert followed["template_of"].to_list() == [None, "p0", "p0"]


def test_follower_that_a_new_day_adds_pushes_a_later_one_over_the_cap(days):
    """The later one shares no band key with the new one, only with their template."""
    rng = random.Random(7)
    words, heads, tails = (
        ["".join(rng.sample("abcdefghijklmnop", 4)) for _ in range(n)] for n in (60, 6, 6)
    )
    template, early, late = words, [*heads, *words[6:]], [*words[:-6], *tails]
    _, *keys = keys_of([" ".join(text) for text in (template, early, late)], "answers/qa/how_to/")
    assert not set(keys[0].tolist()) & set(keys[1].tolist())
    days.put_answers(
        MARCH[0], answer("a", EGG, " ".join(template)), answer("b", SKY, " ".join(template))
    )
    days.put_answers(MARCH[2], answer("l", "What is late?", " ".join(late), day=2))
    days.dedupe(dedupe_answers, MARCH[0], MARCH[2])
    assert kept(days, "unique_answers") == ["a", "b", "l"]
    days.put_answers(MARCH[1], answer("e", "What is early?", " ".join(early), day=1))
    days.settle(dedupe_answers, MARCH[1])
    assert kept(days, "unique_answers") == ["a", "b", "e"]


COUNTED = f"{STEPS} How long does it take for {{}} eggs?"
CHINESE = "你好，请问天空为什么是蓝色的？" * 3


def variant(rng, *families):
    text = rng.choice(families).format(rng.randint(1, 2))
    at = rng.randrange(len(text))
    near = [text[:at] + text[at + 1 :], text + "!", text.upper(), f" {text}"]
    return rng.choice([text, text, *near])


def some_prompts(rng, day):
    letters = (LETTER.format(city) for city in ("Berlin", "Lisbon", "Ankara", "Warsaw"))
    texts = [variant(rng, SKY, EGG, "hi there", COUNTED, CHINESE, *letters) for _ in range(6)]
    return [
        prompt(f"p{day}{n}", text, day=day, minute=rng.randint(0, 1))
        for n, text in enumerate(texts)
    ]


def some_answers(rng, day):
    asked_ = (SKY, EGG, "Who?", "Since when?", "How many, then?")
    pairs = [(variant(rng, *asked_), variant(rng, COUNTED, CHINESE * 2)) for _ in range(6)]
    return [answer(f"a{day}{n}", *pair, day=day) for n, pair in enumerate(pairs)]


PASSES = {
    "prompts": (dedupe_prompts, Days.put_prompts, some_prompts),
    "answers": (dedupe_answers, Days.put_answers, some_answers),
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(20, 40))
@pytest.mark.parametrize("name", PASSES)
def test_days_in_any_order_with_late_changed_and_removed_rows_end_in_the_same_tables(
    cfg, new_store, tmp_path, name, seed
):
    stage, put, some = PASSES[name]
    rng = random.Random(seed)
    days, in_order = Days(cfg), Days(new_store(tmp_path / "in_order"))
    final = {n: some(rng, n) for n in range(3)}
    for n in rng.sample(range(3), 3):  # some rows are edited, removed and added later
        put(days, MARCH[n], *some(rng, n)[:2], *final[n][2:5], *some(rng, n)[5:])
        days.settle(stage, MARCH[n])
    for n in rng.sample(range(3), 3):
        put(days, MARCH[n], *final[n])
        days.settle(stage, MARCH[n])
    for n, day in enumerate(MARCH[:3]):
        put(in_order, day, *final[n])
    in_order.dedupe(stage, *MARCH[:3])
    for table in (f"unique_{name}", "bands"):
        assert days.table(table) == in_order.table(table)
    rows = store.select(cfg.warehouse, f"FROM unique_{name}")
    stays = rows.filter(pl.col("drop_reason").is_null())[f"{name[:-1]}_id"]
    assert rows["duplicate_of"].drop_nulls().is_in(stays.implode()).all()
    assert rows["template_of"].drop_nulls().is_in(stays.implode()).all()
    assert 0 < len(stays) < rows.height
