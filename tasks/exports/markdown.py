"""A frame as a table of Markdown."""

import polars as pl


def table(rows: pl.DataFrame) -> str:
    """Write a table with a line per row; null is an empty cell."""
    lines = [rows.columns, ["---"] * rows.width, *rows.iter_rows()]
    return "\n".join("| " + " | ".join(_cell(one) for one in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
