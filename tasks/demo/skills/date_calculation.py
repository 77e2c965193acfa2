"""Days after and before a date or a weekday; the answer is an ISO date, a weekday or a number."""

import re
from datetime import date, timedelta
from random import Random

from tasks.demo.languages import Language, language_of
from tasks.demo.skills.skill import Example, plain

LABEL = "maths/date_calculation"

_WEEKDAYS: dict[Language, tuple[str, ...]] = {  # Monday first, as date.weekday() counts
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}
_WHICH_DATE: dict[Language, tuple[str, ...]] = {  # {sense} is "after" or "before"
    "en": ("What date is {n} days {sense} {d}?", "{n} days {sense} {d} is which date?"),
    "zh": ("{d}{sense}{n}天是几号？", "{d}的{n}天{sense}是哪一天？"),
    "ko": ("{d}에서 {n}일 {sense}는 며칠이에요?", "{d}의 {n}일 {sense} 날짜는?"),
}
_WHICH_WEEKDAY: dict[Language, tuple[str, ...]] = {
    "en": ("What weekday is {n} days {sense} {d}?", "{n} days {sense} {d} is which weekday?"),
    "zh": ("{d}{sense}{n}天是星期几？", "{d}的{n}天{sense}是星期几？"),
    "ko": ("{d}에서 {n}일 {sense}는 무슨 요일?", "{d}의 {n}일 {sense}는 무슨 요일이에요?"),
}
_BETWEEN: dict[Language, tuple[str, ...]] = {
    "en": ("How many days from {a} to {b}?", "Days between {a} and {b}?"),
    "zh": ("从{a}到{b}有多少天？", "{a}和{b}相差几天？"),
    "ko": ("{a}부터 {b}까지 며칠이에요?", "{a}에서 {b}까지 며칠 차이예요?"),
}
_SENSE: dict[Language, tuple[str, str]] = {
    "en": ("before", "after"),
    "zh": ("前", "后"),
    "ko": ("전", "후"),
}
_DATE = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_DAYS = re.compile(r"(\d+)\s?(?:days?|天|일)", re.IGNORECASE)
_BEFORE = re.compile(r"before|earlier|前|전", re.IGNORECASE)
_AFTER = re.compile(r"after|later|后|후|뒤", re.IGNORECASE)
_ASKS_WEEKDAY = re.compile(r"weekday|day of the week|星期几|무슨 요일|요일은", re.IGNORECASE)
_NAMED = re.compile("|".join(name for names in _WEEKDAYS.values() for name in names), re.IGNORECASE)


def example(rng: Random, language: Language) -> Example:
    """Ask for a date (half of the time), for a weekday, or for the days between two dates."""
    start = date(2026, 1, 1) + timedelta(days=rng.randrange(365))
    if rng.random() < 0.15:
        n = rng.randint(2, 40)
        end = start + timedelta(days=n)
        return Example(rng.choice(_BETWEEN[language]).format(a=start, b=end), str(n))
    n, sign = rng.randint(1, 20), rng.choice((-1, 1))
    sense = _SENSE[language][sign > 0]
    end = start + timedelta(days=sign * n)
    if rng.random() < 0.6:
        ask = rng.choice(_WHICH_DATE[language])
        return Example(ask.format(n=n, sense=sense, d=start), end.isoformat())
    names = _WEEKDAYS[language]
    given = start if rng.random() < 0.3 else names[start.weekday()]
    ask = rng.choice(_WHICH_WEEKDAY[language])
    return Example(ask.format(n=n, sense=sense, d=given), names[end.weekday()])


def solve(prompt: str) -> str | None:
    """Read dates, a weekday, a number of days and a direction, and count."""
    text = plain(prompt)
    try:
        dates = [date(*map(int, found)) for found in _DATE.findall(text)]
    except ValueError:  # 2026-02-30
        return None
    if len(dates) == 2:
        return str((dates[1] - dates[0]).days)
    days = _shift(_DATE.sub(" ", text))
    try:
        return _shifted(text, dates, days)
    except OverflowError:
        return None


def _shifted(text: str, dates: list[date], days: int | None) -> str | None:
    names = _WEEKDAYS[language_of(text)]
    weekday_asked = _ASKS_WEEKDAY.search(text)
    if dates:
        if days is None and not weekday_asked:
            return None
        end = dates[0] + timedelta(days=days or 0)
        return names[end.weekday()] if weekday_asked else end.isoformat()
    named = _NAMED.search(text)
    if named is None or days is None or not weekday_asked:
        return None
    start = next(day.index(named[0].capitalize()) for day in _WEEKDAYS.values() if named[0] in day)
    return names[(start + days) % 7]


def _shift(text: str) -> int | None:
    """Read the days to go: negative for the past, None when no direction is given."""
    found = _DAYS.search(text)
    if found is None or not (_BEFORE.search(text) or _AFTER.search(text)):
        return None
    return -int(found[1]) if _BEFORE.search(text) else int(found[1])
