"""How alike the answers of a task type are: what no dedupe sees, since each is its own text.

MinHash finds answers that share most of their words. A teacher that opens every one with the same
phrase, or always writes two hundred words, passes it: two models' answers to one prompt have a
median Jaccard similarity of .15.
"""

from hashlib import blake2b
from itertools import chain

import numpy as np
import polars as pl

from tasks.language import mostly_cjk
from tasks.similarity.normalise import comparable
from tasks.similarity.signatures import NUM_PERM, signatures

OPENING_WORDS, OPENING_SIGNS = 4, 6  # words; Han, Kana and Hangul signs
SAMPLE = 300  # answers of a task type that are compared with each other
_LABEL = ["area", "kind"]

COLUMNS = pl.Schema(
    {
        "area": pl.String,
        "kind": pl.String,
        "answers": pl.UInt32,
        "opening": pl.String,
        "share": pl.Float64,
        "openings": pl.Float64,
        "chars_p10": pl.Float64,
        "chars_p50": pl.Float64,
        "chars_p90": pl.Float64,
        "similarity": pl.Float64,
    }
)


def homogeneity(answers: pl.DataFrame) -> pl.DataFrame:
    """Return a row per task type, those whose answers open alike first.

    Args:
        answers: `answer_id`, `area`, `kind` and `answer`.

    Returns:
        area, kind, answers (how many), opening (the commonest), share (of the answers that open
        so, 0 to 1), openings (distinct ones per answer, 0 to 1), chars_p10, chars_p50 and
        chars_p90 (lengths in characters), similarity (mean Jaccard of two answers, estimated by
        MinHash on up to SAMPLE of them; null where there is one)
    """
    rows = answers.with_columns(opening=_openings(answers["answer"]))
    chars = pl.col("answer").str.len_chars()
    found = rows.group_by(_LABEL).agg(
        answers=pl.len(),
        opening=pl.col("opening").sort().mode().sort().first(),
        share=pl.col("opening").value_counts().struct.field("count").max() / pl.len(),
        openings=pl.col("opening").n_unique() / pl.len(),
        **{f"chars_p{q}": chars.quantile(q / 100, "linear") for q in (10, 50, 90)},
    )
    similar = [
        (*label, _similarity(part))
        for label, part in rows.partition_by(_LABEL, as_dict=True).items()
    ]
    schema = {name: COLUMNS[name] for name in (*_LABEL, "similarity")}
    joined = found.join(pl.DataFrame(similar, schema, orient="row"), on=_LABEL)
    return (
        joined.select(list(COLUMNS))
        .cast(COLUMNS)
        .sort("share", *_LABEL, descending=[True, False, False])
    )


def _openings(answers: pl.Series) -> pl.Series:
    """Return what each answer begins with, whatever case, width and white space."""
    text = pl.Series("text", [comparable(answer) for answer in answers], dtype=pl.String)
    words = pl.col("text").str.split(" ").list.head(OPENING_WORDS).list.join(" ")
    signs = pl.col("text").str.head(OPENING_SIGNS)
    return text.to_frame().select(
        pl.when(mostly_cjk(pl.col("text").str.head(40))).then(signs).otherwise(words)
    )["text"]


def _similarity(rows: pl.DataFrame) -> float | None:
    """Return the mean share of equal slots in the signatures of two answers.

    The sample is one of answer ids by hash: the same whatever the order, and whoever asks.
    """
    hashes = [blake2b(id_.encode(), digest_size=8).hexdigest() for id_ in rows["answer_id"]]
    sample = rows.with_columns(pl.Series("hash", hashes)).sort("hash").head(SAMPLE)
    if sample.height < 2:
        return None
    found = signatures(sample["answer"].to_list())
    equal = list(
        chain.from_iterable((found[at + 1 :] == found[at]).sum(axis=1) for at in range(len(found)))
    )
    return float(np.mean(equal) / NUM_PERM)
