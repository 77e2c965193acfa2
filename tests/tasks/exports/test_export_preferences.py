"""Preferences are real: what users voted on and what a repair replaced, and no eval prompt."""

import json
from datetime import date

import pytest

from schemas import contracts
from schemas.errors import DatasetError
from tasks.adapters import store
from tasks.datasets.split import split_of
from tasks.datasets.versions import freeze
from tasks.exam import add_eval_set
from tasks.exports.export import export
from tasks.exports.wanted import Wanted
from tasks.upsample import prepare

DAY = date(2026, 3, 2)
KEYS = ("role", "content", "parts", "name", "tool_call_id", "tool_calls")
HELD = next(f"v{n}" for n in range(400) if split_of(f"v{n}", 0.05) == "validation")
CLOCK = json.dumps([{"name": "clock", "parameters": {}}])


def said(role, content):
    return {**dict.fromkeys(KEYS), "role": role, "content": content}


@pytest.fixture
def voted(cfg, offer):
    """Log what production replied to a chat of one turn, and a thumb: 1 up, 0 down."""

    def log(chat, prompt, reply, vote, tools=None):
        talk = [said("user", prompt), said("assistant", reply)]
        offer(cfg, **{chat: tools}, columns={"messages": talk})
        row = dict.fromkeys(contracts.schema("votes")) | {"vote_id": f"v-{chat}", "chat_id": chat}
        row |= {"source": "logs", "kind": "thumb", "value": float(vote), "status": "joined"}
        with store.writing(cfg.warehouse) as con:
            store.insert(con, "votes", contracts.frame("votes", [row]))

    return log


@pytest.fixture
def checked(cfg):
    """Store versions of an answer: checked("a1-0-0", ("Bad.", ["too_short"]), ("Good.", []))."""

    def check(answer_id, *versions, rewritten=None):
        blank = dict.fromkeys(contracts.schema("checked_answers"))
        rows = [
            blank
            | {"day": DAY, "answer_id": answer_id, "prompt_id": answer_id[:-2], "version": number}
            | {"answer": answer, "defects": defects, "input_hash": 1}
            | {"rewritten": rewritten if number == 2 else None}
            for number, (answer, defects) in enumerate(versions)
        ]
        with store.writing(cfg.warehouse) as con:
            store.insert(con, "checked_answers", contracts.frame("checked_answers", rows))

    return check


@pytest.fixture
def preferences(cfg, tmp_path):
    """Freeze the store, export it: preferences("dpo") -> rows by id, and what was done."""

    def write(format, split="train"):
        freeze(cfg.warehouse, prepare(cfg), "v1")
        out = tmp_path / f"{format}-{split}.jsonl"
        done = export(cfg, Wanted("v1", format, out, split))
        rows = map(json.loads, out.read_text("utf-8").split("\n")[:-1])
        return {row["id"]: row for row in rows}, done

    return write


@pytest.fixture
def store_of_votes(cfg, keep, kept, voted, checked):
    keep(
        cfg,
        *(
            kept("down", "Why?", "Because."),
            kept("up", "How?", "So."),
            kept("none", "When?", "Now."),
        ),
        *(kept("mended", "Where?", "Over there."), kept("held", "Who?", "She.", user=HELD)),
    )
    voted("down", "Why?", "No idea.", 0, tools=CLOCK)
    voted("up", "How?", "Like this.", 1)
    voted("held", "Who?", "Nobody.", 0)
    voted("elsewhere", "Not in the dataset?", "No.", 0)
    checked("mended-0-0", ("There", ["too_short", "unfinished"]), ("Over there.", []))


def test_dpo_pairs_a_kept_answer_with_one_voted_down_or_replaced_by_a_repair(
    store_of_votes, preferences
):
    rows, done = preferences("dpo")
    assert {id_: (row["chosen"], row["rejected"], row["why"]) for id_, row in rows.items()} == {
        "down-0-0/voted_down": (said_by("Because."), said_by("No idea."), "voted_down"),
        "mended-0-0/v0": (said_by("Over there."), said_by("There"), "too_short, unfinished"),
    }
    assert rows["down-0-0/voted_down"]["prompt"] == [{"role": "user", "content": "Why?"}]
    assert done.left_out.counts == {}


def said_by(answer):
    return [{"role": "assistant", "content": answer}]


def test_kto_labels_what_production_said_by_the_thumb(store_of_votes, preferences):
    rows, _ = preferences("kto")
    assert {id_: (row["completion"], row["label"]) for id_, row in rows.items()} == {
        "down-0": (said_by("No idea."), False),
        "up-0": (said_by("Like this."), True),
    }
    assert json.loads(rows["down-0"]["tools"])[0]["function"]["name"] == "clock"
    assert rows["up-0"]["tools"] is None


@pytest.mark.parametrize("format", ["dpo", "kto"])
def test_a_prompt_that_is_held_back_is_in_the_validation_split_alone(
    store_of_votes, preferences, format
):
    assert not any(id_.startswith("held") for id_ in preferences(format)[0])
    assert [id_[:4] for id_ in preferences(format, "validation")[0]] == ["held"]


@pytest.fixture
def green(cfg, keep, kept, voted, tmp_path):
    """Two prompts that were voted down; the call makes the first an eval prompt."""
    keep(cfg, kept("a", "Why is grass green?"), kept("b", "How?"))
    voted("a", "Why is grass green?", "No idea.", 0)
    voted("b", "How?", "No idea.", 0)

    def add():
        (tmp_path / "exam.jsonl").write_text('{"prompt": "why is grass green"}')
        add_eval_set(cfg, "exam-1", tmp_path / "exam.jsonl")

    return add


@pytest.mark.parametrize("format", ["dpo", "kto"])
def test_a_prompt_of_an_eval_set_is_no_preference(green, preferences, format):
    green()
    assert [id_[0] for id_ in preferences(format)[0]] == ["b"]


@pytest.mark.parametrize("format", ["dpo", "kto"])
def test_a_prompt_of_an_eval_set_that_came_later_is_left_out(cfg, green, tmp_path, format):
    freeze(cfg.warehouse, prepare(cfg), "before")
    green()
    done = export(cfg, Wanted("before", format, tmp_path / "rows.jsonl"))
    assert done.left_out.counts == {"leak": 1}
    assert done.splits[0].rows == 1


def test_an_answer_to_a_prompt_that_was_rewritten_is_no_worse_answer(
    cfg, keep, kept, voted, checked, preferences
):
    rewritten = kept("a", "Give me 2 tips.", "One. Two.")
    keep(cfg, kept("a", "Give me 3 tips.", "One. Two."), kept("b", "How?", "So."))
    versions = (("One. Two.", ["wrong_count"]), ("One. Two.", ["wrong_count"]), ("One. Two.", []))
    checked("a-0-0", *versions, rewritten=rewritten["prompt"])
    checked("b-0-0", ("S", ["too_short"]), ("So.", []))
    with store.writing(cfg.warehouse) as con:
        con.execute("UPDATE unique_answers SET version = 2 WHERE answer_id = 'a-0-0'")
    rows, done = preferences("dpo")
    assert list(rows) == ["b-0-0/v0"]
    assert done.left_out.counts == {"prompt_differs": 2}


def test_an_answer_that_says_the_same_or_nothing_is_no_worse_answer(
    cfg, keep, kept, checked, preferences
):
    keep(cfg, kept("a", "Why?", "So."), kept("b", "How?", "Thus."))
    checked("a-0-0", ("So. ", ["spaces"]), ("So.", []))
    checked("b-0-0", (" ", ["empty"]), ("Thus", ["no_end"]), ("Thus.", []))
    rows, done = preferences("dpo")
    assert list(rows) == ["b-0-0/v1"]
    assert done.left_out.counts == {"same_answer": 1, "empty_answer": 1}


def test_without_preferences_nothing_is_written(cfg, keep, kept, preferences):
    keep(cfg, kept("a", "Why?"))
    with pytest.raises(DatasetError, match=r"no row to write as dpo: it has none in train"):
        preferences("dpo")


@pytest.mark.slow
@pytest.mark.parametrize("format", ["dpo", "kto"])
@pytest.mark.parametrize("parquet", [False, True], ids=["lines", "parquet"])
def test_trl_prepares_them_for_its_trainer(cfg, store_of_votes, base, tmp_path, format, parquet):
    datasets = pytest.importorskip("datasets", reason="not run: no datasets")
    freeze(cfg.warehouse, prepare(cfg), "v1")
    export(cfg, Wanted("v1", format, tmp_path / "out", parquet=parquet))
    rows = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))["train"]
    texts = list(prepared(format, rows, base, tmp_path))
    assert any("Why?" in prompt and "clock" in prompt for prompt, _ in texts)
    assert any("No idea." in answer for _, answer in texts)


def prepared(format, rows, base, tmp_path):
    """Prompts and worse (or only) answers as TRL's trainer has tokenized them."""
    import trl
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    kinds = {"dpo": (trl.DPOConfig, trl.DPOTrainer), "kto": (trl.KTOConfig, trl.KTOTrainer)}
    config, trainer = kinds[format]
    quiet = {"report_to": "none", "bf16": False, "gradient_checkpointing": None, "use_cpu": True}
    made = trainer(
        AutoModelForCausalLM.from_pretrained(base),
        args=config(str(tmp_path / "run"), max_length=None, **quiet),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    answers = {"dpo": "rejected_ids", "kto": "completion_ids"}[format]
    for one in made.train_dataset:
        yield tokenizer.decode(one["prompt_ids"]), tokenizer.decode(one[answers])
