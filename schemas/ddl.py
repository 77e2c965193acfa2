"""The .sql files of this folder, read as data: tables, columns, comments, views, migrations."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

_FOLDER = files("schemas")
_COLUMN = re.compile(
    r'^    "?(?P<name>\w+)"?\s+(?P<type>.+?),?\s*-- (?P<private>private: )?(?P<comment>.+)$'
)
_NEARLY_PRIVATE = re.compile(r"private ?[^\w ]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, as its .sql declares it."""

    name: str
    type: str  # DuckDB type without NOT NULL and compression
    nullable: bool
    comment: str
    private: bool  # never copied to the published file


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `sql` creates it."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    sql: str

    @property
    def public(self) -> tuple[str, ...]:
        """Names of the columns that analysts get."""
        return tuple(column.name for column in self.columns if not column.private)


@dataclass(frozen=True, slots=True)
class View:
    """One view; `sql` creates or replaces it and its comments."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change to the shape of a store."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Checksum of the file's text."""
        return sha256(self.sql.encode()).hexdigest()


@cache
def tables() -> dict[str, Table]:
    """Return every table by name."""
    return {name: parse_table(name, sql) for name, sql in _sql_files("tables")}


@cache
def views() -> tuple[View, ...]:
    """Return every view, in an order in which each only needs the ones before it."""
    return tuple(View(name.split("_", 1)[1], sql) for name, sql in _sql_files("views"))


@cache
def migrations() -> tuple[Migration, ...]:
    """Return every migration, oldest first."""
    return tuple(Migration(int(name[:3]), name, sql) for name, sql in _sql_files("migrations"))


@cache
def query(name: str) -> str:
    """Return the text of `schemas/queries/<name>.sql`."""
    return (_FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def parse_table(name: str, sql: str) -> Table:
    """Read a table's .sql: comment lines, CREATE TABLE, then one line per column.

    Raises:
        ValueError: a column without a comment, or one whose comment nearly says `private: `;
            either would be published without anybody having thought of it.
    """
    head, body = sql.split("CREATE TABLE", 1)
    comment = " ".join(line.removeprefix("-- ") for line in head.strip().splitlines())
    lines = body.rstrip().removesuffix(");").splitlines()[1:]
    return Table(name, comment, tuple(_column(line) for line in lines), sql)


def _sql_files(folder: str) -> list[tuple[str, str]]:
    found: list[Traversable] = [f for f in (_FOLDER / folder).iterdir() if f.name.endswith(".sql")]
    return [
        (f.name[:-4], f.read_text(encoding="utf-8")) for f in sorted(found, key=lambda f: f.name)
    ]


def _column(line: str) -> Column:
    match = _COLUMN.match(line)
    if match is None:
        raise ValueError(f"a column line needs a name, a type and a comment: {line!r}")
    if match["private"] is None and _NEARLY_PRIVATE.match(match["comment"]):
        raise ValueError(f"a column is kept from analysts by `-- private: ` exactly: {line!r}")
    kind = match["type"].replace(" USING COMPRESSION zstd", "")
    return Column(
        name=match["name"],
        type=kind.removesuffix(" NOT NULL").strip(),
        nullable=not kind.endswith(" NOT NULL"),
        comment=match["comment"],
        private=match["private"] is not None,
    )


def quoted(text: str) -> str:
    """Return `text` as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
