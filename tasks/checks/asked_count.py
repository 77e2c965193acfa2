"""Where a number of things was asked for: does the answer have as many?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.checks.embedded import around_fences, fenced
from tasks.checks.numbers import EN, KO, ZH, value

_MOST = 50
_ONE_THING = 15  # characters
_ASKING = (
    r"(?:^|[.!?:;\n]\s*|\bplease |\b(?:can|could|would|will) you (?:please )?|\byou to "
    r"|\bhelp me (?:to )?|\bi (?:want|need|.d like|would like) (?:you to )?|\band (?:then )?|\bto )"
)
_EN_VERB = (
    r"(?:list|give|name|suggest|provide|write|generate|create|recommend|share|tell|propose|find|show"
    r"|offer|mention|state|describe|come up with|brainstorm|think of|identify|outline|explain|make)"
)
_EN_NOUN = r"(?P<unit>[a-z]+(?:s|people|children))\b"
_EN_META = (
    r"(?P<unit>tips|ideas|reasons|ways|examples|facts|suggestions|questions|names|titles|steps"
    r"|benefits|recipes|books|songs|films|movies|quotes|jokes|advantages|rules|things)"
)
_ZH_VERB = (
    r"(?:列出?|列举|给我?出?|写出?|提供|推荐|说出?|举出?|举|生成|想出?|介绍|总结出?|提出|设计"
    r"|分享|归纳|指出|概括|找出|整理)"
)
_ZH_UNIT = (
    r"(?P<unit>个|条|点|种|样|项|首|道|本|部|件|位|家|款|步|则|处)(?!角色|人物|人|机器人"
    r"|朋友|数字?|字符|变量|参数|单词|字)"
)
_KO_ASKING = r"[^.!?\n]{0,30}(?:알려|추천|말해|적어|써|제시|나열|소개|골라|뽑아|만들어|설명|정리)"
_KO_WAYS = rf"(?P<unit>가지|항목|단계)(?={_KO_ASKING}|[^.!?\n]{{0,20}}(?:주세요|줘|부탁|뭐|무엇))"
_KO_THINGS = rf"(?P<unit>개|곳|권|편|명)(?={_KO_ASKING})"
_NOT_ASKED = r"(?<![这那第前后每某该最同共的和])(?<![이그저각첫매한두서너])"

_ITEMS = (
    rf"{_ASKING}{_EN_VERB}(?: (?!(?:of|than|between|about|for|with|by|from|in|into|on|to|as|and)\b)"
    rf"[a-z]+){{0,4}}? (?P<n>{EN})(?: [a-z\-]+){{0,3}}? {_EN_NOUN}",
    rf"(?:^|[.!?:\n]\s*)(?P<n>{EN})(?: [a-z\-]+){{0,2}}? {_EN_META} (?:for|on|about|to|that|of"
    rf"|why)\b",
    rf"\bi(?: |.d )(?:need|want|like|would like) (?P<n>{EN})(?: [a-z\-]+){{0,3}}? {_EN_NOUN}",
    rf"\bwhat are (?:the )?(?:top |best )?(?P<n>{EN})(?: [a-z\-]+){{0,3}}? {_EN_NOUN}",
    rf"\b(?:a )?list of (?P<n>{EN})(?: [a-z\-]+){{0,3}}? {_EN_NOUN}",
    rf"{_ZH_VERB}(?:有哪)?[^，。！？\n\d：:“\"《段篇首封张]{{0,6}}?{_NOT_ASKED}(?P<n>{ZH}){_ZH_UNIT}",
    rf"有哪(?P<n>{ZH}){_ZH_UNIT}",
    rf"{_NOT_ASKED}(?P<n>{KO})\s?{_KO_WAYS}",
    rf"{_NOT_ASKED}(?P<n>{KO})\s?{_KO_THINGS}",
)
_READ_ITEMS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _ITEMS)
_ONLY = r"(?:exactly |only |just |no more than |at most |at least |about )?"
_PROSE = re.compile(
    rf"\b(?:in|using|with|into|as|write|give me|exactly|contains?|has|have|of) {_ONLY}(?:a "
    rf"|an )?(?P<n>{EN})"
    r"(?: (?:short|long|full|complete|simple|brief|concise))?[- ](?P<unit>sentences?"
    r"|paragraphs?|lines?|stanzas?)\b"
    rf"|(?:用|写|分|以|成|一共|共"
    rf"|仅)[^，。！？\n\d]{{0,6}}?{_NOT_ASKED}(?P<n2>{ZH})个?(?P<unit2>句话?|句子|段话"
    rf"|段落?(?=[，。,.！!]|$|来|写|文字|内容|介绍|描述|总结|概括|回答|说明|的)|自然段|行)"
    rf"|{_NOT_ASKED}(?P<n3>{KO})\s?(?:개의\s?)?(?P<unit3>문장|단락|문단|줄)(?!에)",
    re.IGNORECASE,
)
_KINDS = {
    **dict.fromkeys(("sentence", "sentences", "句", "句话", "句子", "문장"), "sentences"),
    **dict.fromkeys(
        ("paragraph", "paragraphs", "段", "段话", "段落", "自然段", "단락", "문단"), "paragraphs"
    ),
    **dict.fromkeys(("line", "lines", "行", "줄"), "lines"),
    **dict.fromkeys(("stanza", "stanzas"), "paragraphs"),
}
_NO_ITEM = re.compile(
    r"words|characters|letters|sentences|paragraphs|lines|stanzas|pages|minutes|hours|days|weeks"
    r"|months|years|seconds|times|digits|points|people|children|lists|marks|degrees|dollars|euros"
    r"|miles|kilometers|grams|options|choices|sides|tables|columns|rows|parts|players|numbers"
    r"|variables|integers|strings|values|others|sections|articles|essays|stories|as|is|was",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:\d|one|two|three|[一二两三四五六七八九]|한|두|세|네)\s*(?:-|–|to|or|~|～|至|到|或|에서"
    r"|내지)\s*$",
    re.IGNORECASE,
)
_TWO_HAN = re.compile(r"[一二三四五六七八九两]{2,}")  # 两三句 is a range
_LOOSE_BEFORE = re.compile(
    r"(?:at least|about|around|up to|at most|no more than|no fewer than|maximum of|minimum of|some"
    r"|至少|最多|不超过|大约|最少|约|최소|최대|약|적어도)[^.。]{0,4}$",
    re.IGNORECASE,
)
_LOOSE_AFTER = re.compile(
    r"[^.。]{0,4}(?:or more|or so|or fewer|or less|at least|at most|max\b|以上|左右|以内|이상"
    r"|이하|이내|정도|내외)",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"^([ \t]*)(?:[-*•·–]|\(?\d{1,3}[.)、．:：](?!\d)|[①-⑳]|[一二三四五六七八九十]{1,3}[、.．]"
    r"|#{1,4}\s*\d{1,3}[.)、]|\*\*\d{1,3}[.)、])\s*\S",
    re.MULTILINE,
)
_MARK = re.compile(r"^[ \t]*(?:[-*•·–]|\(?\d{1,3}[.)、．:：]|[①-⑳])\s*", re.MULTILINE)
_NUMBERED = re.compile(
    r"^[ \t]*(?:#{1,4}\s*)?(?:\*\*)?\(?(?:\d{1,3}[.)、．:：]|[①-⑳])\s*\S", re.MULTILINE
)
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|No|Inc|Ltd|Jr|Sr|U\.S|a\.m|p\.m|Fig|al)\."
    r"|\b[A-Z]\.(?=\s?[A-Z])|\d\.\d"
)
_SENTENCE = re.compile(r"(?<![.!?。！？…])[.!?。！？…]++[\"'”’」』)）\]]*(?=\s|$|[^\x00-\x7f])")


_GROUPS = (("n", "unit"), ("n2", "unit2"), ("n3", "unit3"))  # of the three languages


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things that was asked for; loose: at least, about, up to."""

    n: int
    unit: str
    loose: bool
    place: tuple[int, int] = field(compare=False)  # of the number, in the text


def _speaks_of_a_number(cfg: CheckSettings) -> pl.Expr:
    number = (
        r"(?i)\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|single)\b"
        r"|[一二三四五六七八九十两][个条点种样项句段首道本部件位家款步则处行]"
        r"|[한두세네섯덟홉곱열]\s?(?:가지|개|줄|문장|단락|문단|항목|곳|권|편|명|단계)"
    )
    return pl.col("prompt").str.contains(number)


@gated(_speaks_of_a_number)
def count_missed(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers with more or fewer items, sentences, paragraphs or lines than asked for."""
    asked = asked_count(row.instructions)
    if asked is None or asked.loose or (asked.unit == "lines" and fenced(row.answer)):
        return None
    found = counted(row.answer, asked.unit)
    if not found or asked.n in found:
        return None
    return f"{asked.n} {asked.unit} were asked for; the answer has {min(found)}"


def asked_count(text: str) -> Count | None:
    """Return the only number of things that a text asks for; None where there is none or more."""
    prose = list(_found(_PROSE, text))
    found = prose or [each for pattern in _READ_ITEMS for each in _found(pattern, text)]
    by_place = {start: count for start, count in found if count is not None}
    if len(by_place) != 1 or any(count is None for _, count in found):
        return None
    [count] = by_place.values()
    return count


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, Count | None]]:
    """Yield where a number of things is asked for; None where it is not one clear number."""
    for match in pattern.finditer(text):
        n, unit = next(name for name in _GROUPS if match.groupdict().get(name[0]))
        what = _KINDS.get(match[unit].casefold(), "items")
        if what == "items" and _NO_ITEM.fullmatch(match[unit]):
            continue
        ahead = text[max(0, match.start(n) - 12) : match.start(n)]
        is_clear = not (_RANGE.search(ahead) or _TWO_HAN.fullmatch(match[n]))
        more = re.match(rf"[^.!?\n]{{0,20}}\band (?:{EN})\b", text[match.end() :], re.IGNORECASE)
        wanted = value(match[n])
        if not (1 if what != "items" else 2) <= wanted <= _MOST or not is_clear or more:
            yield match.start(n), None
            continue
        before, after = text[max(0, match.start(n) - 16) : match.start(n)], text[match.end() :]
        is_loose = bool(_LOOSE_BEFORE.search(before) or _LOOSE_AFTER.match(after))
        yield match.start(n), Count(wanted, what, is_loose, match.span(n))


def counted(answer: str, unit: str) -> set[int]:
    """Return how many there are, by every way of counting that makes sense; empty: who knows."""
    if unit == "sentences":
        return _sentences(answer)
    blocks = [block for block in re.split(r"\n\s*\n", answer.strip()) if block.strip()]
    lines = [line for line in answer.strip().splitlines() if line.strip()]
    if unit == "paragraphs":
        return {
            len(blocks),
            len([b for b in blocks if not re.match(r"\s*(?:#|\*\*[^\n]*\*\*\s*$)", b)]),
        }
    if unit == "lines":
        return {len(lines)}
    return _items(answer, lines)


def _items(answer: str, lines: list[str]) -> set[int]:
    text = around_fences(answer) or answer
    marks = [match[1] for match in _ITEM.finditer(text)]
    if marks:
        outer = min(len(mark.expandtabs(4)) for mark in marks)
        top = sum(len(mark.expandtabs(4)) <= outer + 1 for mark in marks)
        return {top, len(_NUMBERED.findall(text)) or top}
    headings = re.findall(r"^#{2,4} \S", text, re.MULTILINE)
    if headings:
        return {len(headings), len(headings) - 1}
    if len(lines) > 2 and all(len(line) < 60 for line in lines):
        return {len(lines), len(lines) - 1}
    if len(lines) == 1 and len(answer) < 300:
        return _listed(answer)
    return set()


def _listed(line: str) -> set[int]:
    """Count what one line lists: apples, pears and plums."""
    body = re.sub(r"^[^:：]{0,60}[:：]", "", line).strip(" .。!！")
    parts = [
        part
        for part in re.split(r"[,，、;；]\s*(?:and |or )?|\s+(?:and|or)\s+|和|以及", body)
        if part.strip()
    ]
    most = 12 if re.search(r"[一-鿿가-힣]", body) else 30
    plain = all(len(part) <= most for part in parts) and not re.search(r"[。.!?！？]", body)
    if len(parts) == 1:
        return {1} if len(line) <= _ONE_THING else set()
    return {len(parts)} if plain else set()


def _sentences(answer: str) -> set[int]:
    text = _ABBREVIATED.sub("x", _MARK.sub("", answer.strip()))
    ends = len(_SENTENCE.findall(text))
    rest = _SENTENCE.split(text)[-1].strip()
    return {ends + bool(re.search(r"\w", rest)), max(ends, 1)}
