"""What the store holds is redacted by rules that are newer than it, wherever it was copied to."""

import json
from datetime import date

import pytest

from schemas import ddl
from schemas.conversation import Unreadable
from schemas.run import Run
from tasks import redact
from tasks.adapters import store
from tasks.datasets.versions import freeze
from tasks.filter import filter_prompts
from tasks.ledger import UPSTREAM
from tasks.pull import pull, pull_new
from tasks.redact import TEXTS, redact_stored
from tasks.upsample import prepare

DAY = date(2026, 3, 2)
NAME = "Zaphod Beeblebrox"
NO_TEXT = {  # columns of names, ids, hashes and words of our own
    "answers": "answer_id prompt_id area kind origin finish_reason template_version "
    "few_shot_ids call_key logged_for",
    "bands": "pass id made_with",
    "chats": "chat_id source record_id user_key language traits pii",
    "checked_answers": "answer_id prompt_id defects call_key",
    "claims": "call_key owner run_id",
    "dataset_drops": "dataset_version answer_id area kind reason match",
    "dataset_versions": "dataset_version sha256 tokenizer tokenizer_sha256 settings inputs plan",
    "eval_answers": "model_id eval_set prompt_id",
    "eval_prompts": "eval_set prompt_id area kind expectation",
    "few_shot_pool": "area kind example_id language origin",
    "llm_calls": "call_key endpoint purpose model run_id",
    "models": "model_id run_id dataset_version base_model path status reason",
    "prompts": "prompt_id chat_id user_key language prompt traits origin rule_hits drop_reason",
    "pulled_files": "source mark torn",
    "quarantine": "record_id source reason",
    "records": "record_id source digest format outcome ref_keys message_keys session_keys chat_id",
    "sft_rows": "dataset_version answer_id split area kind",
    "stage_runs": "stage run_id status settings fingerprint code_version inputs outputs stale",
    "tagged_prompts": "prompt_id area kind tagger reason tag_key call_key",
    "training_metrics": "run_id",
    "training_validation": "run_id area kind",
    "training_runs": "run_id model_id dataset_version base_model batching status settings dropped "
    "checks notes pad_token pad_reason stop_token versions message",
    "unique_answers": "answer_id prompt_id area kind duplicate_of template_of drop_reason",
    "unique_prompts": "prompt_id area kind duplicate_of template_of drop_reason",
    "verdicts": "model_id against eval_set area kind conclusion",
    "votes": "vote_id chat_id source target_key within_key status",
}


def test_every_text_column_is_redacted_or_known_to_hold_no_words():
    for name, table in ddl.tables().items():
        texts = {column.name for column in table.columns if "VARCHAR" in column.type}
        known = {*TEXTS.get(name, ()), *NO_TEXT.get(name, "").split()}
        assert texts == known, name


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Return the settings with a detector that knows one name."""
    (tmp_path / "names_of_ours.py").write_text(
        "def find(text):\n"
        f"    at = text.find({NAME!r})\n"
        f"    return [(at, at + {len(NAME)}, 'NAME')] if at >= 0 else []\n"
    )

    def with_names(cfg):
        own = cfg.redaction.model_copy(update={"custom": "names_of_ours:find"})
        return cfg.model_copy(update={"redaction": own})

    return with_names


@pytest.fixture
def filled(cfg):
    """Return settings whose store holds a name in all that pull and filter write."""
    said = [
        {"role": "user", "content": f"Write to {NAME} and a@example.com."},
        {"role": "assistant", "content": f"Dear {NAME}"},
        {"role": "user", "content": f"Who is {NAME}?"},
    ]
    at = f"{DAY}T10:00:00Z"
    lines = [
        json.dumps({"id": "c1", "timestamp": at, "messages": said}),
        json.dumps({"id": "c2", "timestamp": at, "messages": [{"role": "user", "content": "Hi"}]}),
        json.dumps({"target_id": "c1", "vote": "up", "comment": f"thanks, {NAME}"}),
        f"{{broken {NAME}",
    ]
    (cfg.root / "logs" / f"chats of {NAME}.jsonl").write_text("\n".join(lines) + "\n")
    run = Run(cfg=cfg)
    filter_prompts.fn(pull.fn(DAY, run), run)
    loaded = cfg.var / "journal" / "loaded"
    loaded.mkdir(parents=True)
    (loaded / "1-a.jsonl").write_text(json.dumps({"call_key": "k", "reply": f"I am {NAME}"}) + "\n")
    return cfg


def holds(cfg, value):
    """Return the files under var that hold the bytes of `value`."""
    files = [path for path in cfg.var.rglob("*") if path.is_file()]
    return [path.name for path in files if value.encode() in path.read_bytes()]


def test_value_that_only_a_newer_rule_finds_is_nowhere_afterwards(filled, named):
    assert NAME in str(store.select(filled.warehouse, "FROM prompts").to_dicts())

    done = redact_stored(Run(cfg=named(filled)))

    assert holds(filled, NAME) == []
    assert {each.table for each in done} == {
        "chats", "votes", "quarantine", "records", "pulled_files", "prompts",
    }  # fmt: skip


def test_placeholders_stay_and_counts_grow(filled, named):
    redact_stored(Run(cfg=named(filled)))
    (chat,) = store.select(filled.warehouse, "FROM chats WHERE len(messages) > 1").to_dicts()
    assert [message["content"] for message in chat["messages"]] == [
        "Write to <NAME_1> and <EMAIL_1>.",
        "Dear <NAME_1>",
        "Who is <NAME_1>?",
    ]
    assert chat["pii"] == [{"kind": "EMAIL", "replaced": 1}, {"kind": "NAME", "replaced": 3}]
    prompts = store.select(filled.warehouse, "SELECT prompt FROM prompts ORDER BY prompt_id")
    assert "Who is <NAME_1>?" in prompts["prompt"].to_list()


def test_file_reads_the_same_in_the_quarantine_as_in_records(filled, named):
    redact_stored(Run(cfg=named(filled)))
    (broken,) = store.select(filled.warehouse, "SELECT record_id, location FROM quarantine").rows()
    record = "SELECT path || ':' || line FROM records WHERE record_id = $id"
    assert broken[1] == store.select(filled.warehouse, record, id=broken[0]).item()


def test_days_that_changed_are_stale_and_others_as_they_were(filled, named):
    more = {"id": "c3", "timestamp": "2026-03-05", "messages": [{"role": "user", "content": "Hi"}]}
    (filled.root / "logs" / "b.jsonl").write_text(json.dumps(more) + "\n")
    pull_new(Run(cfg=filled))
    filter_prompts.fn(pull.fn(date(2026, 3, 5), Run(cfg=filled)), Run(cfg=filled))

    redact_stored(Run(cfg=named(filled)))

    stale = store.select(
        filled.warehouse, "SELECT day, stale FROM stage_runs WHERE stage = 'filter' ORDER BY day"
    )
    assert stale.rows() == [(DAY, UPSTREAM), (date(2026, 3, 5), None)]


def test_again_is_idle(filled, named):
    run = Run(cfg=named(filled))
    redact_stored(run)
    assert redact_stored(run) == []
    assert pull_new(run) == []


def test_tools_of_a_frozen_dataset_are_redacted_and_its_hash_follows(cfg, named, keep, kept, offer):
    keep(cfg, kept("a1", "Why?"))
    offer(cfg, a1=json.dumps([{"name": "call", "description": f"Calls {NAME}"}]))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    redact_stored(Run(cfg=named(cfg)))
    [(tools,)] = store.select(cfg.warehouse, "SELECT tools FROM sft_rows").rows()
    assert json.loads(tools) == [{"name": "call", "description": "Calls <NAME_1>"}]
    [(digest,)] = store.select(cfg.warehouse, "SELECT sha256 FROM dataset_versions").rows()
    assert digest == prepare(cfg).sha256


def test_nothing_else_of_the_store_changes(filled, named):
    def rows(table):
        return store.select(filled.warehouse, f"FROM {table} ORDER BY ALL").to_dicts()

    before = {table: len(rows(table)) for table in ddl.tables()}
    chats = [row for row in rows("chats") if len(row["messages"]) == 1]

    redact_stored(Run(cfg=named(filled)))

    assert {table: len(rows(table)) for table in ddl.tables()} == before
    assert [row for row in rows("chats") if len(row["messages"]) == 1] == chats
    assert rows("conservation") == []


def test_chat_from_which_a_value_cannot_be_cut_out_leaves_for_the_quarantine(filled, monkeypatch):
    def cannot(messages, rules):
        if NAME in str(messages):
            raise Unreadable("private_left", "spread over messages")
        return messages, {}

    monkeypatch.setattr(redact, "redact_again", cannot)
    redact_stored(Run(cfg=filled))

    broken = store.select(filled.warehouse, "FROM quarantine WHERE reason = 'private_left'")
    assert broken.height == 1
    assert store.select(filled.warehouse, "SELECT count(*) FROM chats").item() == 1
    assert store.select(filled.warehouse, "FROM conservation").height == 0
    votes = store.select(filled.warehouse, "SELECT status FROM votes")
    assert votes["status"].to_list() == ["dangling"]
    assert NAME not in str(store.select(filled.warehouse, "FROM prompts").to_dicts())
