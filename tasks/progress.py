"""Progress bars on a terminal; silence everywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from tasks.adapters.calls import Reply

_COLUMNS = (
    TextColumn("{task.description:<24}"),
    BarColumn(),
    TaskProgressColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.fields[note]}"),
)


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Show how much of `total` is done; call it with how much more, and a note."""
    console = Console(stderr=True)
    with Progress(
        *_COLUMNS, console=console, disable=not console.is_terminal, transient=True
    ) as bars:
        bar = bars.add_task(label, total=total, note="")
        yield lambda more, note: bars.update(bar, advance=more, note=note)


@contextmanager
def progress_of_replies(label: str, total: int) -> Iterator[Callable[["Reply"], None]]:
    """Show how many of `total` calls are answered and what they are worth; call it with each."""
    done, usd = 0, 0.0
    with progress(label, total) as advance:

        def on_reply(reply: "Reply") -> None:
            nonlocal done, usd
            done, usd = done + 1, usd + (reply.cost_usd or 0.0)
            advance(1, f"{done} of {total} answered, worth {usd:.4f} USD")

        yield on_reply
