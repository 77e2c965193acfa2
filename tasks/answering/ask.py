"""Ask each endpoint for its answers. Caps hold over all of them, as the store adds up a run."""

from collections.abc import Iterator
from pathlib import Path

from schemas.errors import ModelError
from schemas.run import Run
from tasks.adapters import calls
from tasks.adapters.budget import Budget
from tasks.adapters.prices import prices_of
from tasks.answering.units import Unit, by_endpoint
from tasks.call_progress import progress_of_calls


def replies(units: list[Unit], warehouse: Path, run: Run) -> Iterator[tuple[Unit, calls.Reply]]:
    """Yield every unit with its reply, one endpoint after the other.

    Raises:
        ModelError: an endpoint that is needed is not set.
        SettingsError: a cap in USD, and an endpoint whose model has no price.
    """
    groups = by_endpoint(units)
    for name in groups:
        _check(name, run)
    for name, group in groups.items():
        label = f"answer at {name}" if name else "answer"
        requests = (unit.request for unit in group)
        with progress_of_calls(label, len(group)) as watch:
            replied = calls.ask(warehouse, at_endpoint(run, name), requests, watch)
            yield from zip(group, replied, strict=True)


def at_endpoint(run: Run, name: str) -> Run:
    """Return the run as one that asks a named endpoint; its name and caps are the same."""
    llm = run.cfg.llm.endpoint(name)
    return run.model_copy(update={"cfg": run.cfg.model_copy(update={"llm": llm})})


def _check(name: str, run: Run) -> None:
    """Refuse what would stop the run after other endpoints had been paid."""
    there = at_endpoint(run, name)
    if not there.cfg.llm.is_set:
        where = f"[llm.endpoints.{name}]" if name else "[llm]"
        raise ModelError(
            f"no strong model is set. Set {where} base_url and model in flywheel.toml; "
            "`flywheel demo-teacher` serves a scripted one to try things out."
        )
    Budget(there, prices_of(there.cfg.llm))
