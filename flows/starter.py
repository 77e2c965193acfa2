"""`flywheel init`: the files a new user starts from."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.errors import SettingsError
from schemas.settings import FlywheelSettings, SourceSettings
from schemas.settings_file import NAME
from schemas.task_types import SHIPPED

_ENV = """\
# Copy to .env, fill in, and load it into the environment: set -a; . ./.env; set +a
# Secrets stay out of flywheel.toml.

# key of the strong model's server
FLYWHEEL_API_KEY=

# any long random text: turns users into keys that nobody can turn back; never change it
FLYWHEEL_USER_KEY=
"""


def write_starter(folder: Path) -> list[Path]:
    """Write flywheel.toml, task_types.toml and .env.example, and make the folder for logs.

    Raises:
        SettingsError: one of them is there already; nothing is written.
    """
    texts = {
        NAME: starter_toml(),
        "task_types.toml": SHIPPED.read_text(encoding="utf-8"),
        ".env.example": _ENV,
    }
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise SettingsError(
            f"{folder / there[0]} is there already. Remove it, or choose another folder."
        )
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def starter_toml() -> str:
    """Return a flywheel.toml with every setting, its default and its meaning, commented out.

    What a new user must look at, sources and the strong model, is not commented out.
    """
    model = FlywheelSettings.model_fields
    top = [
        line
        for name, field in model.items()
        if not _is_section(field)
        for line in _top(name, field)
    ]
    source = ["", "[[sources]]", *_lines(SourceSettings, live=True)]
    return "\n".join([_HEAD, *top, *source, *_sections(FlywheelSettings), ""])


_HEAD = """\
# Settings of the flywheel. Every key is optional; a line that starts with `# ` and a key shows its
# default. FLYWHEEL_<SECTION>__<KEY> variables override, flags override those. Relative paths start
# at this file.
"""


def _sections(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Yield the tables in `model`, each with those in it after its keys."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from ("", f"[{above}{name}]", *_lines(inner, live=name == "llm"))
            yield from _sections(inner, f"{above}{name}.")


def _is_section(field: FieldInfo) -> bool:
    kind = field.annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _top(name: str, field: FieldInfo) -> list[str]:
    if name == "sources":
        return []
    if name == "task_types":
        return [f'task_types = "task_types.toml"  # {field.description}']
    return [_line(name, field, live=False)]


def _lines(model: type[BaseModel], *, live: bool) -> Iterator[str]:
    must = {"name", "path", "base_url", "model"} if live else set()
    for name, field in model.model_fields.items():
        if not _is_section(field):
            yield _line(name, field, live=name in must)


def _line(name: str, field: FieldInfo, *, live: bool) -> str:
    default = _toml(field.default)
    shown = f"{name} = {default}" if default is not None else f"{name} ="
    return f"{'' if live else '# '}{shown}  # {field.description}"


def _toml(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(str(_toml(item)) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f'"{key}" = {_toml(item)}' for key, item in value.items()) + "}"
    return str(value) if isinstance(value, int | float) else f'"{value}"'
