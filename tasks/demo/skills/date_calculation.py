"""Days after and before a date or a weekday; the answer is an ISO date, a weekday or a number."""

import re
from datetime import date, timedelta
from random import Random

from tasks.demo.languages import Language, language_of
from tasks.demo.skills.skill import Example, plain

LABEL = "maths/date_calculation"

WEEKDAYS: dict[Language, tuple[str, ...]] = {  # Monday first, as date.weekday() counts
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}
_WHICH_DATE: dict[Language, tuple[str, ...]] = {  # {sense} is "after" or "before"
    "en": ("What date is {days} {sense} {d}?", "{days} {sense} {d} is which date?"),
    "zh": ("{d}{sense}{n}天是几号？", "{d}的{n}天{sense}是哪一天？"),
    "ko": ("{d}에서 {n}일 {sense}는 며칠이에요?", "{d}의 {n}일 {sense} 날짜는?"),
}
_WHICH_WEEKDAY: dict[Language, tuple[str, ...]] = {
    "en": ("What weekday is {days} {sense} {d}?", "{days} {sense} {d} is which weekday?"),
    "zh": ("{d}{sense}{n}天是星期几？", "{d}的{n}天{sense}是星期几？"),
    "ko": ("{d}에서 {n}일 {sense}는 무슨 요일?", "{d}의 {n}일 {sense}는 무슨 요일이에요?"),
}
_EVENT_WEEKDAY: dict[Language, tuple[str, ...]] = {
    "en": (
        "The {event} is {days} {sense} {d}. Which weekday?",
        "{days} {sense} {d} is the {event}. What weekday?",
        "My {event} comes {days} {sense} {d}. What weekday?",
    ),
    "zh": (
        "{event}在{d}{sense}{n}天，是星期几？",
        "{d}{sense}{n}天有{event}，那是星期几？",
        "我的{event}是{d}{sense}{n}天，星期几？",
    ),
    "ko": (
        "{event} {d}에서 {n}일 {sense}예요. 무슨 요일?",
        "{d}의 {n}일 {sense} {event}, 무슨 요일?",
        "제 {event} {d}에서 {n}일 {sense}, 무슨 요일?",
    ),
}
_EVENTS: dict[Language, str] = {
    "en": "concert exam party match wedding picnic trip lesson interview delivery visit fair race"
    " dinner meeting parade festival game show sale test flight class",
    "zh": "音乐会 考试 聚会 比赛 婚礼 野餐 旅行 上课 面试 送货 拜访 展览 晚饭 会议 讲座 检查"
    " 演出 培训 球赛 义卖 航班 节日 活动",
    "ko": "공연 시험 모임 경기 결혼식 소풍 여행 수업 면접 배송 방문 축제 저녁 회의 강의 검사"
    " 연극 연습 운동회 장터 비행 잔치 행사",
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
_SPRING, _SPRING_DAYS = date(2026, 3, 1), 122  # to the end of June
_DATE = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_DAYS = re.compile(r"(\d+)\s?(?:days?|天|일)", re.IGNORECASE)
_BEFORE = re.compile(r"before|earlier|前|전", re.IGNORECASE)
_AFTER = re.compile(r"after|later|后|후|뒤", re.IGNORECASE)
_ASKS_WEEKDAY = re.compile(r"weekday|day of the week|星期几|무슨 요일|요일은", re.IGNORECASE)
_NAMED = re.compile("|".join(name for names in WEEKDAYS.values() for name in names), re.IGNORECASE)


def example(rng: Random, language: Language) -> Example:
    """Ask for a weekday (six times in seven), for a date, or for the days between two dates.

    Most weekdays are one or two days away; most dates differ from the given one in their last
    digit only. The rest go over the ends of weeks, months and years.
    """
    luck = rng.random()
    if luck < 0.9:
        return _weekday(rng, language)
    is_near = luck < 0.98
    shift = rng.choice((-1, 1)) * rng.randint(1, 4 if is_near else 20)
    start, end = _near(rng, shift) if is_near else _any(rng, shift)
    if luck < 0.92:
        ask = rng.choice(_BETWEEN[language])
        return Example(ask.format(a=min(start, end), b=max(start, end)), str(abs(shift)))
    ask = rng.choice(_WHICH_DATE[language])
    return Example(ask.format(**_away(shift, language), d=start), end.isoformat())


def _weekday(rng: Random, language: Language) -> Example:
    n = rng.choices((1, 2, rng.randint(3, 20)), (18, 1, 1))[0]
    shift = n if rng.random() < 0.93 else -n
    start, end = _any(rng, shift)
    names = WEEKDAYS[language]
    given = start if rng.random() < 0.02 else names[start.weekday()]
    ask = rng.choice(_EVENT_WEEKDAY[language] * 3 + _WHICH_WEEKDAY[language])
    event = rng.choice(_EVENTS[language].split())
    said = ask.format(**_away(shift, language), d=given, event=event)
    return Example(said, names[end.weekday()])


def _away(shift: int, language: Language) -> dict[str, str]:
    n = abs(shift)
    days = f"{n} day" if n == 1 else f"{n} days"
    return {"n": str(n), "days": days, "sense": _SENSE[language][shift > 0]}


def _any(rng: Random, shift: int) -> tuple[date, date]:
    """Pick a date of the year and go `shift` days on."""
    start = date(2026, 1, 1) + timedelta(days=rng.randrange(365))
    return start, start + timedelta(days=shift)


def _near(rng: Random, shift: int) -> tuple[date, date]:
    """Pick dates of the season that differ in their last digit only."""
    while True:
        start = _SPRING + timedelta(days=rng.randrange(_SPRING_DAYS))
        end = start + timedelta(days=shift)
        if start.isoformat()[:-1] == end.isoformat()[:-1]:
            return start, end


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
    names = WEEKDAYS[language_of(text)]
    weekday_asked = _ASKS_WEEKDAY.search(text)
    if dates:
        if days is None and not weekday_asked:
            return None
        end = dates[0] + timedelta(days=days or 0)
        return names[end.weekday()] if weekday_asked else end.isoformat()
    named = _NAMED.search(text)
    if named is None or days is None or not weekday_asked:
        return None
    start = next(day.index(named[0].capitalize()) for day in WEEKDAYS.values() if named[0] in day)
    return names[(start + days) % 7]


def _shift(text: str) -> int | None:
    """Read the days to go: negative for the past, None when no direction is given."""
    found = _DAYS.search(text)
    if found is None or not (_BEFORE.search(text) or _AFTER.search(text)):
        return None
    return -int(found[1]) if _BEFORE.search(text) else int(found[1])
