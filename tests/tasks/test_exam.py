import json

import pytest

from schemas import contracts
from schemas.errors import EvalSetError
from tasks.adapters import store
from tasks.datasets.versions import freeze
from tasks.exam import add_eval_set
from tasks.upsample import prepare

EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"
SUM = {"prompt": "What is 17*24?", "task_type": "maths/arithmetic", "reference": "408"}
TALK = [
    {"role": "system", "content": "Be short."},
    {"role": "user", "content": "What is 2+2?"},
    {"role": "assistant", "content": "4"},
    {"role": "user", "content": "And times two?"},
]


@pytest.fixture
def add(cfg, tmp_path):
    """Write lines to exam.jsonl, objects as JSON, and add them to the store."""

    def call(*lines, name="exam-1"):
        said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        (tmp_path / "exam.jsonl").write_text("\n".join(said) + "\n", encoding="utf-8")
        return add_eval_set(cfg, name, tmp_path / "exam.jsonl")

    return call


def stored(cfg):
    return store.select(cfg.warehouse, "FROM eval_prompts ORDER BY eval_set, prompt_id").to_dicts()


def refused(add, *lines, name="exam-1"):
    with pytest.raises(EvalSetError) as error:
        add(*lines, name=name)
    return str(error.value)


def test_a_prompt_with_a_reference_is_compared_exactly(cfg, add):
    assert add(SUM) == 1
    [row] = stored(cfg)
    assert (row["eval_set"], row["area"], row["kind"]) == ("exam-1", "maths", "arithmetic")
    assert (row["reference"], row["expectation"]) == ("408", "exact")
    [message] = row["messages"]
    assert (message["role"], message["content"]) == ("user", "What is 17*24?")


def test_without_a_reference_an_answer_only_has_to_stop(cfg, add):
    add({"prompt": "Why?"}, {"prompt": "How?", "reference": "So.", "expectation": "none"})
    assert [row["expectation"] for row in stored(cfg)] == ["none", "none"]
    assert {(row["area"], row["kind"]) for row in stored(cfg)} == {("unknown", "unknown")}


def test_messages_stay_in_their_order_and_keep_their_roles(cfg, add):
    add({"messages": TALK})
    [row] = stored(cfg)
    said = [{name: one[name] for name in ("role", "content")} for one in row["messages"]]
    assert said == TALK


def test_a_byte_order_mark_blank_lines_and_line_ends_of_windows_do_not_count(cfg, tmp_path):
    path = tmp_path / "exam.jsonl"
    path.write_bytes("\ufeff".encode() + json.dumps(SUM).encode() + b"\r\n\r\n  \r\n")
    assert add_eval_set(cfg, "exam-1", path) == 1


def test_the_same_file_again_changes_nothing(cfg, add):
    add(SUM, {"prompt": EGG})
    before = stored(cfg)
    assert add({"prompt": EGG}, SUM) == 2
    assert stored(cfg) == before


@pytest.mark.parametrize(
    "lines",
    [[SUM, {"prompt": "Why?"}], [{"prompt": "Why?"}], [SUM | {"reference": "409"}]],
    ids=["more", "other", "another reference"],
)
def test_a_frozen_set_never_changes(cfg, add, lines):
    add(SUM)
    before = stored(cfg)
    assert "there is an eval set 'exam-1' already" in refused(add, *lines)
    assert stored(cfg) == before


def test_another_name_is_another_set(cfg, add):
    add(SUM)
    add(SUM, {"prompt": "Why?"}, name="exam-2")
    assert [row["eval_set"] for row in stored(cfg)] == ["exam-1", "exam-2", "exam-2"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "no JSON: "),
        ('["What is 17*24?"]', "wanted an object with expectation, messages, prompt"),
        ({"promt": "Why?"}, "unknown key 'promt'; the nearest known one is 'prompt'"),
        ({"task_type": "maths/arithmetic"}, "wanted `prompt` as text, or `messages`"),
        ({"prompt": 3}, "wanted `prompt` as text, or `messages`"),
        ({"prompt": " \n"}, "wanted `prompt` as text, or `messages`"),
        ({"messages": []}, "wanted `prompt` as text, or `messages`"),
        ({"messages": "Why?"}, "wanted `prompt` as text, or `messages`"),
        ({"messages": ["Why?"]}, "wanted `prompt` as text, or `messages`"),
        ({"messages": [{"role": "user"}]}, "wanted `prompt` as text, or `messages`"),
        ({"prompt": "Why?", "messages": TALK}, "both `prompt` and `messages`"),
        ({"messages": TALK[:3]}, "the last message must be the user's"),
        (
            {"messages": [{"role": "tool", "content": "4"}, TALK[1]]},
            "role 'tool'; wanted system, user, assistant",
        ),
        ({"messages": [{"role": ["user"], "content": "4"}, TALK[1]]}, "role ['user']; wanted"),
        (SUM | {"task_type": "maths/aritmetic"}, "is not in the list; nearest: 'maths/arithmetic'"),
        (SUM | {"task_type": ["maths"]}, "task_type ['maths'] is not in the list"),
        (SUM | {"reference": 408}, "`reference` must be text, got 408"),
        (SUM | {"expectation": "fuzzy"}, "expectation 'fuzzy'; wanted exact with a reference"),
        (SUM | {"expectation": ["exact"]}, "expectation ['exact']; wanted exact"),
        ({"prompt": "Why?", "expectation": "exact"}, "wanted exact with a reference, or none"),
        ({"prompt": "half a pair: \ud83d"}, "text that is no Unicode"),
        (SUM | {"reference": "\ud83d"}, "text that is no Unicode"),
        (SUM, "the same prompt as in line 2. Remove one of them"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_wrong(add, tmp_path, line, said):
    message = refused(add, "", SUM, line)
    assert message.startswith(f"{tmp_path / 'exam.jsonl'}:3: ")
    assert said in message


def test_a_file_that_cannot_be_read_is_named(cfg, tmp_path):
    (tmp_path / "latin.jsonl").write_bytes('{"prompt": "Où?"}'.encode("latin-1"))
    for name in ("nowhere.jsonl", "latin.jsonl"):
        with pytest.raises(EvalSetError, match=f"{name} cannot be read"):
            add_eval_set(cfg, "exam-1", tmp_path / name)


def test_a_file_without_a_prompt_is_no_eval_set(add):
    assert "holds no prompt" in refused(add, "", " ")


def test_private_values_become_the_same_placeholder_in_prompt_and_reference(cfg, add):
    add({"prompt": "Extract the e-mail: write to ann@example.org", "reference": "ann@example.org"})
    [row] = stored(cfg)
    assert row["messages"][0]["content"] == "Extract the e-mail: write to <EMAIL_1>"
    assert row["reference"] == "<EMAIL_1>"


@pytest.fixture
def train(cfg):
    """Write a run over a dataset made of what is kept now, as a training leaves it."""

    def call(version):
        freeze(cfg.warehouse, prepare(cfg), version)
        row = dict.fromkeys(contracts.schema("training_runs"))
        row |= {"run_id": f"run-{version}", "model_id": "m", "dataset_version": version}
        row |= {"base_model": "b", "batching": "padding", "status": "failed", "settings": "{}"}
        row |= {"dropped": [], "started_at": store.now()}
        with store.writing(cfg.warehouse) as con:
            store.insert(con, "training_runs", contracts.frame("training_runs", [row]))

    return call


@pytest.mark.parametrize(
    "prompt", [EGG, EGG.upper()[:-1], EGG.replace("bright", "light")], ids=["copy", "form", "near"]
)
def test_a_prompt_that_a_model_has_seen_is_refused_and_names_the_row(
    cfg, add, keep, kept, train, prompt
):
    keep(cfg, kept("a1", "And then?", before=(EGG, "Wait."), turn=1), kept("a2", "Why?"))
    train("v1")
    message = refused(add, SUM, {"prompt": prompt})
    assert f"{prompt[:60]!r} is a twin of a1-1-0 in v1" in message
    assert stored(cfg) == []


def test_many_seen_prompts_are_counted(cfg, add, keep, kept, train):
    keep(cfg, *(kept(f"a{n}", f"Question {n}?") for n in range(5)))
    train("v1")
    message = refused(add, *({"prompt": f"question {n}"} for n in range(5)))
    assert message.count("is a twin of") == 3
    assert "and 2 more" in message


def test_a_prompt_of_a_dataset_that_nobody_trained_on_may_be_asked(cfg, add, keep, kept):
    keep(cfg, kept("a1", EGG))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    assert add({"prompt": EGG}) == 1
