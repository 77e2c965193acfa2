"""How two verdicts on the same prompts differ: how many rows, by which rules, and which ones."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tasks.rules import RULES

EXAMPLES = 5  # of each way
WAYS = {  # each row goes one
    "same": "stay as they are",
    "newly_kept": "are kept anew",
    "newly_dropped": "are dropped anew",
    "other_reason": "are dropped for another reason",
    "new": "are new, because chats changed since",
    "gone": "are gone, because chats changed since",
}
_VERDICT = ("prompt_id", "drop_reason", "rule_hits")


@dataclass(slots=True)
class Verdict:
    """What the rules came to: rows that are kept, and per rule those it drops and those it hits."""

    kept: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows, kept or dropped."""
        return self.kept + self.drops.total()

    def add(self, other: "Verdict") -> None:
        """Count the rows of `other` with these."""
        self.kept += other.kept
        self.drops += other.drops
        self.hits += other.hits


@dataclass(slots=True)
class Difference:
    """What is stored and what would be, over days that add up."""

    days: int = 0
    days_of_chats: int = 0  # made of their chats, because their rows would differ
    now: Verdict = field(default_factory=Verdict)
    then: Verdict = field(default_factory=Verdict)
    ways: Counter[str] = field(default_factory=Counter)  # rows by WAYS
    stored: Counter[str] = field(default_factory=Counter)  # rule -> days with its stored hits
    newly_dropped: list[dict[str, Any]] = field(default_factory=list)  # a few of them
    newly_kept: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: "Difference") -> None:
        """Count the days of `other` with these."""
        self.days += other.days
        self.days_of_chats += other.days_of_chats
        self.now.add(other.now)
        self.then.add(other.then)
        self.ways += other.ways
        self.stored += other.stored
        self.newly_dropped = (self.newly_dropped + other.newly_dropped)[:EXAMPLES]
        self.newly_kept = (self.newly_kept + other.newly_kept)[:EXAMPLES]

    @property
    def rules_from_stored_hits(self) -> int:
        """How many rules were asked on no day."""
        return sum(self.stored[rule.__name__] == self.days for rule in RULES)

    def per_rule(self) -> list[dict[str, Any]]:
        """Return a row per rule, in the order of RULES; rules that are no more come last."""
        known = [rule.__name__ for rule in RULES]
        older = sorted((self.now.hits + self.now.drops).keys() - set(known))
        return [self._of_rule(rule) for rule in [*known, *older]]

    def _of_rule(self, rule: str) -> dict[str, Any]:
        return {
            "rule": rule,
            "dropped_now": self.now.drops[rule],
            "dropped_then": self.then.drops[rule],
            "hits_now": self.now.hits[rule],
            "hits_then": self.then.hits[rule],
            "days_from_stored_hits": self.stored[rule],
        }


def difference(now: pl.DataFrame, then: pl.DataFrame, known: Iterable[str]) -> Difference:
    """Compare two verdicts on one day; `known` names the rules whose stored hits were used."""
    both = now.select(_VERDICT).join(
        then.select(_VERDICT), on="prompt_id", how="full", suffix="_then", coalesce=True
    )
    rule = pl.coalesce("drop_reason_then", "drop_reason")  # the old one of those kept anew
    ways = both.select("prompt_id", rule=rule, way=_way())
    return Difference(
        days=1,
        now=_verdict(now),
        then=_verdict(then),
        ways=_counts(ways["way"]),
        stored=Counter(known),
        newly_dropped=_examples(ways, "newly_dropped"),
        newly_kept=_examples(ways, "newly_kept"),
    )


def _way() -> pl.Expr:
    before, after = pl.col("drop_reason"), pl.col("drop_reason_then")
    ways = {
        "new": pl.col("rule_hits").is_null(),
        "gone": pl.col("rule_hits_then").is_null(),
        "same": before.eq_missing(after),
        "newly_kept": after.is_null(),
        "newly_dropped": before.is_null(),
        "other_reason": pl.lit(value=True),
    }
    return pl.coalesce(pl.when(test).then(pl.lit(way)) for way, test in ways.items())


def _examples(ways: pl.DataFrame, way: str) -> list[dict[str, Any]]:
    found = ways.filter(pl.col("way") == way).sort("prompt_id").head(EXAMPLES)
    return found.select("prompt_id", "rule").to_dicts()


def _verdict(rows: pl.DataFrame) -> Verdict:
    hits = rows["rule_hits"].explode(empty_as_null=False).struct.field("rule")
    return Verdict(rows["drop_reason"].null_count(), _counts(rows["drop_reason"]), _counts(hits))


def _counts(words: pl.Series) -> Counter[str]:
    return Counter(dict(words.drop_nulls().value_counts().iter_rows()))
