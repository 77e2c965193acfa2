from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.settings import DedupeSettings
from tasks.similarity.bands import band_keys, choose_bands
from tasks.similarity.greedy import mark_twins
from tasks.similarity.signatures import signatures

CFG = DedupeSettings()
BANDS = choose_bands(CFG.threshold, CFG.recall)
SKY = "Why is the sky blue at noon, and why does it turn red in the evening?"
SLIP = SKY.replace("noon,", "noon")
NO_HISTORY = pl.DataFrame(schema={"key": pl.UInt64, "id": pl.String, "text": pl.String})


def frame(*texts):
    return pl.DataFrame({"id": [f"c{n}" for n in range(len(texts))], "text": texts})


def keys_of(rows, salt="prompts/a/b"):
    return band_keys(signatures(rows["text"].to_list()), *BANDS, salt)


def history_of(rows, keys):
    spread = rows.with_columns(key=pl.Series(keys.tolist(), dtype=pl.List(pl.UInt64)))
    return spread.explode("key").select("key", "id", "text")


def marks(*texts, **options):
    rows = frame(*texts)
    return mark_twins(rows, keys_of(rows), NO_HISTORY, CFG, **options)["duplicate_of"].to_list()


def near(*pairs):
    """Make a proof that calls these pairs of ids twins."""
    return lambda a, b: 0.9 if (a, b) in pairs or (b, a) in pairs else None


def test_later_twin_points_at_the_earlier_one_with_its_jaccard():
    rows = frame(SKY, "Use a list comprehension instead of a loop.", SLIP)
    found = mark_twins(rows, keys_of(rows), NO_HISTORY, CFG)
    assert found["duplicate_of"].to_list() == [None, None, "c0"]
    assert found["jaccard"].to_list() == [None, None, pytest.approx(0.9, abs=0.1)]


def test_empty_day_gives_an_empty_frame_of_the_same_columns():
    found = mark_twins(frame(), keys_of(frame()), NO_HISTORY, CFG)
    assert found.schema == {"id": pl.String, "duplicate_of": pl.String, "jaccard": pl.Float64}
    assert found.is_empty()


def test_rows_of_two_salts_never_meet():
    rows = frame(SKY, SKY)
    keys = keys_of(rows, ["prompts/a/b", "prompts/a/c"])
    assert mark_twins(rows, keys, NO_HISTORY, CFG)["duplicate_of"].to_list() == [None, None]


def test_row_that_is_like_dropped_rows_only_stays():
    rows, keys = frame("a", "b", "c"), np.ones((3, 1), np.uint64)
    found = mark_twins(rows, keys, NO_HISTORY, CFG, twin=near(("c0", "c1"), ("c1", "c2")))
    assert found["duplicate_of"].to_list() == [None, "c0", None]


def test_candidate_with_more_shared_keys_is_asked_first_then_the_older_one():
    rows = frame("a", "b", "c", "d")
    keys = np.array([[1, 9, 8], [1, 2, 7], [1, 2, 6], [1, 2, 3]], np.uint64)
    twin = near(("c3", "c0"), ("c3", "c1"), ("c3", "c2"))
    found = mark_twins(rows, keys, NO_HISTORY, CFG, twin=twin)
    assert found["duplicate_of"].to_list() == [None, None, None, "c1"]


def test_no_more_candidates_than_the_cap_are_asked():
    rows, keys = frame("a", "b", "c"), np.ones((3, 1), np.uint64)
    found = mark_twins(rows, keys, NO_HISTORY, CFG, cap=1, twin=near(("c1", "c2")))
    assert found["duplicate_of"].to_list() == [None, None, None]


def test_copy_is_found_behind_a_family_larger_than_the_cap():
    letter = " ".join(f"page {n}" for n in range(900))
    family = [f"{letter} {n}" for n in range(30)]
    assert marks(*family, family[25], cap=3) == [None] * 30 + ["c25"]
    assert marks(*family, family[25].upper(), cap=3) == [None] * 30 + ["c25"]


def test_copy_is_found_behind_short_texts_that_fold_alike():
    assert marks("hi", "Hi", "HI", "hI", "HI ", cap=1) == [None] * 4 + ["c2"]


def test_oldest_of_the_history_is_asked_first():
    old = pl.DataFrame({"id": [f"old{n}" for n in reversed(range(40))], "text": ["a"] * 40})
    history = history_of(old, np.ones((40, 1), np.uint64))
    found = mark_twins(
        frame("a"), np.ones((1, 1), np.uint64), history, CFG, twin=lambda _a, _b: 1.0
    )
    assert found["duplicate_of"].to_list() == ["old39"]


def test_history_comes_before_the_rows_of_the_day():
    old, new = pl.DataFrame({"id": ["old"], "text": [SKY]}), frame(SKY + " ", SLIP)
    found = mark_twins(new, keys_of(new), history_of(old, keys_of(old)), CFG)
    assert found["duplicate_of"].to_list() == ["old", "old"]


def test_row_is_no_duplicate_of_its_own_entry_in_the_history():
    rows = frame(SKY)
    found = mark_twins(rows, keys_of(rows), history_of(rows, keys_of(rows)), CFG)
    assert found["duplicate_of"].to_list() == [None]


def test_equal_answers_to_different_prompts_stay_when_the_proof_asks_for_both():
    prompts = {f"c{n}": f"Is review {n % 50} positive?" for n in range(51)}
    rows = frame(*["positive"] * 51)

    def twin(a, b):
        return 1.0 if prompts[a] == prompts[b] else None

    found = mark_twins(rows, keys_of(rows), NO_HISTORY, CFG, twin=twin)
    assert found.filter(pl.col("duplicate_of").is_not_null()).rows() == [("c50", "c0", 1.0)]


TEXTS = st.builds(
    lambda start, word, number: f"{start} {word}{number}",
    st.sampled_from([SKY, SKY.upper(), SLIP, "天空为什么是蓝色的？" * 4, "hi"]),
    st.sampled_from(["", "please", "Please", "谢谢"]),
    st.sampled_from(["", "1", "2"]),
)


@given(
    st.lists(TEXTS, max_size=14),
    st.lists(st.integers(0, 14), max_size=3),
    st.sampled_from([1, 2, 64]),
)
@settings(max_examples=60, deadline=None)
def test_one_batch_and_several_give_the_same_marks(texts, cuts, cap):
    rows = frame(*texts)
    keys = keys_of(rows)
    whole = mark_twins(rows, keys, NO_HISTORY, CFG, cap=cap)
    history, parts = NO_HISTORY, []
    edges = sorted({0, *(cut for cut in cuts if cut < len(texts)), len(texts)})
    for first, last in pairwise(edges):
        batch, batch_keys = rows[first:last], keys[first:last]
        parts.append(mark_twins(batch, batch_keys, history, CFG, cap=cap))
        stays = parts[-1]["duplicate_of"].is_null()
        kept = history_of(batch.filter(stays), batch_keys[stays.to_numpy()])
        history = pl.concat([history, kept])
    assert pl.concat([whole.clear(), *parts]).equals(whole)


def test_order_of_keys_within_the_history_does_not_matter():
    old, new = frame(*[SKY + " please" * n for n in range(4)]), frame(SLIP)
    new = new.with_columns(id=pl.lit("new"))
    history = history_of(old, keys_of(old))
    by_key = history.sort("id", "key", descending=[False, True])
    first, second = (mark_twins(new, keys_of(new), h, CFG) for h in (history, by_key))
    assert first.equals(second)


def test_every_duplicate_names_a_kept_row(planted):
    rows = planted.select("id", "text")
    found = mark_twins(rows, keys_of(planted, planted["salt"].to_list()), NO_HISTORY, CFG)
    kept = set(found.filter(pl.col("duplicate_of").is_null())["id"])
    named = set(found["duplicate_of"].drop_nulls())
    assert named
    assert named <= kept
