"""Write the part of analysts.md that comes from the .sql files: `make docs`."""

from pathlib import Path

from schemas import ddl
from tasks.adapters import shape, store

PAGE = Path(__file__).parent / "analysts.md"
MARK = "<!-- tables -->\n"


def page() -> str:
    """Return analysts.md with its tables as the .sql files declare them."""
    written = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    sections = [_table(table) for table in ddl.tables().values()]
    return written + MARK + "\n" + "\n".join([*_views(), *sections])


def _table(table: ddl.Table) -> str:
    rows = [
        f"| {column.name} | {_short(column.type)} "
        f"| {'*private*: ' * column.private}{column.comment} |"
        for column in table.columns
    ]
    head = [f"### {table.name}", "", table.comment, "", "| column | type | |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _views() -> list[str]:
    con = store.connect()
    for table in ddl.tables().values():
        con.execute(table.sql)
    shape.create_views(con)
    comments = "SELECT comment FROM duckdb_views() WHERE view_name = $name"
    columns = (
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        "WHERE table_name = $name ORDER BY column_index"
    )
    sections = []
    for view in ddl.views():
        head = store.frame(con, comments, name=view.name).item()
        rows = store.frame(con, columns, name=view.name).iter_rows()
        lines = [f"| {name} | {_short(kind)} | {comment} |" for name, kind, comment in rows]
        start = [f"### {view.name} (view)", "", head, "", "| column | type | |", "|---|---|---|"]
        sections.append("\n".join([*start, *lines, ""]))
    return sections


def _short(kind: str) -> str:
    return "LIST of messages" if kind.startswith("STRUCT(role") else kind


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
