"""Options that many commands share."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import SettingsError

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file; default ./flywheel.toml")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs")]
Estimate = Annotated[
    bool, typer.Option("--estimate", help="Only say what it would buy; nothing is sent")
]


def day_of(text: str, flag: str) -> date:
    """Read a UTC day.

    Raises:
        SettingsError: it is none; the message names the flag.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{flag} {text!r} is no day; write it as 2026-03-02.") from None
