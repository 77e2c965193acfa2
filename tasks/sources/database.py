"""Ask a database, read-only and row by row; what goes wrong is one line without a password."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources.addresses import from_environment
from tasks.sources.tables import unique_names

_ROWS = 500  # fetched at once
_WAIT_S = 10  # for a server to answer at all
_DRIVERS = {
    **dict.fromkeys(("postgres", "postgresql", "postgresql+asyncpg"), "postgresql+psycopg"),
    **dict.fromkeys(("mysql", "mysql+aiomysql"), "mysql+pymysql"),
    "mariadb": "mariadb+pymysql",
    "sqlite+aiosqlite": "sqlite",
}
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_MYSQL = ("SET time_zone = '+00:00'", "SET SESSION TRANSACTION READ ONLY")
_IN_UTC_AND_READ_ONLY = {
    "postgresql": ("SET TIME ZONE 'UTC'", "SET default_transaction_read_only = on"),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": ("PRAGMA query_only = ON",),
}


class Database:
    """The database of a source; each question has a connection of its own."""

    def __init__(self, source: SourceSettings) -> None:
        """Prepare to ask the database that `source` names.

        Raises:
            SourceError: the address is wrong, or the driver is missing.
        """
        self._name = f"source {source.name!r}"
        self._url = _url(source, self._name)
        self.kind = self._url.get_backend_name()
        with self._told("its driver cannot be used", "url"):
            self._engine = _engine(self._url)

    def rows(self, query: str, values: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Yield the rows of a SELECT as {column: value}, a few hundred in memory at once.

        Raises:
            SourceError: the database cannot be reached, or the query fails.
        """
        with self._told(f"cannot connect to {_place(self._url)}", "url"):
            connection = self._engine.connect()
        with connection, self._told("the query fails", "query"):
            asked = connection.execution_options(stream_results=True, yield_per=_ROWS)
            found = asked.execute(text(query), dict(values))
            names = unique_names(list(found.keys()))
            for row in found:
                yield dict(zip(names, row, strict=True))

    @contextmanager
    def _told(self, what: str, key: str) -> Iterator[None]:
        try:
            yield
        except NoSuchModuleError:
            raise SourceError(
                f"{self._name}: unknown database {self._url.drivername!r}; wanted postgresql, "
                "mysql, mariadb, sqlite or another that SQLAlchemy knows. Fix `url`."
            ) from None
        except ImportError as error:
            extra = _EXTRAS.get(self.kind)
            missing = f"'sft-flywheel[{extra}]'" if extra else error.name
            raise SourceError(f"{self._name}: {what}. Run `pip install {missing}`.") from None
        except SQLAlchemyError as error:
            said = _first_line(error, self._url.password)
            raise SourceError(f"{self._name}: {what}: {said}. {_FIX[key]}") from None


_FIX = {
    "url": "Check `url` in flywheel.toml, and that the server runs.",
    "query": "Fix `query` in flywheel.toml.",
}


def _url(source: SourceSettings, name: str) -> URL:
    """Return the address, with its secrets.

    Raises:
        SourceError: it is not set, is none, or names a SQLite file that is not there.
    """
    address = os.environ.get(source.url_env, "") if source.url_env else from_environment(source.url)
    if not address:
        raise SourceError(f"{name}: the environment variable {source.url_env} is not set. Set it.")
    try:
        url = make_url(address)
        known = "@" not in (url.host or "")
    except (ArgumentError, ValueError):  # whose text may hold the password
        known = False
    if not known:
        raise SourceError(
            f"{name}: its url is no address as postgresql://user:password@host/database, with "
            "special characters as %40. Write ${NAME} for the password, which needs no escaping."
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    file = url.database or ""
    if url.get_backend_name() == "sqlite" and not file.startswith("file:"):
        _check_there(file, name)
    return url


def _check_there(file: str, name: str) -> None:
    if not Path(file).is_file():
        raise SourceError(f"{name}: no SQLite file {file!r}. Fix `url` in flywheel.toml.")


def _engine(url: URL) -> Engine:
    waits = url.get_backend_name() in _EXTRAS and "connect_timeout" not in url.query
    options = {"connect_timeout": _WAIT_S} if waits else {}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=options)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for statement in _IN_UTC_AND_READ_ONLY.get(url.get_backend_name(), ()):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


def _place(url: URL) -> str:
    server = ":".join(str(part) for part in (url.host, url.port) if part)
    return "/".join(part for part in (server, url.database) if part)


def _first_line(error: SQLAlchemyError, password: object) -> str:
    """Return what the database says, without a password and without values of the table."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    line = (str(cause).strip() or type(cause).__name__).splitlines()[0].rstrip(".")
    if isinstance(error, DataError):
        line = re.sub(r'"[^"]*"', '"..."', line)
    return line.replace(str(password), "***") if password else line
