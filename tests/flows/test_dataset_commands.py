import json
from datetime import date

import pytest

from schemas import contracts
from tasks import models, published
from tasks.adapters import store
from tasks.datasets.split import split_of

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)
HELD = next(f"v{n}" for n in range(400) if split_of(f"v{n}", 0.05) == "validation")


def rows(home, sql):
    return store.select(home.warehouse, sql).rows()


def test_a_plan_shows_what_a_build_would_do_and_writes_nothing(home, flywheel):
    said = flywheel("dataset", "plan")
    assert said.code == 0, said.err
    assert "dataset (not built): 13 kept answers, 11 to train on" in said.out
    assert "1 to validate, 1 left out (empty_answer 1)" in said.out
    assert "share_after" in said.out
    assert "warning: 11 rows to train on: under 10,000" in said.out
    planned = json.loads(flywheel("dataset", "plan", "--json").out)
    assert planned["train_rows"] == sum(row["rows"] for row in planned["plan"]["types"]) == 11
    assert rows(home, "FROM dataset_versions") == []
    assert not home.published.exists()


def test_a_build_prints_its_plan_version_and_hash_and_is_published(home, flywheel):
    built = flywheel("dataset", "build", "--name", "v1")
    [(version, digest)] = rows(home, "SELECT dataset_version, sha256 FROM dataset_versions")
    assert version == "v1"
    assert f"v1 sha256 {digest}" in built.out
    assert "sentiment" in built.out
    shown = flywheel("sql", "SELECT dataset_version FROM dataset_versions", "--format", "csv")
    assert shown.out.split() == ["dataset_version", "v1"]


def test_a_build_of_the_same_rows_is_the_same_version(home, flywheel):
    first, again = flywheel("dataset", "build"), flywheel("dataset", "build")
    assert first.out == again.out
    assert len(rows(home, "FROM dataset_versions")) == 1


def test_a_build_takes_the_days_it_is_told(home, flywheel):
    assert flywheel("dataset", "build", "--from", NEXT, "--to", NEXT, "--name", "v1").code == 0
    assert rows(home, "SELECT DISTINCT day FROM sft_rows") == [(NEXT,)]


def test_a_name_that_is_taken_is_one_line_with_the_way_out(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    same = flywheel("dataset", "build", "--name", "v1")
    assert same.code == 2
    assert "there is a dataset 'v1' already" in same.err
    for wrong in ("", "a/b"):
        said = flywheel("dataset", "build", "--name", wrong)
        assert said.code == 2
        assert f"{wrong!r} is no name for a dataset" in said.err
        for command in (("release",), ("train", "--dataset", "v1")):
            assert flywheel(*command, "--name", wrong).err == said.err
    taken = flywheel("dataset", "build", "--name", "v1", "--to", DAY)
    assert taken.code == 2
    assert "there is a dataset 'v1' already" in taken.err
    assert "choose another --name" in taken.err


def test_too_much_pending_is_a_no_and_not_a_mistake(home, flywheel, keep, kept):
    keep(home, kept("a1", "Why?", day=date(2026, 3, 4)), pending=9)
    for command in ("plan", "build"):
        refused = flywheel("dataset", command)
        assert refused.code == 1
        assert "9 units are pending" in refused.err
        assert "2026-03-04 answer: 9 (9 calls wait)" in refused.err


def test_a_list_shows_every_dataset(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    flywheel("dataset", "build", "--name", "v2", "--to", DAY)
    listed = json.loads(flywheel("dataset", "list", "--json").out)
    assert [(one["dataset_version"], one["train_rows"]) for one in listed] == [
        ("v1", 11),
        ("v2", 9),
    ]
    assert "v2" in flywheel("dataset", "list").out


def test_a_dataset_shows_its_mix_and_what_it_left_out(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    shown = json.loads(flywheel("dataset", "show", "v1", "--json").out)
    assert shown["rows_in"] == 13
    assert [(one["kind"], one["copies"]) for one in shown["mix"]] == [
        ("sentiment", 2),
        ("how_to", 1),
    ]
    assert [(one["reason"], one["rows"], one["example_id"]) for one in shown["drops"]] == [
        ("empty_answer", 1, "h1-0-0")
    ]
    assert shown["runs"] == []
    assert "What was left out" in flywheel("dataset", "show", "v1").out


def exported(home, flywheel, *options):
    flywheel("dataset", "build", "--name", "v1")
    said = flywheel("dataset", "export", "v1", "--out", "rows.jsonl", *options)
    assert said.code == 0, said.err
    lines = (home.root / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    return said.out, [json.loads(line) for line in lines]


def test_an_export_repeats_copies_and_ends_with_the_assistant(home, flywheel):
    said, lines = exported(home, flywheel, "--format", "messages")
    assert f"wrote {len(lines)} rows to rows.jsonl" in said
    assert len(lines) == rows(home, "SELECT train_rows_with_copies FROM dataset_versions")[0][0]
    ids = [line["id"] for line in lines]
    assert ids.count("b0-0-0") == 2
    assert ids.count("a0-0-0") == 1
    assert {line["messages"][-1]["role"] for line in lines} == {"assistant"}
    assert f"{HELD}" not in ids


def test_an_export_holds_messages_and_nothing_private(home, flywheel):
    _, lines = exported(home, flywheel)
    [talk] = [line for line in lines if line["id"] == "d1-1-0"]
    assert talk == {
        "id": "d1-1-0",
        "messages": [
            {"role": "user", "content": "How do I boil an egg?"},
            {"role": "assistant", "content": "Wait."},
            {"role": "user", "content": "And then?"},
            {"role": "assistant", "content": "Eat."},
        ],
    }
    assert {key for line in lines for key in line} == {"id", "messages"}
    assert {key for line in lines for one in line["messages"] for key in one} == {"role", "content"}


def test_the_validation_split_is_exported_once_per_row(home, flywheel):
    _, lines = exported(home, flywheel, "--split", "validation")
    assert [line["id"] for line in lines] == ["e1-0-0"]


def test_tool_calls_are_exported_as_trainers_read_them(home, flywheel, keep, kept):
    said = {"name": "clock", "arguments": '{"zone": "UTC"}'}
    call = {"id": "c", "type": "function", "function": said}
    row = kept("a1", "Thanks", "Welcome.", before=("What time is it?", "Noon."), turn=1)
    row["messages"][1] |= {"tool_calls": json.dumps([call])}
    keep(home, row)
    _, lines = exported(home, flywheel)
    [found] = [line for line in lines if line["id"] == "a1-1-0"]
    as_object = said | {"arguments": {"zone": "UTC"}}
    assert found["messages"][1]["tool_calls"] == [call | {"function": as_object}]


def test_a_folder_holds_both_splits_and_a_card(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    said = flywheel("dataset", "export", "v1", "--format", "sharegpt", "--out", "out/v1")
    assert said.code == 0, said.err
    assert "wrote 14 rows to out/v1" in said.out
    names = {str(path.relative_to(home.root / "out" / "v1")) for path in home.root.rglob("v1/**/*")}
    assert {"README.md", "dataset_info.json", "train/train-00000-of-00001.jsonl"} <= names
    assert "validation/validation-00000-of-00001.jsonl" in names


def test_an_export_says_which_rows_a_format_cannot_hold_and_why(home, flywheel, keep, kept):
    call = {"id": "c", "type": "function", "function": {"name": "clock", "arguments": "{}"}}
    row = kept("a1", "Thanks", "Welcome.", before=("What time is it?", "Noon."), turn=1)
    row["messages"][1] |= {"tool_calls": json.dumps([call])}
    keep(home, row, kept("a2", "Why?"))
    said = flywheel("dataset", "build", "--name", "v1")
    said = flywheel("dataset", "export", "v1", "--format", "alpaca", "--out", "rows.jsonl")
    assert said.out.splitlines() == [
        "wrote 3 rows to rows.jsonl",
        "left out 1 rows: tools 1 (a1-1-0)",
    ]


@pytest.fixture
def exam(tmp_path):
    """A file of two eval prompts."""
    path = tmp_path / "exam.jsonl"
    sums = {"prompt": "What is 17*24?", "task_type": "maths/arithmetic", "reference": "408"}
    path.write_text(json.dumps(sums) + "\n" + json.dumps({"prompt": "question 3"}) + "\n")
    return path


def test_an_eval_set_is_added_listed_and_kept_out_of_datasets(home, flywheel, exam):
    assert "eval set exam-1: 2 prompts" in flywheel("eval", "add", "exam-1", exam).out
    listed = json.loads(flywheel("eval", "list", "--json").out)
    assert listed == [{"eval_set": "exam-1", "prompts": 2, "task_types": 2, "exact": 1}]
    flywheel("dataset", "build", "--name", "v1")
    [left_out] = rows(home, "SELECT answer_id, match FROM dataset_drops WHERE reason = 'leak'")
    assert left_out[0] == "a3-0-0"
    assert left_out[1].startswith("exam-1/")


def test_a_wrong_eval_line_is_one_line_of_error(home, flywheel, exam):
    exam.write_text('{"prompt": "Why?"}\n{"promt": "How?"}\n')
    wrong = flywheel("eval", "add", "exam-1", exam)
    assert wrong.code == 2
    assert "exam.jsonl:2: unknown key 'promt'" in wrong.err
    assert "Traceback" not in wrong.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["dataset", "show", "v9"],
            "no dataset 'v9'. There are: none yet; `flywheel dataset build`",
        ),
        (["dataset", "export", "v9", "--out", "x"], "no dataset 'v9'"),
        (
            ["dataset", "export", "v1", "--out", "x", "--format", "xml"],
            "--format xml: wanted messages",
        ),
        (
            ["dataset", "export", "v1", "--out", "x", "--split", "test"],
            "wanted train or validation",
        ),
        (["dataset", "build", "--from", "2 March"], "--from '2 March' is no day"),
        (["dataset", "build", "--from", "2026-03-03", "--to", "2026-03-02"], "is after --to"),
        (["dataset", "build", "--from", "2027-01-01", "--to", "2027-01-02"], "no kept answer from"),
        (["eval", "add", "e", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["promote", "m9"], "no model 'm9'. There are: none yet; `flywheel train` makes one"),
        (["rollback"], "no champion to go back from"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_mistake_is_one_line_with_the_way_out(home, flywheel, words, said):
    result = flywheel(*words)
    assert result.code == 2
    assert said in result.err
    assert "Traceback" not in result.err


def test_a_file_that_cannot_be_written_is_one_line(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    result = flywheel("dataset", "export", "v1", "--out", "no/such/folder.jsonl")
    assert result.code == 2
    assert "cannot write no/such/folder.jsonl: No such file or directory" in result.err


def test_without_a_run_there_is_no_dataset(tmp_path, flywheel):
    result = flywheel("dataset", "build")
    assert result.code == 2
    assert "no day has been run yet. `flywheel run` makes rows to train on" in result.err


def register(cfg, **verdict):
    base = models.new_model(model_id="base", path="base", status="base")
    about = {"run_id": "r1", "dataset_version": "v1", "base_model": "base", "status": "candidate"}
    candidate = models.new_model(model_id="m1", path="m1", **about)
    counts = dict.fromkeys(("prompts", "exact", "stopped", "stopped_against"), 60)
    row = {"model_id": "m1", "against": "base", "eval_set": "exam-1", "area": "all", "kind": "all"}
    row |= counts | {"correct_against": 20, "judged_at": store.now(), **verdict}
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "models", contracts.frame("models", [base, candidate]))
        store.insert(con, "verdicts", contracts.frame("verdicts", [row]))


BETTER = {"correct": 50, "won": 30, "lost": 0, "p_better": 0.001, "p_worse": 1.0}
SAME = {"correct": 20, "won": 0, "lost": 0, "p_better": 1.0, "p_worse": 1.0}


def test_a_better_model_is_promoted_with_code_0_and_published(home, flywheel):
    register(home, **BETTER, conclusion="better")
    done = flywheel("promote", "m1")
    assert done.code == 0, done.err
    assert "promoted: better than base: 20 -> 50 of 60 right" in done.out
    shown = flywheel("sql", "SELECT status FROM models WHERE model_id = 'm1'", "--format", "csv")
    assert shown.out.split() == ["status", "champion"]
    assert flywheel("rollback").code == 2


def test_a_model_that_is_not_better_is_refused_with_code_1(home, flywheel):
    register(home, **SAME, conclusion="no_difference")
    refused = flywheel("promote", "m1")
    assert refused.code == 1
    assert "refused: not proven better than base" in refused.out


def run_on(cfg, version, dropped=()):
    row = dict.fromkeys(contracts.schema("training_runs"))
    row |= {"run_id": "r1", "model_id": "m1", "dataset_version": version, "base_model": "base"}
    row |= {"batching": "padding", "status": "complete", "settings": "{}"}
    row |= {"rows_trained": 11 - len(dropped), "started_at": store.now()}
    row["dropped"] = [{"answer_id": id_, "reason": "too_long", "tokens": 9} for id_ in dropped]
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "training_runs", contracts.frame("training_runs", [row]))


def steps(cfg, chat):
    sql = """SELECT step, stage, decision, reason, detail FROM journey
             WHERE chat_id = $chat AND step > 7 ORDER BY ALL"""
    return store.select(cfg.warehouse, sql, chat=chat).rows()


def test_a_journey_goes_on_to_the_dataset_and_the_model(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    register(home, **BETTER, conclusion="better")
    flywheel("promote", "m1")
    run_on(home, "v1")
    [upsampled, trained] = steps(home, "b0")
    assert upsampled == (8, "upsample", "train", "v1", "2 copies, 5 label tokens")
    assert trained[:4] == (9, "train", "trained m1", "champion")
    assert trained[4].startswith("better than base")
    assert [step[2] for step in steps(home, "e1")] == ["validation"]
    assert steps(home, "h1") == [(8, "upsample", "left out", "v1", "empty_answer")]


def test_a_row_that_the_trainer_left_out_was_not_trained_on(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    run_on(home, "v1", dropped=["a0-0-0"])
    assert [step[1] for step in steps(home, "a0")] == ["upsample"]
    assert [step[1] for step in steps(home, "a1")] == ["upsample", "train"]


def test_the_view_conservation_counts_what_a_run_trained_on(home, flywheel):
    flywheel("dataset", "build", "--name", "v1")
    run_on(home, "v1", dropped=["a0-0-0"])
    assert rows(home, "FROM conservation") == []
    with store.writing(home.warehouse) as con:
        con.execute("UPDATE training_runs SET rows_trained = rows_trained - 1")
    assert rows(home, "SELECT stage, id, problem FROM conservation") == [
        ("train", "r1", "rows of v1 neither trained on nor left out")
    ]


def test_an_answer_id_is_explained_up_to_the_model(home, flywheel):
    answer = dict.fromkeys(contracts.schema("answers"))
    answer |= {"day": DAY, "answer_id": "a0-0-0", "prompt_id": "a0-0", "sample": 0, "area": "qa"}
    answer |= {"kind": "how_to", "answer": "word", "origin": "model", "template_version": "v1"}
    answer |= {"few_shot_ids": [], "call_key": "k", "input_hash": 1}
    with store.writing(home.warehouse) as con:
        store.insert(con, "answers", contracts.frame("answers", [answer]))
    for version in ("v2", "v1"):
        flywheel("dataset", "build", "--name", version)
    run_on(home, "v1")
    found = published.journey(published.source(home, live=True), "a0-0-0")
    assert found.select("stage", "decision", "reason").rows() == [
        ("filter", "kept", None),
        ("answer", "answered", None),
        ("dedupe_answers", "trainable", None),
        ("upsample", "train", "v1"),
        ("upsample", "train", "v2"),
        ("train", "trained m1", None),
    ]
