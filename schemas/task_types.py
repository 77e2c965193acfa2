"""The closed list of task types: areas, their kinds, and what is known of each kind."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from schemas.errors import TaxonomyError
from schemas.patterns import any_of
from schemas.release_settings import EXTRA

UNKNOWN = "unknown/unknown"  # the tag of a prompt that fits no kind; never in the list itself
_TAKEN = {"unknown": "the tag of what fits nowhere", "all": "the verdict over all task types"}
_TAKEN |= {EXTRA: "that of sets under [[dataset.extra]]"}
SHIPPED = files("schemas") / "task_types.toml"


def _any_case(*keywords: str) -> str:
    return "(?i)" + any_of(*keywords)


def _usable(pattern: str) -> str:
    """Return `pattern` if the engine that will run it accepts it and it needs some text."""
    try:
        fires_on_nothing = pl.Series([""]).str.contains(_any_case(pattern)).item()
    except pl.exceptions.ComputeError as error:
        said = re.search(r"^error: (.+)$", str(error), re.MULTILINE)
        raise ValueError(
            f"{pattern!r} is not a regular expression of Rust's regex crate, which has no "
            f"look-around and no back-references: {said[1] if said else error}"
        ) from None
    if fires_on_nothing:
        raise ValueError(f"{pattern!r} fires on every text; make it need at least one character")
    return pattern


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
CheckName = Annotated[str, Field(pattern=r"^-?[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(pattern=r"\S")]
Keyword = Annotated[str, AfterValidator(_usable)]


class Kind(BaseModel):
    """One kind of task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: Name
    name: Name
    description: Text = Field(description="One English sentence; the strong model reads it")
    answer_style: Literal["short", "long"] = Field(
        description="short: different prompts may well have the same answer"
    )
    examples: tuple[Text, ...] = Field(min_length=1, description="Prompts of this kind")
    difficulty: int = Field(3, ge=1, le=5, description="1: any model can; 5: few models can")
    weight: float = Field(
        1.0, ge=0, allow_inf_nan=False, description="Share of a mix beside kinds of weight 1"
    )
    reasoning: bool = Field(False, description="Asking for reasoning makes the answers better")
    checks: tuple[CheckName, ...] = Field(
        ("general",), description="Names of the checks that answers must pass"
    )
    keywords: tuple[Keyword, ...] = Field((), description="Case-insensitive regular expressions")

    @model_validator(mode="after")
    def _keywords_fit_together(self) -> Self:
        try:
            pl.Series([""]).str.contains(self.pattern)
        except pl.exceptions.ComputeError:
            raise ValueError("the keywords are too large for one pattern; shorten some") from None
        return self

    @property
    def pattern(self) -> str:
        """All keywords as one regular expression."""
        return _any_case(*self.keywords)

    @property
    def label(self) -> str:
        """The kind as the strong model knows it: `area/name`."""
        return f"{self.area}/{self.name}"


class TaskTypes(BaseModel):
    """One version of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1, le=2**31 - 1, description="Raise it with every change to the list")
    kinds: Mapping[str, Kind] = Field(min_length=1, description="By label, in file order")
    aliases: Mapping[str, str] = Field({}, description="Former label to the label of today")

    def __hash__(self) -> int:
        """Let what is made of a list be kept for the next time: pydantic hashes no mapping."""
        kinds, aliases = frozenset(self.kinds.values()), frozenset(self.aliases.items())
        return hash((self.version, kinds, aliases))

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label in file order; UNKNOWN is not among them."""
        return tuple(self.kinds)

    @property
    def short(self) -> frozenset[str]:
        """The labels, former ones too, whose answers may well be the same for other prompts."""
        known = {label: self.resolve(label) for label in (*self.kinds, *self.aliases)}
        return frozenset(
            label for label, now in known.items() if now and self.kinds[now].answer_style == "short"
        )

    def resolve(self, label: str) -> str | None:
        """Return the label of the list that a stored label stands for; None = ask again.

        UNKNOWN is no label of the list: a longer list may have a kind for what fitted none.
        """
        while label not in self.kinds and label in self.aliases:
            label = self.aliases[label]
        return label if label in self.kinds else None


def load(path: Path | None = None) -> TaskTypes:
    """Read a task_types.toml: `version`, then a table `[kinds.AREA.NAME]` per kind.

    Without a path, read the one that ships.

    Raises:
        TaxonomyError: the file cannot be read, or something in it is wrong; the message names the
            file, the kind, what was seen and what to do.
    """
    source = path or SHIPPED
    try:
        return _read(source.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise TaxonomyError(
            f"{source}: {error.strerror}. Fix `task_types` in flywheel.toml, or unset it."
        ) from None
    except ValueError as error:
        raise TaxonomyError(f"{source}: {error}") from None


@lru_cache(maxsize=8)  # every stage reads it, and checking its keywords takes a quarter of a second
def _read(text: str) -> TaskTypes:
    return _task_types(_toml(text))


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        twice = re.search(r"Cannot declare \('kinds', '(.+)', '(.+)'\) twice (.+)", str(error))
        if twice is None:
            raise ValueError(f"not TOML: {error}") from None
        raise ValueError(f"{twice[1]}/{twice[2]} is declared twice {twice[3]}; drop one") from None


def _task_types(table: dict[str, Any]) -> TaskTypes:
    _refuse_unknown_keys("the top level", table, TaskTypes.model_fields)
    areas = _table("kinds", table.get("kinds"))
    kinds = [
        _kind(area, name, _table(f"{area}/{name}", body))
        for area, names in areas.items()
        for name, body in _table(area, names).items()
    ]
    _refuse_shared_keywords(kinds)
    by_label = {kind.label: kind for kind in kinds}
    aliases = table.get("aliases", {})
    try:
        types = TaskTypes(version=table.get("version", 0), kinds=by_label, aliases=aliases)
    except ValidationError as error:
        raise ValueError(first_mistake(error)) from None
    _refuse_dead_aliases(types)
    return types


def _table(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{name} is empty or no table; write `[kinds.AREA.NAME]` and its keys")
    return value


def _kind(area: str, name: str, body: dict[str, Any]) -> Kind:
    label = f"{area}/{name}"
    if area in _TAKEN:
        raise ValueError(f"{label}: the area `{area}` is {_TAKEN[area]}; rename it")
    _refuse_unknown_keys(label, body, Kind.model_fields.keys() - {"area", "name"})
    try:
        return Kind(area=area, name=name, **body)
    except ValidationError as error:
        raise ValueError(f"{label}: {first_mistake(error)}") from None


def _refuse_unknown_keys(where: str, body: dict[str, Any], known: Iterable[str]) -> None:
    unknown = next((key for key in body if key not in known), None)
    if unknown is not None:
        near = get_close_matches(unknown, sorted(known), n=1, cutoff=0)[0]
        raise ValueError(f"{where}: unknown key {unknown!r}; the nearest known one is {near!r}")


def _refuse_shared_keywords(kinds: list[Kind]) -> None:
    owners: dict[str, str] = {}
    for kind in kinds:
        for keyword in kind.keywords:
            owner = owners.setdefault(keyword, kind.label)
            if owner != kind.label:
                raise ValueError(
                    f"{kind.label}: the keyword {keyword!r} is a duplicate of one of {owner}; "
                    "drop one, because a tie between two kinds tags nothing"
                )


def _refuse_dead_aliases(types: TaskTypes) -> None:
    for old in types.aliases:
        if old in types.kinds:
            raise ValueError(f"aliases: {old} is a kind of the list; drop the alias or the kind")
        path = [old]
        while path[-1] in types.aliases:
            path.append(types.aliases[path[-1]])
            if path[-1] in path[:-1]:
                raise ValueError(f"aliases: {' -> '.join(path)} is a loop; end it in a kind")
        if path[-1] not in types.kinds:
            near = get_close_matches(path[-1], types.labels, n=1, cutoff=0)[0]
            raise ValueError(
                f"aliases: {old} leads to {path[-1]}, which is no kind of the list; "
                f"the nearest is {near}"
            )


def first_mistake(error: ValidationError) -> str:
    """Say the first mistake in one line: where, what was wanted, what was seen."""
    mistake = error.errors()[0]
    where = ".".join(str(part) for part in mistake["loc"])
    wanted = mistake["msg"].removeprefix("Value error, ")
    return f"{where}: {wanted} (got {mistake['input']!r})"
