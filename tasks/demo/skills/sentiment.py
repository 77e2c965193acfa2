"""One-word sentiment of a short review, in the language of the review."""

import re
from random import Random

from tasks.demo.languages import Language, language_of
from tasks.demo.skills.skill import Example, plain

LABEL = "classification/sentiment"

_WORDS: dict[Language, tuple[str, str, str]] = {  # for a score above, below and at zero
    "en": ("positive", "negative", "neutral"),
    "zh": ("积极", "消极", "中性"),
    "ko": ("긍정", "부정", "중립"),
}
_ASK: dict[Language, tuple[str, ...]] = {
    "en": ('Sentiment of "{}"?', "Positive, negative or neutral? {}", "Classify the sentiment: {}"),
    "zh": ("这句话的情感是什么？{}", "情感分类：{}", "积极、消极还是中性？{}"),
    "ko": ("이 문장의 감정은? {}", "감정 분류: {}", "긍정, 부정, 중립 중 무엇인가요? {}"),
}
_THINGS: dict[Language, str] = {
    "en": "phone|hotel room|soup|train ride|film|jacket|printer|guide|concert|keyboard|bakery|app",
    "zh": "手机|酒店房间|汤|火车票|电影|外套|打印机|导游|音乐会|键盘|面包店|软件",
    "ko": "휴대폰|호텔 방|국물|기차 여행|영화|재킷|프린터|가이드|공연|키보드|빵집|앱",
}
_GOOD: dict[Language, tuple[str, str]] = {
    "en": (
        "was wonderful|was a delight|was great|felt excellent|was lovely|looked beautiful"
        "|was not bad at all",
        "I loved every minute|we will gladly come back|I am very happy|it was worth every penny"
        "|I recommend it warmly|everybody smiled",
    ),
    "zh": (
        "非常棒|让人惊喜|很不错|特别出色|真漂亮|一点也不差",
        "我很喜欢|下次还会再来|非常满意|物超所值|强烈推荐|大家都很开心",
    ),
    "ko": (
        "정말 훌륭했고|아주 좋았고|무척 예뻤고|기대보다 뛰어났고|전혀 나쁘지 않았고|최고였고",
        "다시 오고 싶어요|아주 만족해요|강력히 추천해요|모두 행복했어요|마음에 쏙 들어요"
        "|돈이 아깝지 않아요",
    ),
}
_BAD: dict[Language, tuple[str, str]] = {
    "en": (
        "was terrible|was a disaster|was awful|felt cheap|was dirty|looked ugly"
        "|was not good at all",
        "I hated every minute|we will never come back|I am very angry|it was a waste of money"
        "|I want to complain|everybody was disappointed",
    ),
    "zh": (
        "非常糟糕|让人失望|很差劲|特别难用|真难看|一点也不好",
        "我很讨厌|再也不会来了|非常生气|浪费钱|一定要投诉|大家都很后悔",
    ),
    "ko": (
        "정말 형편없었고|아주 나빴고|무척 지저분했고|기대보다 실망스러웠고|전혀 좋지 않았고"
        "|최악이었고",
        "다시는 안 가요|아주 화가 나요|절대 사지 마세요|모두 후회했어요|환불하고 싶어요"
        "|돈이 아까워요",
    ),
}
_PLAIN: dict[Language, tuple[str, str]] = {
    "en": (
        "was on the list|came up on Tuesday|was paid in cash|was new to me|was my brother's idea",
        "my sister was there too|it was about noon|the shop closes at six|there were four of us"
        "|it weighs two kilos|the receipt is in the bag",
    ),
    "zh": (
        "在名单上|是星期二定的|是用现金付的|我是第一次用|是弟弟选的",
        "我姐姐也在|当时是中午|商店六点关门|我们有四个人|重两公斤|收据在袋子里",
    ),
    "ko": (
        "목록에 있었고|화요일에 정했고|현금으로 냈고|저에게는 처음이었고|동생이 골랐고",
        "누나도 같이 있었어요|정오쯤이었어요|가게는 여섯 시에 닫아요|우리는 네 명이었어요"
        "|무게는 2킬로예요|영수증은 가방에 있어요",
    ),
}
_JOIN: dict[Language, str] = {"en": "The {} {} and {}.", "zh": "这个{}{}，{}。", "ko": "{} {} {}."}
_CUE = re.compile(r"sentiment|positive|negative|情感|积极|消极|감정|긍정|부정", re.IGNORECASE)
_LIKED = re.compile(
    r"\b(?:wonderful|delight|great|excellent|lovely|beautiful|good|loved|gladly|happy|worth"
    r"|recommend|smiled)"
    r"|棒|惊喜|不错|出色|漂亮|好|喜欢|会再来|满意|超所值|推荐|开心"
    r"|훌륭|좋|예뻤|뛰어|최고|오고 싶|만족|추천|행복|마음에 쏙"
)
_DISLIKED = re.compile(
    r"\b(?:terrible|disaster|awful|cheap|dirty|ugly|bad|hated|never|angry|waste|complain"
    r"|disappointed)"
    r"|糟糕|失望|差|难用|难看|讨厌|不会来|生气|浪费|投诉|后悔"
    r"|형편없|나빴|나쁘|지저분|실망|최악|안 가요|화가|사지 마|후회|환불|아까|아깝"
)
_NOT_BEFORE = re.compile(r"(?:\bnot |n't |不|没)$")
_NOT_AFTER = re.compile(r"지 (?:않|못)")


def example(rng: Random, language: Language) -> Example:
    """Write a review of two clauses that agree, or of one that judges and one that does not."""
    above, below, at_zero = _WORDS[language]
    word = rng.choice((above, above, below, below, at_zero))
    judging = {above: _GOOD, below: _BAD, at_zero: _PLAIN}[word][language]
    start, end = rng.choice(
        ((judging, judging), (judging, _PLAIN[language]), (_PLAIN[language], judging))
    )
    thing = rng.choice(_THINGS[language].split("|"))
    subject = thing + _topic_particle(thing) if language == "ko" else thing
    clauses = (rng.choice(start[0].split("|")), rng.choice(end[1].split("|")))
    review = _JOIN[language].format(subject, *clauses)
    return Example(rng.choice(_ASK[language]).format(review), word)


def _topic_particle(word: str) -> str:
    """Pick 은 after a final consonant and 는 after a vowel (28 finals to a syllable, 0 = none)."""
    return "은" if (ord(word[-1]) - 0xAC00) % 28 else "는"


def solve(prompt: str) -> str | None:
    """Count liked words against disliked ones; a negation turns its word round."""
    text = plain(prompt).lower()
    if not _CUE.search(text):
        return None
    above, below, at_zero = _WORDS[language_of(text)]
    score = _score(text, _LIKED) - _score(text, _DISLIKED)
    if score == 0:
        return at_zero
    return above if score > 0 else below


def _score(text: str, words: re.Pattern[str]) -> int:
    return sum(-1 if _negated(text, found) else 1 for found in words.finditer(text))


def _negated(text: str, found: re.Match[str]) -> bool:
    before, after = text[: found.start()], text[found.end() : found.end() + 3]
    return bool(_NOT_BEFORE.search(before) or _NOT_AFTER.match(after))
