from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.settings import DedupeSettings
from tasks.similarity import kept
from tasks.similarity.alike import Alike
from tasks.similarity.bands import band_keys, choose_bands
from tasks.similarity.greedy import MARKS, Compared, mark_repeats
from tasks.similarity.signatures import signatures

CFG = DedupeSettings()
BANDS = choose_bands(CFG.threshold, CFG.recall)
SKY = "Why is the sky blue at noon, and why does it turn red in the evening?"
SLIP = SKY.replace("noon,", "noon")
TEXT = Alike(("text",))
NO_HISTORY = pl.DataFrame(schema={"key": pl.UInt64, "id": pl.String, "text": pl.String})


def frame(*texts):
    return pl.DataFrame({"id": [f"c{n}" for n in range(len(texts))], "text": texts})


def keys_of(rows, salt="prompts/a/b"):
    return band_keys(signatures(rows["text"].to_list()), *BANDS, salt)


def history_of(rows, keys):
    spread = rows.with_columns(key=pl.Series(keys.tolist(), dtype=pl.List(pl.UInt64)))
    return spread.explode("key").select("key", "id", "text")


def marked(rows, keys, history=NO_HISTORY, same=TEXT):
    """Return `id`, `duplicate_of` and `jaccard` of each row; none follows a template."""
    found = mark_repeats(Compared(rows, keys, history), same, CFG)
    assert found["template_of"].null_count() == found.height
    return found.select("id", "duplicate_of", "jaccard")


def marks(*texts):
    rows = frame(*texts)
    return marked(rows, keys_of(rows))["duplicate_of"].to_list()


class Told(Alike):
    """Rows are the same when `pairs` says so of their ids, or a function of two ids."""

    pairs = ()

    def proof(self, _rows, _cfg):
        if callable(self.pairs):
            return self.pairs
        return lambda a, b: 0.9 if (a, b) in self.pairs or (b, a) in self.pairs else None


def told(*pairs, by=None):
    return type("Told", (Told,), {"pairs": staticmethod(by) if by else pairs})(("text",))


def test_later_twin_points_at_the_earlier_one_with_its_jaccard():
    rows = frame(SKY, "Use a list comprehension instead of a loop.", SLIP)
    found = marked(rows, keys_of(rows))
    assert found["duplicate_of"].to_list() == [None, None, "c0"]
    assert found["jaccard"].to_list() == [None, None, pytest.approx(0.9, abs=0.1)]


def test_empty_day_gives_an_empty_frame_of_the_same_columns():
    found = mark_repeats(Compared(frame(), keys_of(frame()), NO_HISTORY), TEXT, CFG)
    assert found.schema == MARKS
    assert found.is_empty()


def test_rows_of_two_salts_never_meet():
    rows = frame(SKY, SKY)
    keys = keys_of(rows, ["prompts/a/b", "prompts/a/c"])
    assert marked(rows, keys)["duplicate_of"].to_list() == [None, None]


def test_row_that_is_like_dropped_rows_only_stays():
    rows, keys = frame("a", "b", "c"), np.ones((3, 1), np.uint64)
    found = marked(rows, keys, same=told(("c0", "c1"), ("c1", "c2")))
    assert found["duplicate_of"].to_list() == [None, "c0", None]


def test_candidate_with_more_shared_keys_is_asked_first_then_the_older_one():
    rows = frame("a", "b", "c", "d")
    keys = np.array([[1, 9, 8], [1, 2, 7], [1, 2, 6], [1, 2, 3]], np.uint64)
    found = marked(rows, keys, same=told(("c3", "c0"), ("c3", "c1"), ("c3", "c2")))
    assert found["duplicate_of"].to_list() == [None, None, None, "c1"]


def test_no_more_candidates_than_the_cap_are_asked(monkeypatch):
    monkeypatch.setattr(kept, "CAP", 1)
    rows, keys = frame("a", "b", "c"), np.ones((3, 1), np.uint64)
    found = marked(rows, keys, same=told(("c1", "c2")))
    assert found["duplicate_of"].to_list() == [None, None, None]


def test_copy_is_found_behind_a_family_larger_than_the_cap(monkeypatch):
    monkeypatch.setattr(kept, "CAP", 3)
    letter = " ".join(f"page {n}" for n in range(900))
    family = [f"{letter} {n}" for n in range(30)]
    assert marks(*family, family[25]) == [None] * 30 + ["c25"]
    assert marks(*family, family[25].upper()) == [None] * 30 + ["c25"]


def test_copy_is_found_behind_short_texts_that_fold_alike(monkeypatch):
    monkeypatch.setattr(kept, "CAP", 1)
    assert marks("hi", "Hi", "HI", "hI", "HI ") == [None] * 4 + ["c2"]


def test_oldest_of_the_history_is_asked_first():
    old = pl.DataFrame({"id": [f"old{n}" for n in reversed(range(40))], "text": ["a"] * 40})
    history = history_of(old, np.ones((40, 1), np.uint64))
    found = marked(frame("a"), np.ones((1, 1), np.uint64), history, told(by=lambda _a, _b: 1.0))
    assert found["duplicate_of"].to_list() == ["old39"]


def test_history_comes_before_the_rows_of_the_day():
    old, new = pl.DataFrame({"id": ["old"], "text": [SKY]}), frame(SKY + " ", SLIP)
    found = marked(new, keys_of(new), history_of(old, keys_of(old)))
    assert found["duplicate_of"].to_list() == ["old", "old"]


def test_row_is_no_duplicate_of_its_own_entry_in_the_history():
    rows = frame(SKY)
    found = marked(rows, keys_of(rows), history_of(rows, keys_of(rows)))
    assert found["duplicate_of"].to_list() == [None]


def test_equal_answers_to_different_prompts_stay_when_the_proof_asks_for_both():
    prompts = {f"c{n}": f"Is review {n % 50} positive?" for n in range(51)}
    rows = frame(*["positive"] * 51)

    def twin(a, b):
        return 1.0 if prompts[a] == prompts[b] else None

    found = marked(rows, keys_of(rows), same=told(by=twin))
    assert found.filter(pl.col("duplicate_of").is_not_null()).rows() == [("c50", "c0", 1.0)]


TEXTS = st.builds(
    lambda start, word, number: f"{start} {word}{number}",
    st.sampled_from([SKY, SKY.upper(), SLIP, "天空为什么是蓝色的？" * 4, "hi"]),
    st.sampled_from(["", "please", "Please", "谢谢"]),
    st.sampled_from(["", "1", "2"]),
)


@pytest.mark.parametrize("cap", [1, 2, 64])
@given(st.lists(TEXTS, max_size=14), st.lists(st.integers(0, 14), max_size=3))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_one_batch_and_several_give_the_same_marks(monkeypatch, cap, texts, cuts):
    monkeypatch.setattr(kept, "CAP", cap)
    rows = frame(*texts)
    keys = keys_of(rows)
    whole = marked(rows, keys)
    history, parts = NO_HISTORY, []
    edges = sorted({0, *(cut for cut in cuts if cut < len(texts)), len(texts)})
    for first, last in pairwise(edges):
        batch, batch_keys = rows[first:last], keys[first:last]
        parts.append(marked(batch, batch_keys, history))
        stays = parts[-1]["duplicate_of"].is_null()
        stayed = history_of(batch.filter(stays), batch_keys[stays.to_numpy()])
        history = pl.concat([history, stayed])
    assert pl.concat([whole.clear(), *parts]).equals(whole)


def test_order_of_keys_within_the_history_does_not_matter():
    old, new = frame(*[SKY + " please" * n for n in range(4)]), frame(SLIP)
    new = new.with_columns(id=pl.lit("new"))
    history = history_of(old, keys_of(old))
    by_key = history.sort("id", "key", descending=[False, True])
    first, second = (marked(new, keys_of(new), h) for h in (history, by_key))
    assert first.equals(second)


def test_every_duplicate_names_a_kept_row(planted):
    rows = planted.select("id", "text")
    found = marked(rows, keys_of(planted, planted["salt"].to_list()))
    stay = set(found.filter(pl.col("duplicate_of").is_null())["id"])
    named = set(found["duplicate_of"].drop_nulls())
    assert named
    assert named <= stay
