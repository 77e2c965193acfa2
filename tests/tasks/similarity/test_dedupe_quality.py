"""The whole chain against an exact join that this file computes on its own."""

import re
import unicodedata

import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.alike import Alike
from tasks.similarity.bands import band_keys, choose_bands
from tasks.similarity.greedy import Compared, mark_repeats
from tasks.similarity.signatures import signatures

CFG = DedupeSettings()
NO_HISTORY = pl.DataFrame(schema={"key": pl.UInt64, "id": pl.String, "text": pl.String})


def marked(rows):
    bands, per_band = choose_bands(CFG.threshold, CFG.recall)
    keys = band_keys(signatures(rows["text"].to_list()), bands, per_band, rows["salt"].to_list())
    return mark_repeats(Compared(rows, keys, NO_HISTORY), Alike(("text",)), CFG)


def shingle_set(text, language):
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded, size = " ".join(folded.split()), 5 if language == "en" else 3
    return len(folded), {folded[i : i + size] for i in range(len(folded) - size + 1)}


def exact_twins(rows):
    """Return {id: ids of all earlier rows of its language that are true twins}."""
    cut = [
        (id_, salt, re.sub(r"\D", "", text), *shingle_set(text, salt))
        for id_, text, salt in rows.select("id", "text", "salt").iter_rows()
    ]
    twins = {}
    for n, (id_, salt, number, length, shingles) in enumerate(cut):
        twins[id_] = {
            other
            for other, its_salt, its_number, its_length, its_shingles in cut[:n]
            if its_salt == salt
            and its_number == number
            and abs(its_length - length) <= 0.2 * max(its_length, length)
            and len(shingles & its_shingles) >= 0.8 * len(shingles | its_shingles)
        }
    return twins


def test_planted_twins_are_found_and_nothing_else_is_dropped(planted):
    twins = exact_twins(planted)
    found = dict(marked(planted).select("id", "duplicate_of").iter_rows())
    stays = {id_ for id_, keeper in found.items() if keeper is None}
    expected = {id_ for id_, others in twins.items() if others & stays}
    dropped = set(found) - stays
    assert all(found[id_] in twins[id_] for id_ in dropped)
    assert len(expected) > 100
    assert len(dropped & expected) >= 0.99 * len(expected)


def test_distinct_short_questions_of_banking77_all_stay(banking77):
    rows = banking77.with_row_index("id").select(
        pl.format("q{}", "id").alias("id"), "text", salt=pl.lit("prompts/banking/intent")
    )
    short = rows.filter(pl.col("text").str.len_chars() < 32)
    assert short["text"].n_unique() > 1_000
    assert marked(short)["duplicate_of"].null_count() == short["text"].n_unique()
