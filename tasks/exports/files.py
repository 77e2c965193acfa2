"""Files of an export: JSON lines or Parquet, in shards that are named as on the Hub."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from tasks.exports.columns import Column
from tasks.exports.shapes import dump

_ROW_GROUP = 2_000
# legal in JSON, but `str.splitlines` and readers like it would cut a line there
_BREAKS = {ord(one): f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"}


class Sink(Protocol):
    """One open file."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row."""

    def close(self) -> None:
        """Write what is left."""


class Lines:
    """JSON lines in UTF-8; every script stands as it is."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a line."""
        line = dump(row)
        if not line.isascii():
            line = line.translate(_BREAKS)
        self._file.write(line + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Table:
    """Parquet with declared types, a row group at a time."""

    def __init__(self, path: Path, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self._schema = pa.schema([(name, column.arrow) for name, column in columns.items()])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Mapping[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) == _ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write the last rows and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        arrays = [
            column.array([row.get(name) for row in self._rows])
            for name, column in self._columns.items()
        ]
        if self._rows:
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []


class Shards:
    """One split as files of at most `rows_per_file` rows: SPLIT-00000-of-00003.jsonl."""

    def __init__(
        self, folder: Path, split: str, columns: Mapping[str, Column], *, parquet: bool, size: int
    ) -> None:
        self._folder, self._split, self._columns, self._size = folder, split, columns, size
        self._parquet, self.rows, self.paths = parquet, 0, list[Path]()
        self._open = ExitStack()
        self._sink: Sink | None = None

    def __enter__(self) -> Self:
        self._next()
        return self

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a row, in a new file where the last one is full."""
        if self.rows and self.rows % self._size == 0:
            self._next()
        assert self._sink is not None
        self._sink.write({name: row[name] for name in self._columns if name in row})
        self.rows += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._open.close()
        if kind is None:
            self.paths = [self._named(at, path) for at, path in enumerate(self.paths)]

    def _next(self) -> None:
        self._open.close()
        path = self._folder / f"{self._split}-{len(self.paths):05}"
        self.paths.append(path)
        self._sink = Table(path, self._columns) if self._parquet else Lines(path)
        self._open.callback(self._sink.close)

    def _named(self, at: int, path: Path) -> Path:
        end = "parquet" if self._parquet else "jsonl"
        return path.rename(path.with_name(f"{self._split}-{at:05}-of-{len(self.paths):05}.{end}"))
