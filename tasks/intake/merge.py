"""Put what was read into the store: the latest version of a chat wins, whatever came first."""

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts, ddl
from tasks.adapters import store
from tasks.intake.ids import hashed
from tasks.intake.manifest import NewBytes, mark
from tasks.intake.read import Slice


def merge(con: store.Connection, part: Slice, today: date) -> set[date]:
    """Merge a slice, within an open transaction; return the days it touched.

    A version of a chat is later when it was updated later, then when it is longer, then by
    record id: never by which one was read first. The chat begins when its first version began.
    """
    fallback = part.file.source.default_day or today
    _name_records(con, part.records, part.file.root)
    chats = [_timed(chat, fallback) for chat in part.chats]
    old = _stored(con, [chat["chat_id"] for chat in chats])
    winners = _latest([*old, *chats])
    store.upsert(con, "chats", contracts.frame("chats", winners), key="chat_id")
    days = {chat["chat_id"]: chat["day"] for chat in winners}
    first_given = _days_given(con, part.records)
    for row in part.records:
        day = days.get(row["chat_id"]) or first_given.get(row["record_id"]) or row["day"]
        row["day"] = day or fallback
    store.upsert(con, "records", contracts.frame("records", part.records), key="record_id")
    broken = [_broken(row) for row in part.quarantine]
    store.upsert(con, "quarantine", contracts.frame("quarantine", broken), key="record_id")
    _add_votes(con, part.votes)
    _move_records(con, days)
    return {row["day"] for row in [*old, *winners, *part.records]}


def release(con: store.Connection, file: NewBytes) -> None:
    """Prepare for reading `file`: what is read again must not count as another occurrence.

    A last line that was being written goes. Read from the start, the file gives up its places:
    records that it still has take them again under their old ids.
    """
    if file.torn:
        store.delete_where(con, "records", record_id=file.torn)
        store.delete_where(con, "quarantine", record_id=file.torn)
    if not file.offset:
        where = {"source": file.source.name, "path": file.shown}
        con.execute("UPDATE records SET path = '' WHERE source = $source AND path = $path", where)


def unsettle(con: store.Connection, days: set[date]) -> None:
    """Mark days whose chats have changed, in the same transaction: a kill must not hide them."""
    touched = pl.DataFrame({"day": sorted(days)}, {"day": pl.Date})
    with store.registered(con, touched, "touched"):
        con.execute(
            "UPDATE stage_runs SET stale = 'being pulled' "
            "WHERE stage = 'pull' AND day IN (SELECT day FROM touched)"
        )


def remember(con: store.Connection, part: Slice) -> None:
    """Write down how far the file has been read."""
    file = part.file
    row = {
        "source": file.source.name,
        "path": file.shown,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "mark": mark(file.path, part.read_to),
        "read_to": part.read_to,
        "torn": part.records[-1]["record_id"] if part.is_torn else None,
        "last_day": part.last_day,
    }
    store.delete_where(con, "pulled_files", source=row["source"], path=row["path"])
    store.insert(con, "pulled_files", contracts.frame("pulled_files", [row]))


def join_votes(con: store.Connection) -> None:
    """Let every vote find its chat: by record, by conversation, by session; mark conflicts."""
    for statement in ddl.query("join_votes").split(";\n"):
        if statement.strip():
            con.execute(statement)


def _stored(con: store.Connection, chat_ids: list[str]) -> list[dict[str, Any]]:
    wanted = pl.DataFrame({"chat_id": chat_ids}, schema={"chat_id": pl.String})
    with store.registered(con, wanted, "wanted"):
        return store.frame(con, "FROM chats SEMI JOIN wanted USING (chat_id)").to_dicts()


def _timed(chat: dict[str, Any], fallback: date) -> dict[str, Any]:
    """Give a chat without a time 00:00 of its fallback day; the store may know a better one."""
    chat = {**chat, "record_id": chat["record"]["record_id"]}
    if chat["day"] is not None:
        return {**chat, "timed": True}
    midnight = datetime.combine(fallback, time.min)
    return {
        **chat,
        "day": fallback,
        "started_at": midnight,
        "updated_at": chat["updated_at"] or midnight,
        "timed": False,
    }


def _latest(versions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per chat: its latest version, with the earliest time it began."""
    chats: dict[str, list[dict[str, Any]]] = {}
    for version in versions:
        chats.setdefault(version["chat_id"], []).append(version)
    return [_merged(of_chat) for of_chat in chats.values()]


def _merged(versions: list[dict[str, Any]]) -> dict[str, Any]:
    latest = max(versions, key=lambda v: (v["updated_at"], len(v["messages"]), v["record_id"]))
    # a day picked for want of a time gives way to a real one, and to the one picked first
    timed = [v for v in versions if v.get("timed", True)]
    began = min((v["started_at"] for v in timed), default=latest["started_at"])
    row = {name: latest[name] for name in contracts.schema("chats")}
    return {**row, "started_at": began, "day": began.date()}


def _name_records(con: store.Connection, rows: list[dict[str, Any]], root: Path) -> None:
    """Give each record its id: its digest and which occurrence of it this is.

    Occurrences that stand in a file now are taken; those of a file that is gone, or was rewritten,
    are free: a rotated log holds the same records under another name.
    """
    wanted = pl.DataFrame({"digest": [row["digest"] for row in rows]}, {"digest": pl.String})
    with store.registered(con, wanted.unique(), "wanted"):
        held = store.frame(
            con, "SELECT record_id, path FROM records SEMI JOIN wanted USING (digest)"
        )
    gone = [path for path in held["path"].unique() if not path or not (root / path).exists()]
    taken = set(held.filter(~pl.col("path").is_in(gone))["record_id"])
    for row in rows:
        ids = (hashed(row["digest"], nth) for nth in count(1))
        row["record_id"] = next(id_ for id_ in ids if id_ not in taken)
        taken.add(row["record_id"])


def _days_given(con: store.Connection, rows: list[dict[str, Any]]) -> dict[str, date]:
    """Return the days of records that the store has: chosen once, they stay."""
    ids = pl.DataFrame({"record_id": [row["record_id"] for row in rows]}, {"record_id": pl.String})
    with store.registered(con, ids, "wanted"):
        known = store.frame(
            con, "SELECT record_id, day FROM records SEMI JOIN wanted USING (record_id)"
        )
    return dict(known.iter_rows())


def _broken(row: dict[str, Any]) -> dict[str, Any]:
    record = row["record"]
    given = {name: record[name] for name in ("day", "record_id", "source")}
    return {**given, **{name: row[name] for name in ("location", "reason", "detail", "payload")}}


def _add_votes(con: store.Connection, votes: list[dict[str, Any]]) -> None:
    rows = contracts.frame("votes", list({vote["vote_id"]: vote for vote in votes}.values()))
    store.upsert(con, "votes", rows, key="vote_id")


def _move_records(con: store.Connection, days: dict[str, date]) -> None:
    """Let a chat that turned out to begin on another day take its records along."""
    moved = pl.DataFrame(
        {"chat_id": list(days), "day": list(days.values())}, {"chat_id": pl.String, "day": pl.Date}
    )
    with store.registered(con, moved, "moved"):
        con.execute("UPDATE records SET day = m.day FROM moved m WHERE records.chat_id = m.chat_id")
