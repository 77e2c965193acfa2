import pytest

from schemas.errors import DatasetError, NotFound, Refused
from schemas.settings import TrainSettings
from tasks.adapters import store
from tasks.datasets.versions import about, freeze, refuse_leaks, rehash, verify
from tasks.exam import add_eval_set
from tasks.train import training_spec
from tasks.training_rows import training_rows
from tasks.upsample import prepare

TABLES = ("dataset_versions", "sft_rows", "dataset_drops")


def frozen(cfg):
    return [store.select(cfg.warehouse, f"FROM {table} ORDER BY ALL").rows() for table in TABLES]


def test_the_same_dataset_again_changes_nothing(cfg, keep, kept):
    keep(cfg, kept("a1", "Why?"), kept("a2", "How?", " "))
    assert freeze(cfg.warehouse, prepare(cfg), "v1") == "v1"
    before = frozen(cfg)
    assert freeze(cfg.warehouse, prepare(cfg), "v1") == "v1"
    assert frozen(cfg) == before


def test_a_name_is_never_given_to_other_rows(cfg, keep, kept):
    keep(cfg, kept("a1", "Why?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    before = frozen(cfg)
    keep(cfg, kept("a1", "Why?"), kept("a2", "How?"))
    with pytest.raises(DatasetError, match="there is a dataset 'v1' already, with other rows"):
        freeze(cfg.warehouse, prepare(cfg), "v1")
    assert frozen(cfg) == before


def test_two_versions_stand_side_by_side(cfg, keep, kept):
    keep(cfg, kept("a1", "Why?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    keep(cfg, kept("a2", "How?"))
    freeze(cfg.warehouse, prepare(cfg), "v2")
    assert [row["id"] for row in training_rows(cfg.warehouse, "v1", "train")] == ["a1-0-0"]
    assert [row["id"] for row in training_rows(cfg.warehouse, "v2", "train")] == ["a2-0-0"]


def test_training_rows_are_prompt_and_completion_in_the_order_of_their_ids(cfg, keep, kept):
    keep(cfg, kept("a2", "How?", "So."), kept("a1", "Why?", "Thus.", before=("Hi", "Hello")))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    said = [
        ([m["content"] for m in row["prompt"]], [m["content"] for m in row["completion"]])
        for row in training_rows(cfg.warehouse, "v1", "train")
    ]
    assert said == [(["Hi", "Hello", "Why?"], ["Thus."]), (["How?"], ["So."])]


def test_a_dataset_that_holds_a_prompt_of_a_later_eval_set_is_not_trained_on(
    cfg, keep, kept, tmp_path
):
    keep(cfg, kept("a1", "Why is grass green?"), kept("a2", "How?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    refuse_leaks(cfg.warehouse, "v1", cfg.dedupe)
    (tmp_path / "exam.jsonl").write_text('{"prompt": "why is grass green"}')
    add_eval_set(cfg, "exam-1", tmp_path / "exam.jsonl")
    told = cfg.model_copy(update={"train": TrainSettings(base_model="base")})
    with pytest.raises(DatasetError, match=r"1 rows of eval sets .*: a1-0-0 is a twin of exam-1/"):
        training_spec(told, "v1")
    freeze(cfg.warehouse, prepare(cfg), "v2")
    refuse_leaks(cfg.warehouse, "v2", cfg.dedupe)


def test_a_wrong_name_lists_the_right_ones(cfg, keep, kept):
    with pytest.raises(NotFound, match=r"no dataset 'v9'\. There are: none yet"):
        about(cfg.warehouse, "v9")
    keep(cfg, kept("a1", "Why?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    with pytest.raises(NotFound, match=r"no dataset 'v9'\. There are: v1"):
        about(cfg.warehouse, "v9")


TOOLS = '[{"name": "clock", "parameters": {}}]'


def test_a_row_keeps_the_tools_that_its_chat_was_offered_and_is_another_row_with_them(
    cfg, keep, kept, offer
):
    keep(cfg, kept("a1", "Why?"), kept("a2", "How?"))
    without = prepare(cfg).sha256
    offer(cfg, a1=TOOLS)
    freeze(cfg.warehouse, prepare(cfg), "v1")
    rows = store.select(cfg.warehouse, "SELECT answer_id, tools FROM sft_rows ORDER BY ALL")
    assert rows.rows() == [("a1-0-0", TOOLS), ("a2-0-0", None)]
    assert about(cfg.warehouse, "v1")["sha256"] != without


def test_a_version_with_tools_is_found_again_by_its_rows(cfg, keep, kept, offer):
    keep(cfg, kept("a1", "Why?"))
    offer(cfg, a1=TOOLS)
    freeze(cfg.warehouse, prepare(cfg), "v1")
    before = about(cfg.warehouse, "v1")["sha256"]
    with store.writing(cfg.warehouse) as con:
        rehash(con)
    assert about(cfg.warehouse, "v1")["sha256"] == before == prepare(cfg).sha256


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sft_rows SET copies = 2",
        "UPDATE dataset_drops SET reason = 'quota'",
        "DELETE FROM dataset_drops",
    ],
)
def test_a_version_that_something_else_has_changed_does_not_verify(cfg, keep, kept, change):
    keep(cfg, kept("a1", "Why?"), kept("a2", "How?", " "))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    assert verify(cfg.warehouse, "v1") == about(cfg.warehouse, "v1")["sha256"]
    with store.writing(cfg.warehouse) as con:
        con.execute(change)
    with pytest.raises(Refused, match="dataset 'v1' is not what was frozen: its rows give sha256"):
        verify(cfg.warehouse, "v1")
