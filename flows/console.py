"""How the command line looks: quiet Prefect, one log line per stage, tables."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 160  # columns of a table that no terminal limits


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPE_WIDTH
    return console


out, err = _console(stderr=False), _console(stderr=True)


class _Plain(logging.Handler):
    """Print each line as it is, above any progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        err.print(self.format(record), soft_wrap=True)


def quiet_surroundings(var: Path) -> None:
    """Keep everything under `var`, call nobody unasked, and leave the talking to us.

    Must run before Prefect is imported.
    """
    var.mkdir(mode=0o711, parents=True, exist_ok=True)
    (var / "prefect").mkdir(mode=0o700, exist_ok=True)
    defaults = {
        "PREFECT_HOME": str(var / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",  # a mistake is one line of ours, a bug a traceback
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_CLI_PROMPT": "false",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    log = logging.getLogger("flywheel")
    log.setLevel(logging.INFO)
    if not log.handlers:
        log.addHandler(_Plain())
    log.propagate = False


def starting() -> None:
    """Say why nothing is seen for a while; once, as the server stays until this process ends."""
    global _started  # noqa: PLW0603
    if not _started:
        err.print("starting Prefect's embedded server (6 to 12 s) ...")
    _started = True


_started = False


def table(rows: pl.DataFrame, title: str | None = None) -> None:
    """Print a frame as a table; numbers to the right."""
    shown = Table(title=title, title_justify="left", title_style="bold")
    for name, kind in rows.schema.items():
        shown.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in rows.iter_rows():
        shown.add_row(*(_cell(value) for value in row))
    out.print(shown)


def raw(text: str) -> None:
    """Write text that a program may read, unchanged."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
