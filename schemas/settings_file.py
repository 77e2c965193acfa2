"""Read settings from flywheel.toml, FLYWHEEL_* variables and flags; say where a mistake is."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas import task_types
from schemas.answer_settings import AnswerSettings, KindSettings
from schemas.errors import SettingsError
from schemas.filter_settings import FilterSettings
from schemas.model_settings import EndpointSettings
from schemas.release_settings import DatasetSettings, TrainSettings
from schemas.settings import FlywheelSettings, SourceSettings

NAME = "flywheel.toml"
_PREFIX = "FLYWHEEL_"
# what pydantic calls by the names of Python, as flywheel.toml writes it
_WANTED = {
    "tuple_type": 'Input should be a list, as ["a", "b"]; tables of a list are headed [[sources]]',
    "model_type": "Input should be a section, as [filter], with its keys below",
}
_ITEMS: dict[tuple[str, ...], type[BaseModel]] = {  # whose names or numbers the user gives
    ("sources",): SourceSettings,
    ("answer", "kinds"): KindSettings,
    ("llm", "endpoints"): EndpointSettings,
}
_PASSWORD = re.compile(r"(?<=:)[^:/@\s]+(?=@)|(?<=password=)[^&'\s]+")
_SECRETS = frozenset({"FLYWHEEL_USER_KEY", "FLYWHEEL_API_KEY"})


def load(
    path: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> FlywheelSettings:
    """Return the settings of `path`, overridden by variables, overridden by flags.

    Args:
        path: a flywheel.toml; without one, that of the current folder, or only defaults.
        flags: dotted setting -> value, as `{"caps.max_calls": 10}`; None leaves it alone.
        environ: FLYWHEEL_<SECTION>__<KEY> variables are settings, as FLYWHEEL_LLM__MODEL.

    Raises:
        SettingsError: a file that is missing or no TOML, an unknown key or a wrong value; the
            message names where it stands and the nearest known key.
    """
    file = (path or Path(NAME)).absolute()
    values = _toml(file) if path or file.exists() else {}
    origin: dict[tuple[str, ...], str] = {(): str(path or NAME)}
    for name, where in _variables(environ):
        origin[where] = name
        _put(values, where, _structured(environ[name]))
    for name, value in (flags or {}).items():
        if value is not None:
            where = tuple(name.split("."))
            origin[where] = f"--{where[-1].replace('_', '-')}"
            _put(values, where, value)
    try:
        settings = FlywheelSettings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explained(error, origin)) from None
    _check_votes(settings, path or Path(NAME))
    settings = rooted(settings, file.parent)
    check_kinds(settings)
    return settings


def _check_votes(settings: FlywheelSettings, path: Path) -> None:
    names = [source.name for source in settings.sources]
    for source in settings.sources:
        if source.votes_on and source.votes_on not in names:
            raise SettingsError(
                f"{path}: votes_on = {source.votes_on!r} of source {source.name!r} names no "
                f"source; there are: {', '.join(names)}."
            )


def check_kinds(settings: FlywheelSettings) -> None:
    """Look at the names that the sections of `[answer]` use.

    Raises:
        SettingsError: a task type or an endpoint that does not exist; the message names the
            nearest that does.
        TaxonomyError: there are such sections, and the list of task types cannot be read.
    """
    sections = {f'[answer.kinds."{label}"]': kind for label, kind in settings.answer.kinds.items()}
    for where, style in {"[answer]": settings.answer, **sections}.items():
        try:
            settings.llm.endpoint(style.endpoint)
        except SettingsError as error:
            raise SettingsError(f"{where}: {error}") from None
    if settings.answer.kinds:
        types = task_types.load(settings.task_types)
        for label in settings.answer.kinds:
            _check_label(label, types)


def _check_label(label: str, types: task_types.TaskTypes) -> None:
    areas = dict.fromkeys(f"{kind.area}/*" for kind in types.kinds.values())
    known = [*types.labels, *areas, task_types.UNKNOWN]
    if label not in known:
        near = types.resolve(label) or get_close_matches(label, known, n=1, cutoff=0)[0]
        raise SettingsError(
            f'[answer.kinds."{label}"]: no such task type. The nearest is {near!r}; '
            "`flywheel taxonomy check` reads the list."
        )


def rooted(settings: FlywheelSettings, folder: Path) -> FlywheelSettings:
    """Make relative paths start at `folder`, where flywheel.toml is."""
    sources = tuple(
        source.model_copy(
            update={
                "path": _address_from(folder, source.path),
                "url": _database_from(folder, source.url),
            }
        )
        for source in settings.sources
    )
    types = _from(folder, settings.task_types) if settings.task_types else None
    return settings.model_copy(
        update={
            "var": _from(folder, settings.var),
            "task_types": types,
            "sources": sources,
            "filter": _rooted_lists(settings.filter, folder),
            "answer": _rooted_templates(settings.answer, folder),
            "train": _rooted_training(settings.train, folder),
            "dataset": _rooted_sets(settings.dataset, folder),
        }
    )


def _rooted_lists(rules: FilterSettings, folder: Path) -> FilterSettings:
    lists = tuple(str(_from(folder, Path(path))) for path in rules.toxic_words)
    return rules.model_copy(update={"toxic_words": lists})


def _rooted_templates(answer: AnswerSettings, folder: Path) -> AnswerSettings:
    templates = _from(folder, answer.templates) if answer.templates else None
    return answer.model_copy(update={"templates": templates})


def _rooted_sets(dataset: DatasetSettings, folder: Path) -> DatasetSettings:
    sets = tuple(_from(folder, path) for path in dataset.keep_out)
    extra = tuple(one.model_copy(update={"path": _from(folder, one.path)}) for one in dataset.extra)
    return dataset.model_copy(update={"keep_out": sets, "extra": extra})


def _rooted_training(train: TrainSettings, folder: Path) -> TrainSettings:
    """Make paths start at `folder`; a base model that is no folder there is a hub's name."""
    base, config = train.base_model, train.accelerate_config
    if base and (folder / base).is_dir():
        base = str(folder / base)
    config = _from(folder, config) if config else None
    return train.model_copy(update={"base_model": base, "accelerate_config": config})


def keys(model: type[BaseModel] = FlywheelSettings, above: str = "") -> Iterator[str]:
    """Yield every dotted key that flywheel.toml may hold."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def _from(folder: Path, path: Path) -> Path:
    return folder / path.expanduser()


def _address_from(folder: Path, path: str) -> str:
    return path if "://" in path else str(_from(folder, Path(path)))


def _database_from(folder: Path, url: str) -> str:
    """Make the file of a SQLite database start at `folder`; other databases are no files."""
    scheme, found, path = url.partition(":///")
    is_file = found and scheme.startswith("sqlite") and path and not path.startswith((":", "file:"))
    return f"{scheme}:///{_from(folder, Path(path))}" if is_file else url


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"no {path}. `flywheel init` writes one.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}") from None


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = {_variable(key): tuple(key.split(".")) for key in keys()}
    for name in sorted(environ):
        if name in known:
            yield name, known[name]
        elif name.startswith(_PREFIX) and "__" in name and name not in _SECRETS:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{name} is no setting.{hint} `flywheel doctor` lists them.")


def _variable(key: str) -> str:
    return _PREFIX + key.replace(".", "__").upper()


def _put(values: dict[str, Any], where: tuple[str, ...], value: Any) -> None:
    *above, last = where
    for name in above:
        values = values.setdefault(name, {})
        if not isinstance(values, dict):
            return  # no section: that is the mistake to report
    values[last] = value


def _structured(text: str) -> Any:
    """Read a list or a table in a variable as flywheel.toml would: `["en", "zh"]`, `{a = 1}`."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explained(error: ValidationError, origin: Mapping[tuple[str, ...], str]) -> str:
    """Put the first mistake into one line: where, what was seen, what is wanted."""
    first = error.errors()[0]
    where = tuple(str(part) for part in first["loc"])
    dotted = ".".join(where)
    at = next(origin[where[:n]] for n in range(len(where), -1, -1) if where[:n] in origin)
    if first["type"] == "extra_forbidden":
        near = get_close_matches(dotted, _all_keys(where), n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"{at}: unknown key {dotted!r}.{hint} `flywheel doctor` lists the known ones."
    if first["type"] == "value_error":  # of a rule of ours: what was seen may be a secret
        return f"{at}: {dotted}: {first['ctx']['error']}."
    wanted = _WANTED.get(first["type"], first["msg"])
    return f"{at}: {dotted} = {_PASSWORD.sub('***', repr(first['input']))}: {wanted}."


def _all_keys(where: tuple[str, ...]) -> list[str]:
    """Return the known keys, those of an item of a list or table under the name that was seen."""
    for above, item in _ITEMS.items():
        name = ".".join(where[: len(above) + 1])
        if where[: len(above)] == above and len(where) > len(above) + 1:
            return [f"{name}.{key}" for key in item.model_fields]
    return [*keys(), *FlywheelSettings.model_fields]
