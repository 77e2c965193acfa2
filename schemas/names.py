"""Names that users give to datasets, models and eval sets."""

import re

from schemas.errors import SettingsError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def checked(name: str, what: str) -> str:
    """Return `name` if it can be a file name and part of an id.

    Raises:
        SettingsError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} is no name for {what}: wanted up to 100 letters, digits, dots, dashes and "
            "underscores, a letter or digit first."
        )
    return name
