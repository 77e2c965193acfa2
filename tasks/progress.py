"""Progress bars on a terminal; silence everywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from tasks.adapters.calls import Reply

_COLUMNS = (
    TextColumn("{task.description:<24}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.fields[note]}"),
)


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[["Reply"], None]]:
    """Show how many of `total` calls are answered and what they cost; call it with each reply."""
    console = Console(stderr=True)
    usd = 0.0
    with Progress(
        *_COLUMNS, console=console, disable=not console.is_terminal, transient=True
    ) as bars:
        bar = bars.add_task(label, total=total, note="")

        def advance(reply: "Reply") -> None:
            nonlocal usd
            usd += reply.cost_usd or 0.0
            bars.update(bar, advance=1, note=f"{usd:.4f} USD")

        yield advance
