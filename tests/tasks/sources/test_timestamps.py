from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.conversation import Unreadable
from tasks.sources.timestamps import day_in, to_utc, uuid7_time

NOON = datetime(2024, 3, 9, 12, 0, tzinfo=UTC)
NOON_S = 1_709_985_600


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-09T12:00:00Z",
        "2024-03-09T12:00:00",
        "2024-03-09 12:00:00",
        " 2024-03-09 12:00:00 UTC",
        "2024-03-09T12:00:00.000000000Z",
        "2024-03-09T20:00:00+08:00",
        "2024-03-09 04:00:00-08",
        NOON_S,
        float(NOON_S),
        str(NOON_S),
        f"{NOON_S}.0",
        NOON_S * 1_000,
        NOON_S * 1_000_000,
        NOON_S * 1_000_000_000,
        str(NOON_S * 1_000),
    ],
)
def test_every_way_to_write_noon_is_noon_in_utc(value):
    moment = to_utc(value)
    assert moment == NOON
    assert moment.utcoffset() == timedelta(0)


def test_a_date_is_its_midnight():
    assert to_utc("2024-03-09") == NOON - timedelta(hours=12)


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_time_is_none(value):
    assert to_utc(value) is None


@pytest.mark.parametrize(
    "value",
    [
        *("yesterday", "9 Mar 2024", True, [], {}),
        *(0, -1, 12.5, 10**400, 1e300, float("nan"), "1" * 25),
        *("2014-12-31T23:59:59Z", "2100-01-01"),
        *("9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_other_values_and_times_that_cannot_be_are_bad(value):
    with pytest.raises(Unreadable) as caught:
        to_utc(value)
    assert caught.value.reason == "bad_timestamp"


def test_clocks_may_run_ahead_by_a_day():
    assert to_utc("2024-03-10T12:00:00Z", now=NOON)
    with pytest.raises(Unreadable, match="in the future"):
        to_utc("2024-03-10T12:00:01Z", now=NOON)


def test_a_uuid7_carries_its_time():
    milliseconds = f"{NOON_S * 1_000:012x}"
    assert uuid7_time(f"{milliseconds[:8]}-{milliseconds[8:]}-7aaa-8bbb-123456789abc") == NOON


@pytest.mark.parametrize("value", [None, 7, "id-7", "6f1c24c4-0a29-4d5e-9c1a-0d3f2b1a4c5d"])
def test_other_ids_carry_no_time(value):
    assert uuid7_time(value) is None


def test_a_uuid7_from_before_2015_is_bad():
    with pytest.raises(Unreadable, match="bad_timestamp"):
        uuid7_time("00000000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("chats-2026-03-02.jsonl", date(2026, 3, 2)),
        ("20260302T000000.json.gz", date(2026, 3, 2)),
        ("log_2026_03_02_part1.csv", date(2026, 3, 2)),
        ("prompts20260302.csv", date(2026, 3, 2)),
        ("from-2026-03-01-to-2026-03-02.csv", None),
        ("2026-13-02.csv", None),
        ("1999-03-02.csv", None),
        ("12026030299.csv", None),
        ("chats.jsonl", None),
    ],
)
def test_day_in_a_file_name_is_one_day_or_none(name, day):
    assert day_in(name) == day
