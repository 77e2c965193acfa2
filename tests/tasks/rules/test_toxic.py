"""Word lists of the user make a trait; what is wrong with them is said with their setting."""

import pytest

from schemas.errors import SettingsError
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from schemas.stages import BY_NAME
from tasks.fingerprint import settings_hash


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# mine\n  # note\n\nBLAST\nsilly  goose\ncafé\n笨蛋\n바보\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Blast! It failed.", 1),
        ("You silly goose, blast it", 2),
        ("你这个笨蛋", 1),
        ("너는 바보야", 1),
        ("请用blast造句", 1),
        ("Don't say 'blast' to me", 1),
        ("You silly\ngoose, you silly  goose", 2),
        ("un café, svp", 1),
        ("blast blast", 2),
    ],
)
def test_a_listed_word_is_a_trait_and_a_hit_with_its_count(prompt, count, words, row, judged):
    found = judged([row(prompt)], toxic_words=(str(words),))
    assert found["traits"].to_list() == [["toxic"]]
    assert found["rule_hits"].to_list() == [[{"rule": "toxic", "value": count}]]
    assert found["drop_reason"].to_list() == [None]
    strict = judged([row(prompt)], toxic_words=(str(words),), tag_only=())
    assert strict["drop_reason"].to_list() == ["toxic"]


@pytest.mark.parametrize(
    "prompt",
    ["What is a blastocyst?", "a silly mongoose", "sillygoose", "笨", "two cafés", "# note"],
)
def test_a_word_inside_another_is_not_it(prompt, words, row, judged):
    assert judged([row(prompt)], toxic_words=(str(words),))["traits"].to_list() == [[]]


def test_without_lists_nothing_is_toxic(row, judged):
    assert judged([row("Blast! you silly goose")])["traits"].to_list() == [[]]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"# only this\n", "holds no word"), (b"\xff\xfe\x00", "not UTF-8")],
)
def test_a_list_that_cannot_be_used_is_named_with_its_setting(content, said, tmp_path, row, judged):
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"filter\.toxic_words: .*list\.txt.*{said}.*Wanted"):
        judged([row("Hello there")], toxic_words=(str(path),))


def test_lists_lie_beside_flywheel_toml(tmp_path, words):
    (tmp_path / "flywheel.toml").write_text('[filter]\ntoxic_words = ["words.txt"]\n')
    assert load(tmp_path / "flywheel.toml", environ={}).filter.toxic_words == (str(words),)


def test_what_a_list_holds_decides_and_not_where_it_lies(tmp_path, words):
    def hashed(path):
        rules = FlywheelSettings().filter.model_copy(update={"toxic_words": (str(path),)})
        return settings_hash(BY_NAME["filter"], FlywheelSettings(filter=rules))

    moved = tmp_path / "moved.txt"
    moved.write_bytes(words.read_bytes())
    before = hashed(words)
    assert hashed(moved) == before
    moved.write_text("other\n")
    assert hashed(moved) != before
