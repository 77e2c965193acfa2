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

MEANING = pl.Schema(
    {
        "area": pl.String,
        "kind": pl.String,
        "compared": pl.UInt32,
        "cosine": pl.Float64,
        "nearest": pl.Float64,
        "one": pl.String,
        "other": pl.String,
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


def meaning(answers: pl.DataFrame, vectors: pl.DataFrame) -> pl.DataFrame:
    """Return how near the answers of each task type are to each other by their embeddings.

    Args:
        answers: `answer_id`, `area` and `kind`.
        vectors: `answer_id` and `vector`, of length 1; answers without one are left out.

    Returns:
        area, kind, compared (how many), cosine (mean of two answers), nearest (median over the
        answers of the cosine with the nearest other one), one and other (the ids of the two that
        are most alike); nothing of task types with fewer than two vectors
    """
    known = answers.join(vectors, on="answer_id").sort("answer_id")
    found = [
        (*label, *_nearest(rows))
        for label, rows in known.partition_by(_LABEL, as_dict=True).items()
        if rows.height > 1
    ]
    return pl.DataFrame(found, MEANING, orient="row").sort(_LABEL)


def _nearest(rows: pl.DataFrame) -> tuple[int, float, float, str, str]:
    unit = np.stack(rows["vector"].to_list()).astype(np.float32)
    cosines, count = unit @ unit.T, rows.height
    mean = (cosines.sum() - np.trace(cosines)) / (count * (count - 1))
    np.fill_diagonal(cosines, -1)
    nearest, ids = cosines.max(axis=1), rows["answer_id"]
    one = int(nearest.argmax())
    other = int(cosines[one].argmax())
    return count, float(mean), float(np.median(nearest)), ids[one], ids[other]


def sample(answers: pl.DataFrame) -> pl.DataFrame:
    """Return up to SAMPLE answers of each task type, chosen by hash: whoever asks, the same."""
    parts = answers.partition_by(_LABEL)
    return pl.concat([answers.clear(), *map(_sample, parts)])


def _openings(answers: pl.Series) -> pl.Series:
    """Return what each answer begins with, whatever case, width and white space."""
    text = pl.Series("text", [comparable(answer) for answer in answers], dtype=pl.String)
    words = pl.col("text").str.split(" ").list.head(OPENING_WORDS).list.join(" ")
    signs = pl.col("text").str.head(OPENING_SIGNS)
    return text.to_frame().select(
        pl.when(mostly_cjk(pl.col("text").str.head(40))).then(signs).otherwise(words)
    )["text"]


def _similarity(rows: pl.DataFrame) -> float | None:
    """Return the mean share of equal slots in the signatures of two answers."""
    some = _sample(rows)
    if some.height < 2:
        return None
    found = signatures(some["answer"].to_list())
    equal = list(
        chain.from_iterable((found[at + 1 :] == found[at]).sum(axis=1) for at in range(len(found)))
    )
    return float(np.mean(equal) / NUM_PERM)


def _sample(rows: pl.DataFrame) -> pl.DataFrame:
    hashes = [blake2b(id_.encode(), digest_size=8).hexdigest() for id_ in rows["answer_id"]]
    return (
        rows.with_columns(hash=pl.Series(hashes, dtype=pl.String))
        .sort("hash")
        .head(SAMPLE)
        .drop("hash")
    )
