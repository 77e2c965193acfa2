"""Prompt texts, one versioned file each: a changed text gets a new file name."""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

from schemas.errors import SettingsError


@cache
def template(name: str) -> str:
    """Return the text of `tasks/templates/<name>.txt`."""
    return (files("tasks.templates") / f"{name}.txt").read_text(encoding="utf-8").strip()


def answer_template(name: str, folder: Path | None) -> str:
    """Return the text of a template for answers: one that ships, or one of the user's `folder`.

    Raises:
        SettingsError: there is none of that name, it cannot be read or says nothing, or it has
            the name of one that ships.
    """
    shipped, own = _shipped(), _own(folder)
    if name in shipped and name in own:
        raise SettingsError(
            f"{folder}/{name}.txt has the name of a template that ships. Rename it: a name and "
            "version stand for one text."
        )
    if name in shipped:
        return template(name)
    if name in own:
        return _text(own[name])
    near = get_close_matches(name, [*shipped, *own], n=1, cutoff=0)[0]
    place = folder or "answer.templates, which is not set"
    raise SettingsError(f"no template {name!r} in {place}. The nearest is {near!r}.")


def _shipped() -> list[str]:
    names = (file.name for file in files("tasks.templates").iterdir())
    return sorted(name[: -len(".txt")] for name in names if name.startswith("answer_"))


def _own(folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise SettingsError(f"answer.templates: {folder} is no folder. Make it, or unset the key.")
    return {path.stem: path for path in sorted(folder.glob("*.v*.txt"))}


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    if not text:
        raise SettingsError(f"{path} is empty. A template is what the system message begins with.")
    return text
