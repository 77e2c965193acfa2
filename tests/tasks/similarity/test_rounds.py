"""The compiled choice against the one in Python, which says what is right."""

import random
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from schemas.settings import DedupeSettings
from tasks.similarity import compiled, kept, rounds
from tasks.similarity.alike import Alike
from tasks.similarity.bands import band_keys, choose_bands
from tasks.similarity.greedy import NOBODY, Compared, Followers, mark_repeats
from tasks.similarity.loop import _first, choose_rows
from tasks.similarity.signatures import signatures

pytestmark = [pytest.mark.usefixtures("compiled_only"), pytest.mark.slow]  # it is compiled first

CFG = DedupeSettings()
CODE = "Explain this, please:\n" + "\n".join(f"    {name} = f({name})" for name in "abcdefghij")
ODD = ["", " ", "hi", "Hi", "3²", "32", "哈哈", CODE, CODE.replace("    ", "  "), CODE.upper()]


@pytest.fixture(autouse=True)
def however_few(monkeypatch):
    monkeypatch.setattr(compiled, "MANY", 0)


def in_both_ways(monkeypatch, given, same, cfg=CFG, followers=NOBODY):
    """Return what compiled code marks, and what Python does."""
    found = mark_repeats(given, same, cfg, followers)
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "AVAILABLE", False)
        return found, mark_repeats(given, same, cfg, followers)


def keys_of(rows, texts="text"):
    bands = choose_bands(CFG.threshold, CFG.recall)
    return band_keys(signatures(rows[texts].to_list()), *bands, rows["salt"].to_list())


def history_of(rows, keys):
    spread = rows.with_columns(key=pl.Series(keys.tolist(), dtype=pl.List(pl.UInt64)))
    return spread.explode("key").drop("salt")


def split(rows, texts="text"):
    """Compare the second half of rows with the first."""
    keys, half = keys_of(rows, texts), rows.height // 2
    return Compared(rows[half:], keys[half:], history_of(rows[:half], keys[:half]))


@pytest.fixture(scope="module", params=[60, pytest.param(300, marks=pytest.mark.slow)])
def mixed(planted, request):
    """Rows of every kind, and a random one of them as the `turn` of each."""
    rng = random.Random(11)
    family = [f"{CODE}\nand say it in {n} words" for n in range(request.param // 8)]
    both = [CODE + " Thanks!", CODE.replace("f(a)", "f(b)"), *family, *family[::3]]
    texts = [*ODD, *both, *planted["text"].head(request.param), *planted["text"].head(30), *ODD]
    rng.shuffle(texts)
    turns = [text if rng.random() < 0.7 else rng.choice(texts[:20]) for text in texts]
    ids = [f"r{n}" for n in range(len(texts))]
    rows = pl.DataFrame({"id": ids, "text": texts, "turn": turns})
    return rows.with_columns(owner=pl.Series(rng.choices("abc", k=len(ids))), salt=pl.lit("s"))


@pytest.mark.parametrize("rounds", [8_192, 7])
@pytest.mark.parametrize("cap", [1, 3, 64])
@pytest.mark.parametrize("fields", [("text",), ("text", "turn")])
def test_twins_are_those_of_python(monkeypatch, mixed, fields, cap, rounds):
    monkeypatch.setattr("tasks.similarity.rounds.ROUND", rounds)
    monkeypatch.setattr(kept, "CAP", cap)
    given = split(mixed)
    found, expected = in_both_ways(monkeypatch, given, Alike(fields))
    assert found.equals(expected)
    assert found["duplicate_of"].null_count() < given.rows.height


@pytest.mark.parametrize("guard", [None, "text", "turn"])
@pytest.mark.parametrize("owner", [None, "owner"])
@pytest.mark.parametrize("any_digits", [False, True])
def test_followers_are_those_of_python(monkeypatch, mixed, owner, guard, any_digits):
    mixed = mixed.with_columns(template_of=pl.when(pl.int_range(pl.len()) % 5 == 0).then("id"))
    given, same = split(mixed), Alike(("text", "turn"), owner, guard, any_digits)
    ids = given.history["id"].unique().sort()
    may = Followers({id_: n % 3 for n, id_ in enumerate(ids)}, 3)
    found, expected = in_both_ways(monkeypatch, given, same, followers=may)
    assert found.equals(expected)
    assert found["over_cap"].any()
    assert found["duplicate_of"].drop_nulls().len()
    assert found["template_of"].drop_nulls().len()


def test_random_keys_rank_candidates_as_python_does(monkeypatch, mixed):
    rng = np.random.default_rng(3)
    rows = mixed.head(200)
    keys = rng.integers(0, rows.height // 6, (rows.height, 4), np.uint64)
    cfg = DedupeSettings(threshold=0.02, max_length_difference=0.9)
    monkeypatch.setattr(kept, "CAP", 3)
    given = Compared(rows[50:], keys[50:], history_of(rows[:50], keys[:50]))
    found, expected = in_both_ways(monkeypatch, given, Alike(("text",)), cfg)
    assert found.equals(expected)
    assert found["duplicate_of"].drop_nulls().len() > 2


def test_the_loop_is_compiled_once_whatever_texts_there_are(monkeypatch, mixed):
    """Numba takes a literal, and an array that can be written, for other types: half a minute."""
    with_code = mixed.filter(pl.col("text").str.contains("Explain this", literal=True))
    for rows in (mixed, with_code, mixed.join(with_code, on="id", how="anti")):
        given = rows.with_columns(template_of=pl.lit(None, pl.String))
        mark_repeats(split(given), Alike(("text",)), CFG, Followers({}, 3))
    assert len(choose_rows.signatures) == 1
    assert len(_first.signatures) <= 1  # 0 where it came out of the cache with the loop around it


LETTER = """\
Please write a friendly letter of recommendation for my former colleagues {} who apply together for
positions as accountants, and mention how careful the work was when they had to close the books of
four companies within a week. It should have about one page, without lists or headings, in the plain
and warm tone of somebody who has shared a room with people for years and would do so again at once.
"""
NAMES = ("Ann", "Bob", "Cem", "Dov", "Eva", "Fay", "Gus", "Hal", "Ida", "Joe", "Kim", "Lou")
STRANGERS = ["".join(random.Random(n).choices("bdfgklmnprst", k=9)) for n in range(150)]
OTHER_NAMES = [LETTER.format(name) for name in STRANGERS]


def with_two_changed(a, b):
    return LETTER.format(", ".join({a: b, b: a}.get(name, name) for name in NAMES))


OTHER_PLACES = [with_two_changed(a, b) for a, b in combinations(NAMES, 2)]


@pytest.mark.parametrize(
    ("texts", "turns"),
    [(OTHER_NAMES, 0), (OTHER_PLACES, 7)],  # the guard is asked 64 questions in 7 turns
    ids=["other names", "names in other places"],
)
def test_a_row_of_a_large_family_waits_for_few_answers(monkeypatch, texts, turns):
    rows = pl.DataFrame({"id": [f"p{n}" for n in range(len(texts))], "text": texts})
    rows = rows.with_columns(salt=pl.lit("s"), template_of=pl.lit(None, pl.String))
    given = Compared(rows, keys_of(rows), history_of(rows, keys_of(rows)).clear())
    calls, loop = [], rounds.choose_rows
    monkeypatch.setattr(rounds, "choose_rows", lambda *told: calls.append(told) or loop(*told))
    same = Alike(("text",), guards=("text",))
    found, expected = in_both_ways(monkeypatch, given, same, CFG, Followers({}, 1_000))
    assert found.equals(expected)
    assert found["template_of"].null_count() == 1
    assert len(calls) <= 1 + turns * len(texts)
    assert turns == 0 or len(calls) > len(texts)
