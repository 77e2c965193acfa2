"""Turn the times that logs hold into aware UTC datetimes."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from schemas.conversation import Unreadable

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)  # no chat log is older; a 0 or a wrong unit is
SLACK = timedelta(days=1)  # clocks run ahead, and naive local times count as UTC
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})[-_]?([01][0-9])[-_]?([0-3][0-9])(?![0-9])")
_DIGITS = re.compile(r"\d{9,20}(\.\d+)?")


def to_utc(value: object, now: datetime | None = None) -> datetime | None:
    """Read ISO 8601 (without a zone: UTC) or seconds, ms, µs or ns since 1970; None if missing.

    Raises:
        Unreadable: bad_timestamp, for other values, before 2015 or more than a day from now.
    """
    if value is None or value == "":
        return None
    try:
        moment = _moment(value)
    except (ValueError, OverflowError):
        raise Unreadable("bad_timestamp", f"{str(value)[:40]!r} is no ISO 8601 or epoch") from None
    return _plausible(moment, now)


def uuid7_time(value: object, now: datetime | None = None) -> datetime | None:
    """Return the time in a UUIDv7, or None for anything else.

    Raises:
        Unreadable: bad_timestamp, before 2015 or more than a day from now.
    """
    try:
        uuid = UUID(str(value))
    except ValueError:
        return None
    if uuid.version != 7:
        return None
    milliseconds = uuid.int >> 80  # RFC 9562: the first 48 bits
    return _plausible(_since_epoch(milliseconds / 1_000), now)


def day_in(name: str) -> date | None:
    """Return the one day that a file name such as `chats-2026-03-02.csv` holds, or None."""
    found = _DAY.findall(name)
    try:
        day = date(*map(int, found[0])) if len(found) == 1 else None
    except ValueError:
        return None
    return day if day and day >= EARLIEST.date() else None


def _moment(value: object) -> datetime:
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, int | float):
        return _since_epoch(_seconds(value))
    if not isinstance(value, str):
        raise ValueError
    moment = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _seconds(value: float) -> float:
    """Tell the unit by size: as seconds, 1e11 is the year 5138; as ms, it is 1973."""
    for limit, per_second in ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        if abs(value) < limit:
            return value / per_second
    raise OverflowError


def _since_epoch(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _plausible(moment: datetime, now: datetime | None) -> datetime:
    latest = (now or datetime.now(UTC)) + SLACK
    if not EARLIEST <= moment <= latest:
        raise Unreadable("bad_timestamp", f"{moment.isoformat()} is before 2015 or in the future")
    return moment
