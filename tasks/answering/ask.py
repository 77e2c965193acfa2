"""Ask each endpoint for its answers. Caps hold over all of them, as the store adds up a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from schemas.errors import ModelError
from schemas.run import Run
from tasks.adapters import calls
from tasks.adapters.budget import Budget
from tasks.adapters.prices import prices_of
from tasks.answering.style import Style
from tasks.call_progress import progress_of_calls


class Asked(Protocol):
    """Something to ask, and how: with which style, so at which endpoint."""

    @property
    def style(self) -> Style:
        """How."""

    @property
    def request(self) -> calls.Request:
        """What."""


A = TypeVar("A", bound=Asked)


def replies(
    units: list[A], warehouse: Path, run: Run, purpose: str = "answer"
) -> Iterator[tuple[A, calls.Reply]]:
    """Yield every unit with its reply, one endpoint after the other.

    Raises:
        ModelError: an endpoint that is needed is not set.
        SettingsError: a cap in USD, and an endpoint whose model has no price.
    """
    groups = by_endpoint(units)
    for name in groups:
        _check(name, run)
    for name, group in groups.items():
        label = f"{purpose} at {name}" if name else purpose
        requests = (unit.request for unit in group)
        with progress_of_calls(label, len(group)) as watch:
            replied = calls.ask(warehouse, at_endpoint(run, name), requests, watch)
            yield from zip(group, replied, strict=True)


def at_endpoint(run: Run, name: str) -> Run:
    """Return the run as one that asks a named endpoint; its name and caps are the same."""
    llm = run.cfg.llm.endpoint(name)
    return run.model_copy(update={"cfg": run.cfg.model_copy(update={"llm": llm})})


def can_be_asked(name: str, run: Run) -> bool:
    """Return whether an endpoint is set."""
    return run.cfg.llm.endpoint(name).is_set


def by_endpoint(units: list[A]) -> dict[str, list[A]]:
    """Return the units of each endpoint, by its name; empty: that of [llm] itself."""
    found: dict[str, list[A]] = {}
    for unit in units:
        found.setdefault(unit.style.endpoint, []).append(unit)
    return found


def _check(name: str, run: Run) -> None:
    """Refuse what would stop the run after other endpoints had been paid."""
    there = at_endpoint(run, name)
    where = f"[llm.endpoints.{name}]" if name else "[llm]"
    if there.cfg.llm.makes_vectors:
        raise ModelError(f'{where} has api = "embeddings": it gives no answers.')
    if not there.cfg.llm.is_set:
        raise ModelError(
            f"no strong model is set. Set {where} base_url and model in flywheel.toml; "
            "`flywheel demo-teacher` serves a scripted one to try things out; with teacher = "
            '"logged_only" under [answer] none is needed.'
        )
    Budget(there, prices_of(there.cfg.llm))
