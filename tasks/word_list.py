"""Word lists that users bring."""

from pathlib import Path

from schemas.errors import SettingsError

_HINT = "Wanted: a UTF-8 text file with one word per line; fix the path, or leave it out."


def word_list(path: Path) -> list[str]:
    """Return the words of a file of `filter.toxic_words`, without blank lines and # comments.

    Raises:
        SettingsError: the file is missing, empty or no UTF-8; the message names the setting.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise SettingsError(f"filter.toxic_words: {path}: {error.strerror}. {_HINT}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"filter.toxic_words: {path} is not UTF-8. {_HINT}") from None
    stripped = (line.strip() for line in lines)
    words = [line for line in stripped if line and not line.startswith("#")]
    if not words:
        raise SettingsError(f"filter.toxic_words: {path} holds no word. {_HINT}")
    return words
