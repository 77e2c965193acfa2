import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.errors import ModelError, StageFailed
from schemas.run import Run
from schemas.settings import FlywheelSettings, TagSettings
from schemas.stages import BY_NAME
from tasks import ledger, stage
from tasks.adapters import store
from tasks.fingerprint import rows_hash
from tasks.ledger import StageRun
from tasks.stage import Outcome, run_stage

DAY = date(2026, 3, 2)
TAG, DEDUPE = BY_NAME["tag"], BY_NAME["dedupe_prompts"]


def prompt(name, text):
    message = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    return {
        "day": DAY,
        "prompt_id": name,
        "chat_id": "c",
        "turn": 0,
        "started_at": datetime(2026, 3, 2),
        "user_key": None,
        "language": "en",
        "messages": [{"role": "user", "content": text, **message}],
        "prompt": text,
        "traits": [],
        "origin": "log",
        "rule_hits": [],
        "drop_reason": None,
        "input_hash": 0,
    }


def tagged(row, kind):
    made = {"area": "a", "kind": kind, "confidence": 1.0, "tagger": "none", "taxonomy_version": 1}
    given = {name: row[name] for name in ("day", "prompt_id", "input_hash")}
    return {**given, **made, "reason": None, "tag_key": None, "call_key": None}


@dataclass
class OneDay:
    """A day of made-up prompts; the stage `tag` gives each one the kind that its run says."""

    cfg: FlywheelSettings
    asked: list = field(default_factory=list)  # prompts that runs had to do, per run

    def give(self, status="complete", **texts):
        """Make these the day's prompts, by name, as filter would."""
        rows = contracts.frame("prompts", [prompt(*item) for item in texts.items()])
        run = StageRun("filter", DAY, "r", status, kept=rows.height, outputs=rows_hash(rows))
        with store.writing(self.cfg.warehouse) as con:
            store.replace(con, "prompts", DAY, rows)
            ledger.write(con, run)

    def tag(self, kind, *, cfg=None, later=(), error=None, also=None, **told):
        """Tag with `kind`, but leave prompts named in `later` pending."""

        def think(work):
            self.asked.append(work.todo["prompt_id"].to_list())
            if error:
                raise error
            rows = work.todo.to_dicts()
            made = [tagged(row, kind) for row in rows if row["prompt_id"] not in later]
            kwargs = {"also": also} if also else {}
            pending, message = len(rows) - len(made), "cap" if len(made) < len(rows) else None
            frame = contracts.frame("tagged_prompts", made)
            return Outcome(frame, pending, message, **kwargs)

        run = Run(cfg=cfg or self.cfg, **told)
        batch = Batch(warehouse=self.cfg.warehouse, table="prompts", day=DAY, rows=0)
        return run_stage(TAG, batch, run, think)

    def dedupe(self):
        """Run a stage after tag, which calls every prompt unique."""

        def think(work):
            made = {"duplicate_of": None, "template_of": None, "jaccard": None, "drop_reason": None}
            names = ("day", "prompt_id", "area", "kind", "input_hash")
            rows = [{**{n: row[n] for n in names}, **made} for row in work.rows.to_dicts()]
            return Outcome(contracts.frame("unique_prompts", rows))

        batch = Batch(warehouse=self.cfg.warehouse, table="tagged_prompts", day=DAY, rows=0)
        return run_stage(DEDUPE, batch, Run(cfg=self.cfg), think)

    @property
    def kinds(self):
        rows = store.select(self.cfg.warehouse, "SELECT prompt_id, kind FROM tagged_prompts")
        return dict(rows.sort("prompt_id").iter_rows())

    def last(self, stage=TAG):
        return ledger.last_run(ledger.runs(self.cfg.warehouse, DAY), stage)

    def changed(self, cfg=None):
        return ledger.settings_changed(self.last(), TAG, Run(cfg=cfg or self.cfg))


@pytest.fixture
def day(cfg):
    day = OneDay(cfg)
    day.give(p1="one", p2="two", p3="three")
    return day


@pytest.fixture
def other(cfg):
    """The same store with other settings of tag."""
    return cfg.model_copy(update={"tag": TagSettings(max_prompt_chars=100)})


def test_a_stage_writes_its_rows_and_what_it_did(day):
    receipt = day.tag("k")
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}
    assert (receipt.table, receipt.day, receipt.rows) == ("tagged_prompts", DAY, 3)
    last = day.last()
    assert (last.status, last.rows_in, last.kept, last.dropped, last.pending) == (
        ("complete", 3, 3, 0, 0)
    )
    assert (last.message, last.stale) == (None, None)
    assert last.inputs == f"filter={day.last(BY_NAME['filter']).outputs}"


def test_a_day_whose_inputs_are_the_same_is_skipped_and_keeps_its_receipt(day):
    first, before = day.tag("k"), day.last()
    assert day.tag("other") == first
    assert (day.asked, day.last()) == ([["p1", "p2", "p3"]], before)


def test_an_empty_day_is_written_as_one(cfg):
    day = OneDay(cfg)
    day.give()
    assert day.tag("k").rows == 0
    assert (day.last().status, day.last().rows_in) == ("complete", 0)


def test_a_stage_that_was_not_asked_for_stays_as_it_is(day):
    day.tag("k")
    day.give(p1="changed")
    day.tag("other", only=frozenset({"check"}))
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}
    day.tag("other", only=frozenset({"tag"}))
    assert day.kinds == {"p1": "other"}


def test_new_edited_and_removed_inputs_are_picked_up_by_any_run(day):
    day.tag("k")
    day.give(p1="one", p2="two, edited", p4="four")
    day.tag("k")
    assert day.kinds == {"p1": "k", "p2": "k", "p4": "k"}


def test_changed_settings_alone_do_nothing_until_they_are_asked_for(day, other):
    day.tag("old")
    day.tag("new", cfg=other)
    assert day.kinds == {"p1": "old", "p2": "old", "p3": "old"}
    assert (day.changed(), day.changed(other)) == (None, "settings changed")
    day.tag("new", cfg=other, restage=frozenset({"tag"}))
    assert day.kinds == {"p1": "new", "p2": "new", "p3": "new"}
    assert (day.changed(), day.changed(other)) == ("settings changed", None)


def test_with_changed_settings_only_rows_with_changed_inputs_are_made_anew(day, other):
    day.tag("old")
    day.give(p1="one", p2="two, edited", p4="four")
    day.tag("new", cfg=other)
    assert day.asked[-1] == ["p2", "p4"]
    assert day.kinds == {"p1": "old", "p2": "new", "p4": "new"}
    assert (day.last().rows_in, day.last().kept) == (3, 3)


def test_rows_of_older_settings_outlive_every_later_change_of_inputs_until_restaged(day, other):
    day.tag("old")
    day.give(p1="one", p2="two", p3="three", p4="four")
    day.tag("new", cfg=other)
    day.give(p1="one", p2="two", p3="three", p4="four", p5="five")
    day.tag("newer", cfg=other)
    assert day.asked[-1] == ["p5"]
    assert day.kinds == {"p1": "old", "p2": "old", "p3": "old", "p4": "new", "p5": "newer"}
    assert (day.changed(), day.changed(other)) == ("settings changed", "settings changed")
    day.tag("all", cfg=other, restage=frozenset({"tag"}))
    assert set(day.kinds.values()) == {"all"}
    assert day.changed(other) is None


def test_a_removed_row_leaves_the_others_with_the_settings_that_made_them(day, other):
    day.tag("old")
    day.give(p1="one", p2="two")
    day.tag("new", cfg=other)
    assert day.kinds == {"p1": "old", "p2": "old"}
    assert (day.changed(), day.changed(other)) == (None, "settings changed")


def test_a_day_whose_rows_have_all_changed_has_the_new_settings_alone(day, other):
    day.tag("old")
    day.give(p7="seven")
    day.tag("new", cfg=other)
    assert (day.kinds, day.changed(other)) == ({"p7": "new"}, None)


def test_a_row_that_is_made_anew_takes_the_place_of_the_one_that_was_carried(day, other):
    day.tag("old")
    day.give(p1="one", p2="two", p3="three", p4="four")

    def think(work):
        rows = [tagged(row, "new") for row in work.rows.to_dicts()][1:]
        return Outcome(contracts.frame("tagged_prompts", rows))

    batch = Batch(warehouse=day.cfg.warehouse, table="prompts", day=DAY, rows=0)
    run_stage(TAG, batch, Run(cfg=other), think)
    assert day.kinds == {"p1": "old", "p2": "new", "p3": "new", "p4": "new"}


def test_a_day_that_a_neighbour_made_stale_is_compared_anew_as_a_whole(day, other):
    day.tag("old")
    stale = replace(day.last(), stale="an earlier day changed")
    with store.writing(day.cfg.warehouse) as con:
        ledger.write(con, stale)
    day.tag("new", cfg=other)
    assert set(day.kinds.values()) == {"new"}
    assert day.last().stale is None


def test_a_partial_day_stays_partial_until_it_is_done(day):
    day.tag("k", later={"p2", "p3"})
    last = day.last()
    assert (last.status, last.rows_in, last.kept, last.pending) == ("partial", 3, 1, 2)
    assert last.message == "cap"
    day.tag("k", later={"p3"})
    assert (day.last().status, day.last().pending) == ("partial", 1)
    day.tag("k")
    assert (day.last().status, day.last().pending, day.last().message) == ("complete", 0, None)
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}


def test_what_was_left_of_a_partial_day_is_done_with_the_settings_of_then(day, other):
    day.tag("old", later={"p2", "p3"})
    day.tag("new", cfg=other)
    assert day.asked[-1] == ["p2", "p3"]
    assert day.kinds == {"p1": "old", "p2": "new", "p3": "new"}
    assert day.last().status == "complete"


def test_a_partial_day_makes_later_stages_partial_and_they_are_done_after_it(day):
    day.tag("k", later={"p3"})
    assert day.dedupe().rows == 2
    last = day.last(DEDUPE)
    assert (last.status, last.pending, last.rows_in) == ("partial", 0, 2)
    day.tag("k")
    assert day.dedupe().rows == 3
    assert day.last(DEDUPE).status == "complete"


def test_a_later_stage_is_done_again_when_the_one_before_it_ends_with_the_same_rows(day):
    day.give("partial", p1="one")
    day.tag("k")
    assert day.last().status == "partial"
    day.give("complete", p1="one")
    day.tag("k")
    assert day.last().status == "complete"


def test_a_stage_after_one_that_failed_is_partial(day):
    day.tag("k")
    with pytest.raises(StageFailed):
        day.tag("k", error=ModelError("no."), restage=frozenset({"tag"}))
    day.dedupe()
    assert day.last(DEDUPE).status == "partial"
    day.tag("k")
    day.dedupe()
    assert day.last(DEDUPE).status == "complete"


def test_a_stage_that_fails_leaves_its_day_says_why_and_the_next_run_goes_on(day):
    day.tag("k")
    good = day.last()
    day.give(p1="one", p4="four")
    with pytest.raises(StageFailed) as said:
        day.tag("new", error=ModelError("no strong model is set. Set [llm] base_url."))
    assert str(said.value) == (
        "tag stopped on 2026-03-02: no strong model is set. Set [llm] base_url. The tables of "
        "that day are as they were. Then go on with: flywheel run --day 2026-03-02"
    )
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}
    last = day.last()
    assert (last.status, last.message) == (
        "failed",
        "no strong model is set. Set [llm] base_url.",
    )
    assert (last.kept, last.inputs, last.outputs) == (good.kept, good.inputs, good.outputs)
    day.tag("k")
    assert (day.last().status, day.last().message) == ("complete", None)
    assert day.kinds == {"p1": "k", "p4": "k"}


def test_a_stage_that_fails_at_once_has_a_failed_row_and_then_runs(day):
    with pytest.raises(StageFailed):
        day.tag("k", error=ModelError("no."))
    assert (day.kinds, day.last().status) == ({}, "failed")
    day.tag("k")
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}


def test_the_way_on_repeats_what_is_still_to_be_restaged(day):
    with pytest.raises(StageFailed, match=r"--day 2026-03-02 --restage tag --restage answer$"):
        day.tag("k", error=ModelError("no."), restage=frozenset({"answer", "tag", "filter"}))


def test_a_bug_is_recorded_by_its_kind_alone_and_keeps_its_traceback(day):
    with pytest.raises(ZeroDivisionError, match="what a user said"):
        day.tag("k", error=ZeroDivisionError("what a user said"))
    assert (day.last().status, day.last().message) == ("failed", "a bug: ZeroDivisionError")


def test_an_error_while_writing_rolls_back_rows_and_ledger(day):
    day.tag("k")
    day.give(p1="one")

    def broken(con, _rows):
        con.execute("DELETE FROM prompts")
        raise ModelError("too late.")

    with pytest.raises(StageFailed, match=r"too late\."):
        day.tag("new", also=broken)
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}
    assert store.select(day.cfg.warehouse, "FROM prompts").height == 1


def test_rows_that_do_not_fit_their_table_fail_the_stage_with_the_column(day):
    batch = Batch(warehouse=day.cfg.warehouse, table="prompts", day=DAY, rows=0)
    with pytest.raises(StageFailed, match="tagged_prompts: missing column kind"):
        run_stage(TAG, batch, Run(cfg=day.cfg), lambda work: Outcome(work.carried.drop("kind")))
    assert day.last().status == "failed"


def test_what_else_a_stage_writes_sees_its_new_rows_while_the_old_ones_stand(day):
    day.tag("old")
    seen = {}

    def also(con, rows):
        seen["old"] = set(store.frame(con, "FROM tagged_prompts")["kind"])
        seen["new"] = set(rows["kind"])

    day.tag("new", also=also, restage=frozenset({"tag"}))
    assert seen == {"old": {"old"}, "new": {"new"}}


def test_inputs_that_change_while_a_stage_thinks_are_picked_up_by_the_next_run(day):
    def think_slowly(work):
        day.give(p1="one", p9="nine")
        rows = [tagged(row, "slow") for row in work.todo.to_dicts()]
        return Outcome(contracts.frame("tagged_prompts", rows))

    batch = Batch(warehouse=day.cfg.warehouse, table="prompts", day=DAY, rows=0)
    run_stage(TAG, batch, Run(cfg=day.cfg), think_slowly)
    assert set(day.kinds) == {"p1", "p2", "p3"}
    day.tag("k")
    assert day.kinds == {"p1": "k", "p9": "k"}


def test_inputs_written_back_between_the_decision_and_the_reading_do_not_hide_them(
    day, monkeypatch
):
    decide = ledger.why_run

    def decide_and_change(*args, **kwargs):
        why = decide(*args, **kwargs)
        monkeypatch.setattr(ledger, "why_run", decide)
        day.give(p9="for a moment")
        return why

    monkeypatch.setattr(ledger, "why_run", decide_and_change)
    day.tag("k")
    assert day.kinds == {"p9": "k"}
    day.give(p1="one", p2="two", p3="three")
    day.tag("k")
    assert day.kinds == {"p1": "k", "p2": "k", "p3": "k"}


def test_two_runs_of_one_day_take_turns_and_the_second_finds_it_done(day):
    thinking, done = threading.Event(), threading.Event()
    asked = []

    def think(work):
        asked.append(work.todo.height)
        thinking.set()
        done.wait(0.2)  # time for the other run to come in, if it could
        rows = [tagged(row, "k") for row in work.todo.to_dicts()]
        return Outcome(contracts.frame("tagged_prompts", rows))

    batch = Batch(warehouse=day.cfg.warehouse, table="prompts", day=DAY, rows=0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_stage, TAG, batch, Run(cfg=day.cfg), think)
        thinking.wait()
        second = pool.submit(run_stage, TAG, batch, Run(cfg=day.cfg), think)
        assert first.result() == second.result()
    assert asked == [3]


def test_a_run_remembers_the_settings_that_made_its_rows_until_they_are_of_two_kinds(day, other):
    day.tag("k")
    first = day.last().settings
    assert json.loads(first)["tag.max_prompt_chars"] == 4_000
    day.give(p1="one", p2="two")
    day.tag("other", cfg=other)
    assert (day.kinds, day.last().settings) == ({"p1": "k", "p2": "k"}, first)
    day.give(p1="one", p9="new")
    day.tag("other", cfg=other)
    assert (day.last().fingerprint, day.last().settings) == ("mixed", None)
    day.tag("other", cfg=other, restage={"tag"})
    assert json.loads(day.last().settings)["tag.max_prompt_chars"] == 100


def test_rows_are_hashed_while_others_may_write(day, monkeypatch):
    hashed = stage.rows_hash

    def hash_beside_a_writer(rows):
        with store.writing(day.cfg.warehouse, timeout_s=1):
            return hashed(rows)

    monkeypatch.setattr(stage, "rows_hash", hash_beside_a_writer)
    day.tag("k")
    assert day.last().status == "complete"
