"""One split of an export, written: every row is in a file, or counted with the reason why not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.exports.files import Lines, Shards
from tasks.exports.formats import Format
from tasks.exports.refusals import CannotSay
from tasks.exports.rows import read_row

_EXAMPLES = 3


class LeftOut:
    """Rows that are not in the export: counted, and listed in a file, not in memory."""

    def __init__(self, path: Path) -> None:
        self.path, self._lines = path, Lines(path)
        self.counts = Counter[str]()
        self.examples = defaultdict[str, list[str]](list)

    def add(self, split: str, id_: str, reason: str) -> None:
        """List one."""
        self._lines.write({"id": id_, "split": split, "reason": reason})
        self.counts[reason] += 1
        if len(self.examples[reason]) < _EXAMPLES:
            self.examples[reason].append(id_)

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def summary(self) -> str:
        """Say how many for each reason, with examples."""
        return ", ".join(
            f"{reason} {count} ({', '.join(self.examples[reason])}{' …' * (count > _EXAMPLES)})"
            for reason, count in self.counts.most_common()
        )


@dataclass(frozen=True, slots=True)
class Split:
    """What became of one split."""

    name: str
    rows: int  # with copies
    distinct: int  # without
    talks: int  # of them, those whose prompt holds earlier turns of an assistant
    paths: tuple[Path, ...]


def write_split(
    name: str, raw: Iterable[Mapping[str, Any]], wanted: Format, shards: Shards, left_out: LeftOut
) -> Split:
    """Write the rows of one split into `shards`."""
    distinct = talks = 0
    with shards:
        for row, shaped in _shaped(name, raw, wanted, left_out):
            shards.write(shaped | {"copies": row["copies"]})
            distinct += row["is_first"]
            talks += row["is_first"] and any(one["role"] == "assistant" for one in row["prompt"])
    return Split(name, shards.rows, distinct, talks, tuple(shards.paths))


def _shaped(
    split: str, raw: Iterable[Mapping[str, Any]], wanted: Format, left_out: LeftOut
) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    for row in raw:
        try:
            if row["refused"]:
                raise CannotSay(row["refused"])
            yield row, wanted.shape(read_row(row))
        except CannotSay as no:
            if row["is_first"]:
                left_out.add(split, row["id"], no.reason)
