"""Put what was read into the store: the latest version of a chat wins, whatever came first."""

from collections.abc import Iterable
from datetime import date, datetime, time

import polars as pl

from schemas import contracts
from tasks.adapters import store
from tasks.intake.by_id import Row, delete, stored
from tasks.intake.manifest import mark
from tasks.intake.occurrences import name_records
from tasks.intake.read import Slice
from tasks.intake.votes import add_votes
from tasks.sources.timestamps import day_in


def merge(con: store.Connection, part: Slice, today: date) -> set[date]:
    """Merge a slice, within an open transaction; return the days it touched.

    A version of a chat is later when it was updated later, then when its record still stands in
    a log, then when it is longer, then by record id: never by which one was read first. The chat
    begins when its first version began. A version without a time gives way to one that has one.
    """
    default = part.file.source.default_day
    named = None if default else day_in(part.file.path.as_posix().rpartition("/")[2])
    fallback = default or named or today
    name_records(con, part.records, part.file)
    old = stored(con, "chats", part.chats, "chat_id")
    chats = _latest([*_standing(con, old), *_timed(part.chats, old, named, fallback)])
    before = stored(con, "records", part.records, "record_id")
    _give_days(part.records, chats, before, fallback)
    store.upsert(con, "chats", contracts.frame("chats", chats), key="chat_id")
    store.upsert(con, "records", contracts.frame("records", part.records), key="record_id")
    _replace_quarantine(con, part)
    add_votes(con, part.votes)
    _move_records(con, chats)
    return {row["day"] for row in [*old, *chats, *before, *part.records]}


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
        "size": file.size if part.is_last else 0,  # 0: the rest of it is still new
        "mtime_ns": file.mtime_ns,
        "mark": mark(file, part.read_to),
        "read_to": part.read_to,
        "torn": part.records[-1]["record_id"] if part.is_torn else None,
        "last_day": part.last_day,
    }
    store.delete_where(con, "pulled_files", source=row["source"], path=row["path"])
    store.insert(con, "pulled_files", contracts.frame("pulled_files", [row]))


def _standing(con: store.Connection, old: list[Row]) -> list[Row]:
    """Say of each stored version whether the record it was read from still stands in a log."""
    rows = stored(con, "records", old, "record_id")
    gone = {row["record_id"] for row in rows if not row["path"]}
    return [{**chat, "stands": chat["record_id"] not in gone} for chat in old]


def _timed(chats: list[Row], old: list[Row], named: date | None, fallback: date) -> list[Row]:
    """Give chats without a time 00:00 of a day.

    It is the one that their file is named after, else the one that the store has them under.
    """
    known = {chat["chat_id"]: chat["day"] for chat in old}
    timed = []
    for chat in chats:
        day = named or known.get(chat["chat_id"], fallback)
        midnight = datetime.combine(day, time.min)
        times = {name: chat[name] or midnight for name in ("started_at", "updated_at")}
        timed.append({**chat, **times, "record_id": chat["record"]["record_id"], "stands": True})
    return timed


def _latest(versions: Iterable[Row]) -> list[Row]:
    """Return one row per chat: its latest version, with the earliest time it began."""
    chats: dict[str, list[Row]] = {}
    for version in versions:
        chats.setdefault(version["chat_id"], []).append(version)
    return [_merged(of_chat) for of_chat in chats.values()]


def _merged(versions: list[Row]) -> Row:
    latest = max(versions, key=_lateness)
    starts = [version["started_at"] for version in versions]
    began = min(filter(_has_time, starts), default=min(starts))
    row = {name: latest[name] for name in contracts.schema("chats")}
    return {**row, "started_at": began, "day": began.date()}


def _lateness(version: Row) -> tuple[bool, datetime, bool, int, str]:
    updated_at, length = version["updated_at"], len(version["messages"])
    return _has_time(updated_at), updated_at, version["stands"], length, version["record_id"]


def _has_time(at: datetime) -> bool:
    """Tell a time of the log from the 00:00 that stands for none, or for a date alone."""
    return at.time() != time.min


def _give_days(records: list[Row], chats: list[Row], before: list[Row], fallback: date) -> None:
    """Give each record the day of its chat, else the one it was given when it was first seen."""
    of_chat = {chat["chat_id"]: chat["day"] for chat in chats}
    given = {row["record_id"]: row["day"] for row in before}
    for row in records:
        day = of_chat.get(row["chat_id"]) or given.get(row["record_id"]) or row["day"]
        row["day"] = day or fallback


def _replace_quarantine(con: store.Connection, part: Slice) -> None:
    """Write what is broken; a record that is read again may have become a chat."""
    delete(con, "quarantine", part.records, "record_id")
    broken = [_broken(row) for row in part.quarantine]
    store.insert(con, "quarantine", contracts.frame("quarantine", broken))


def _broken(row: Row) -> Row:
    record = row["record"]
    given = {name: record[name] for name in ("day", "record_id", "source")}
    return {**given, **{name: row[name] for name in ("location", "reason", "detail", "payload")}}


def _move_records(con: store.Connection, chats: list[Row]) -> None:
    """Let a chat that turned out to begin on another day take its records along."""
    moved = pl.DataFrame(
        [(chat["chat_id"], chat["day"]) for chat in chats],
        {"chat_id": pl.String, "day": pl.Date},
        orient="row",
    )
    with store.registered(con, moved, "moved"):
        con.execute("UPDATE records SET day = m.day FROM moved m WHERE records.chat_id = m.chat_id")
