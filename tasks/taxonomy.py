"""Look for what is wrong or weak in a list of task types: `flywheel taxonomy check`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from itertools import combinations
from typing import Literal, NamedTuple

import polars as pl

from schemas.check_names import CHECK_NAMES, GENERAL
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.keywords import by_keywords

# Macro-F1 over 60 kinds, ten held-out shipped examples of each, by examples to learn from:
# 3 -> .16, 5 -> .20, 10 -> .27, 20 -> .37, 30 -> .40 (character n-grams, logistic regression).
FEW_EXAMPLES = 10
NEAR = 0.85  # ratio of SequenceMatcher; the nearest two of the shipped list reach .59
STORED = {"label": pl.String, "version": pl.Int64, "rows": pl.Int64}
_LANGUAGES = {"Chinese": r"\p{Han}", "English": r"[A-Za-z]"}
_OTHER_LETTERS = {"Chinese": r"[\p{Hiragana}\p{Katakana}\p{Hangul}]", "English": r"[^\x00-\x7f]"}


class Finding(NamedTuple):
    """One thing that is wrong (error) or weak (note) in the list."""

    level: Literal["error", "note"]
    kind: str  # a label, an area, or "" for the list itself
    seen: str
    fix: str


@dataclass(frozen=True)
class Taxonomy:
    """A list of task types with all that is known about its use."""

    types: TaskTypes
    examples: tuple[tuple[str, str], ...]  # (label, prompt), those of the list included
    stored: pl.DataFrame = field(  # label, version, rows: the tags in the warehouse
        default_factory=lambda: pl.DataFrame(schema=STORED)
    )


Rule = Callable[[Taxonomy], Iterator[Finding]]


def findings(taxonomy: Taxonomy) -> list[Finding]:
    """Return all findings, errors first, each group in the order of RULES."""
    found = [finding for rule in RULES for finding in rule(taxonomy)]
    return sorted(found, key=lambda finding: finding.level)


def unknown_checks(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find checks that do not exist: nobody would miss them."""
    known = sorted([GENERAL, *CHECK_NAMES])
    for kind in taxonomy.types.kinds.values():
        for name in kind.checks:
            if name.removeprefix("-") not in known:
                near = get_close_matches(name, known, n=1, cutoff=0)[0]
                seen = f"no check is named {name!r}"
                yield Finding("error", kind.label, seen, f"the nearest is {near!r}")


def shared_examples(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find examples of two kinds: they teach neither."""
    owners: dict[str, list[str]] = defaultdict(list)
    for label, example in taxonomy.examples:
        owners[" ".join(example.casefold().split())].append(label)
    for example, labels in owners.items():
        if len(set(labels)) > 1:
            seen = f"{_cut(example)} is an example of {labels[-1]}, too"
            yield Finding("error", labels[0], seen, "drop it from one")


def near_descriptions(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find kinds that read the same: the model that chooses between them mixes them up."""
    for one, other in combinations(taxonomy.types.kinds.values(), 2):
        texts = one.description.casefold(), other.description.casefold()
        if SequenceMatcher(None, *texts, autojunk=False).ratio() >= NEAR:
            level: Literal["error", "note"] = "error" if texts[0] == texts[1] else "note"
            seen = f"its description is nearly that of {other.label}"
            yield Finding(level, one.label, seen, "say what tells them apart, or merge them")


def few_examples(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find kinds that the embedded tagger cannot learn, at all or in a language."""
    examples = pl.DataFrame(taxonomy.examples, schema=["label", "text"], orient="row")
    for label in taxonomy.types.labels:
        own = examples.filter(label=label)["text"]
        if own.len() < FEW_EXAMPLES:
            fix = f"write {FEW_EXAMPLES} or more, of many subjects"
            yield Finding("note", label, f"{own.len()} examples", fix)
        for language, letters in _LANGUAGES.items():
            of_another = own.str.contains(_OTHER_LETTERS[language])
            if not (own.str.contains(letters) & ~of_another).any():
                yield Finding("note", label, f"no example in {language}", "write some")


def greedy_keywords(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find kinds whose keywords fire first on examples of another, and tag them wrongly."""
    examples = pl.DataFrame(taxonomy.examples, schema=["label", "prompt"], orient="row")
    prompts = examples.with_row_index("prompt_id")
    got = by_keywords(prompts, taxonomy.types).select(
        "prompt_id", got=pl.concat_str("area", "kind", separator="/")
    )
    wrong = prompts.join(got, on="prompt_id").filter(pl.col("got") != pl.col("label"))
    pairs = wrong.group_by("got", "label", maintain_order=True)
    for owner, label, example, count in pairs.agg(pl.first("prompt"), pl.len()).iter_rows():
        seen = f"its keywords fire on examples of {label} ({count}), such as {_cut(example)}"
        yield Finding("note", owner, seen, "narrow a keyword, or give the other kind one as early")


def lonely_kinds(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find areas of one kind: a level that decides nothing."""
    for area, count in kinds_per_area(taxonomy.types).items():
        if count == 1:
            yield Finding("note", area, "the area has one kind", "move the kind, or divide it")


def lost_tags(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find stored tags that the list no longer knows: to ask for them again costs calls."""
    types = taxonomy.types
    for label, rows in _per_label(taxonomy.stored.filter(pl.col("version") < types.version)):
        if label != UNKNOWN and types.resolve(label) is None:
            near = get_close_matches(label, types.labels, n=1, cutoff=0)[0]
            seen = f"{rows} stored tags have this label, which is neither a kind nor an alias"
            fix = f'write `"{label}" = "{near}"`, or another kind, under [aliases]'
            yield Finding("note", label, seen, fix)


def version_not_raised(taxonomy: Taxonomy) -> Iterator[Finding]:
    """Find two lists under one number: stored tags would not say what they were chosen from."""
    version, known = taxonomy.types.version, {*taxonomy.types.labels, UNKNOWN}
    newest = taxonomy.stored.select(pl.max("version")).item() or version
    same = _per_label(taxonomy.stored.filter(version=version))
    foreign = [(label, rows) for label, rows in same if label not in known]
    if foreign:
        rows = sum(rows for _, rows in foreign)
        seen = f"{rows} stored tags of version {version} are not in it, such as {foreign[0][0]}"
        yield Finding("error", "", seen, f"raise `version` to {newest + 1}")
    elif newest > version:
        seen = f"this is version {version}, and tags of version {newest} are stored"
        yield Finding("error", "", seen, f"raise `version` to {newest + 1}")


RULES: tuple[Rule, ...] = (
    unknown_checks,
    shared_examples,
    near_descriptions,
    version_not_raised,
    lost_tags,
    greedy_keywords,
    few_examples,
    lonely_kinds,
)


def kinds_per_area(types: TaskTypes) -> Counter[str]:
    """Return how many kinds each area has, in file order."""
    return Counter(kind.area for kind in types.kinds.values())


def _per_label(stored: pl.DataFrame) -> Iterator[tuple[str, int]]:
    yield from stored.group_by("label").agg(pl.sum("rows")).sort("label").iter_rows()


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 60 else flat[:59] + "…")
