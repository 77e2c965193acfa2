"""The formats that a dataset can be exported in."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.errors import SettingsError
from tasks.exports import shapes
from tasks.exports.columns import OBJECTS, PAIRS, TEXT, TRUTH, TURNS, WHOLE, WORDS, Column
from tasks.exports.openai_lines import openai
from tasks.exports.rows import Row


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is written; messages, in `said`, are words or objects as the rows need."""

    shape: Callable[[Row], shapes.Shaped]
    columns: dict[str, Column]
    said: tuple[str, ...] = ()
    tools: Column | None = None  # of the column `tools`; None = the format has none
    query: str = "export_rows"
    lines_only: bool = False  # its reader takes JSON lines without further columns, nothing else
    ranked: bool = False  # rows are preferences: no copies


FORMATS: dict[str, Format] = {
    "messages": Format(shapes.messages, {"id": TEXT}, ("messages",), TEXT),
    "prompt-completion": Format(
        shapes.prompt_completion, {"id": TEXT}, ("prompt", "completion"), TEXT
    ),
    "alpaca": Format(
        shapes.alpaca,
        {
            **dict.fromkeys(("id", "instruction", "input", "output", "system"), TEXT),
            "history": PAIRS,
        },
    ),
    "sharegpt": Format(
        shapes.sharegpt, {"id": TEXT, "conversations": TURNS, "system": TEXT, "tools": TEXT}
    ),
    "openai": Format(openai, {"messages": OBJECTS}, (), OBJECTS, lines_only=True),
    "dpo": Format(
        shapes.dpo,
        {"id": TEXT, "why": TEXT},
        ("prompt", "chosen", "rejected"),
        TEXT,
        query="export_dpo",
        ranked=True,
    ),
    "kto": Format(
        shapes.kto,
        {"id": TEXT, "label": TRUTH},
        ("prompt", "completion"),
        TEXT,
        query="export_kto",
        ranked=True,
    ),
}


def format_of(name: str) -> Format:
    """Return the format that is called `name`.

    Raises:
        SettingsError: there is none.
    """
    if name not in FORMATS:
        raise SettingsError(f"--format {name}: wanted {' or '.join(FORMATS)}.")
    return FORMATS[name]


def columns_of(wanted: Format, *, tools: bool, words: bool, once: bool) -> dict[str, Column]:
    """Return the columns of every row.

    Args:
        wanted: the format.
        tools: some row of the dataset has tools.
        words: all its messages are nothing but words.
        once: rows are written once, with the column `copies`.
    """
    said = {name: WORDS if words else OBJECTS for name in wanted.said}
    offered = {"tools": wanted.tools} if tools and wanted.tools else {}
    return {**wanted.columns, **said, **offered, **({"copies": WHOLE} if once else {})}
