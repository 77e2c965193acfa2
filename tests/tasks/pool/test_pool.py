"""Examples from files and from reviewed answers, in frozen versions."""

import json

import pytest

from schemas.errors import FlywheelError, NotFound, PoolError
from schemas.task_types import load
from tasks.adapters import store
from tasks.pool import file, reviewed, versions

TYPES = load()
EGG = {"kind": "qa/how_to", "prompt": "How do I boil an egg?", "answer": "Six minutes."}
SUM = {"kind": "maths/arithmetic", "prompt": "What is 3 + 4?", "answer": "7"}


@pytest.fixture
def write(tmp_path):
    """Write a file of examples: objects as JSON, text as it is."""

    def write(*lines):
        path = tmp_path / "pool.jsonl"
        said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(said) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def add(cfg, write):
    return lambda *lines: versions.add(cfg, file.examples(write(*lines), TYPES))


def pool(cfg, version):
    return store.select(
        cfg.warehouse,
        "SELECT * EXCLUDE pool_version FROM few_shot_pool WHERE pool_version = $version "
        "ORDER BY example_id",
        version=version,
    ).to_dicts()


def test_a_version_is_the_last_one_plus_what_is_added_minus_what_is_removed(cfg, add):
    assert add(EGG, SUM) == versions.Version(1, 2, 2)
    first = pool(cfg, 1)
    assert add(EGG | {"prompt": "How do I fry an egg?"}) == versions.Version(2, 1, 3)
    second = pool(cfg, 2)
    assert [row for row in second if row in first] == first
    assert versions.remove(cfg, [first[0]["example_id"][:9]]) == versions.Version(3, 1, 2)
    assert pool(cfg, 3) == [row for row in second if row != first[0]]
    assert (pool(cfg, 1), pool(cfg, 2)) == (first, second)
    known, latest = versions.listed(cfg.warehouse)
    assert known.rows() == [(1, 2, 2, 2, 0), (2, 3, 2, 1, 0), (3, 2, latest_kinds(latest), 0, 1)]


def latest_kinds(latest):
    return latest.select("area", "kind").n_unique()


def test_the_same_file_again_makes_no_version(cfg, add):
    add(EGG, SUM)
    assert add(EGG, SUM) == versions.Version(1, 0, 2)
    assert add(SUM) == versions.Version(1, 0, 2)
    assert store.select(cfg.warehouse, "SELECT count(*) FROM few_shot_pool").item() == 2


def test_an_example_that_comes_back_is_added_anew(cfg, add):
    add(EGG, SUM)
    versions.remove(cfg, [row["example_id"] for row in pool(cfg, 1) if row["kind"] == "how_to"])
    assert add(EGG).number == 3
    assert {row["kind"]: row["added_in"] for row in pool(cfg, 3)} == {"how_to": 3, "arithmetic": 1}


def test_what_is_private_never_enters_and_control_tokens_are_harmless(cfg, add):
    add(EGG | {"prompt": "Mail eggs to a@example.com", "answer": "To a@example.com<|im_end|>"})
    (row,) = pool(cfg, 1)
    assert row["prompt"] == "Mail eggs to <EMAIL_1>"
    assert row["answer"] == "To <EMAIL_1><|im_end| >"


def test_a_former_label_becomes_that_of_today_and_the_language_is_the_prompts(cfg, add):
    add(
        {
            "kind": "classification/true_or_false",
            "prompt": "地球是圆的吗? 请回答对或错。",
            "answer": "对",
        }
    )
    (row,) = pool(cfg, 1)
    assert (row["area"], row["kind"], row["language"]) == ("qa", "multiple_choice", "zh")


BAD = {
    "no JSON": (["{"], r":1: no JSON: "),
    "no object": (["[1]"], r":1: wanted an object with kind, prompt, answer"),
    "half a character": (['{"kind": "\\ud800"}'], r":1: text that is no Unicode"),
    "unknown key": ([EGG | {"promt": 1}], r":1: unknown key 'promt'; .* is 'prompt'"),
    "missing key": ([EGG, {"kind": "qa/how_to", "prompt": "x"}], r":2: `answer` must be text, got"),
    "blank": ([EGG | {"answer": " "}], r":1: `answer` must be text, got ' '"),
    "unknown kind": (
        ["", EGG | {"kind": "qa/howto"}],
        r":2: kind 'qa/howto' is not in the list of task types; nearest: 'qa/how_to'",
    ),
    "twice": ([EGG, SUM, EGG], r":3: the same example as in line 1"),
    "empty": ([" "], r"holds no example; a line has the keys"),
    "second answer": (
        [EGG, EGG | {"prompt": "how do I boil an egg", "answer": "Five."}],
        r"has the prompt of [0-9a-f]{16}\. .*`flywheel pool remove` the other",
    ),
}


@pytest.mark.parametrize(("lines", "said"), BAD.values(), ids=BAD.keys())
def test_a_wrong_line_is_refused_with_its_place_and_nothing_is_added(cfg, add, lines, said):
    with pytest.raises(PoolError, match=said) as error:
        add(*lines)
    assert len(str(error.value).splitlines()) == 1
    assert store.select(cfg.warehouse, "FROM few_shot_pool").is_empty()


def test_a_second_answer_to_a_prompt_of_the_pool_is_refused(cfg, add):
    add(EGG)
    with pytest.raises(PoolError, match="has the prompt of"):
        add(EGG | {"answer": "Five."})
    add(EGG | {"kind": "qa/open_qa", "answer": "Five."})  # of another task type it is another


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PoolError, match=r"nope\.jsonl cannot be read"):
        file.examples(tmp_path / "nope.jsonl", TYPES)


def test_removing_asks_for_an_id_that_is_there_and_leaves_one_example(cfg, add):
    add(EGG, SUM)
    ids = [row["example_id"] for row in pool(cfg, 1)]
    for wanted, said in [("zz", "no example 'zz' in the latest version"), ("", "several: ")]:
        with pytest.raises(NotFound, match=said):
            versions.remove(cfg, [wanted])
    with pytest.raises(PoolError, match=r"no example would be left.*few_shot = 0"):
        versions.remove(cfg, ids)
    assert store.select(cfg.warehouse, "SELECT max(pool_version) FROM few_shot_pool").item() == 1


def test_reviewed_answers_join_under_their_own_id(cfg, kept, keep):
    keep(
        cfg, kept("c1", EGG["prompt"], "Six minutes."), kept("c2", "How do I cook rice?", "Slowly.")
    )
    taken = reviewed.examples(cfg.warehouse, ["c1-0-0", "c2"], TYPES)
    assert versions.add(cfg, taken).examples == 2
    assert [(row["example_id"], row["answer"], row["origin"]) for row in pool(cfg, 1)] == [
        ("c1-0-0", "Six minutes.", "answer"),
        ("c2-0-0", "Slowly.", "answer"),
    ]


def test_answers_that_cannot_be_examples_are_refused(cfg, kept, keep):
    keep(
        cfg,
        kept("c1", "And rice?", before=("How do I boil an egg?", "Six minutes."), turn=1),
        kept("c2", EGG["prompt"], kind="gone/gone"),
        kept("c3", EGG["prompt"], sample=0),
        kept("c3", EGG["prompt"], sample=1),
    )
    with store.writing(cfg.warehouse) as con:
        con.execute(
            "UPDATE unique_answers SET drop_reason = 'duplicate' WHERE answer_id = 'c3-0-1'"
        )
    refusals = {
        "zz": "no row of unique_answers begins with 'zz'",
        "c3": "the beginning of several: c3-0-0, c3-0-1",
        "c3-0-1": r"c3-0-1 was dropped \(duplicate\)",
        "c1": "c1-1-0 answers turn 2 of a chat",
        "c2": "c2-0-0 is gone/gone, which is no task type",
    }
    for wanted, said in refusals.items():
        with pytest.raises(FlywheelError, match=said):
            reviewed.examples(cfg.warehouse, [wanted], TYPES)
