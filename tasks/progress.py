"""Progress bars on a terminal; silence everywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

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
