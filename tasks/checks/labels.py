"""Where an answer must be one of the labels that the prompt lists: is it?"""

import re

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated

_SIGN = (
    r"(?:\b(?:categor(?:y|ies)|labels?|class(?:es)?|options?|one of|choose from|choices|tags?"
    r"|intents?|topics?|sentiments?|ratings?|values)\b"
    r"|类别|标签|选项|分类|类型|之一|意图|情感|范围|라벨|레이블|카테고리|분류|범주|선택지"
    r"|중 하나|보기|의도|감정)"
)
_LISTED = re.compile(
    rf"{_SIGN}[^:：\n]{{0,40}}[:：]\s*(?P<list>[^\n。]+(?:\n\s*[-*•\d][^\n]*)*"
    rf"|(?:\n\s*[-*•\d][^\n]*)+)"
    rf"|{_SIGN}[^:：\n\[(（]{{0,30}}[\[(（](?P<list2>[^\])）\n]+)[\])）]"
    r"|(?P<list3>(?:[\[(（])(?:[^\])）\n,，、/|]{1,30}[,，、/|]\s*)+[^\])）\n,，、/|]{1,30}[\])）])"
    r"|\b(?:as|is|into|between|either|with|whether|from|of|are)\b (?:it (?:is )?|this (?:is )?"
    r"|either )?(?P<list4>[\"'“]?[\w-]+(?: [\w-]+)?[\"'”]?(?:(?:, "
    r"| ?/ ?)[\"'“]?[\w-]+(?: [\w-]+)?[\"'”]?)*,? (?:or|and) [\"'“]?[\w-]+[\"'”]?)"
    r"|\b(?:labels?|categories|options|classes)\b[^:：\n?？]{0,30}[?？][ \t]*"
    r"(?P<list7>[\w -]+(?:, ?[\w -]+)+)(?=\n|$)"
    r"|(?P<list5>[一-鿿\w“”\"]{1,10}(?:、[一-鿿\w“”\"]{1,10})*(?:、|还是|或者?"
    r"|和)[一-鿿\w“”\"]{1,10})"
    r"|(?P<list6>[가-힣\w'\"]{1,12}(?:(?:, ?|/)[가-힣\w'\"]{1,12})*(?:, ?|/| 또는 | 혹은 "
    r"| 아니면 |과 |와 )[가-힣\w'\"]{1,12})\s?(?:중|가운데|으로|로)",
    re.IGNORECASE,
)
_BORDER = re.compile(
    r"\s*(?:,\s*(?:and|or)\s|[,，、/|;；\n]|\s(?:and|or)\s|还是|或者?|\s또는\s|\s혹은\s"
    r"|\s아니면\s|(?<=[가-힣])[과와]\s)\s*"
)
_EDGES = " \t\"'“”‘’「」`*.。!！:：()（）[]【】-•"
_LEAD = re.compile(
    r"^[\w ]{0,24}[:：]\s*|^(?:the )?(?:label|category|sentiment|intent|answer"
    r"|topic)(?: is)?[:：]?\s+|^(?:类别|标签|答案|分类|情感|意图)(?:是|为)?[:：]?\s*|^(?:정답"
    r"|라벨|분류|답)(?:은|는)?[:：]?\s*",
    re.IGNORECASE,
)
_LONGEST_LIST = 2_000  # characters
_FEW_WORDS, _FEW_SIGNS = 2, 8
_MOST_LABELS = 200
_LONGEST, _LONGEST_SIGNS, _MOST_WORDS = 60, 16, 3


def _is_labelled(cfg: CheckSettings) -> pl.Expr:
    return pl.col("answer").str.len_chars() < 2_000


@gated(_is_labelled, special=True)
def label_not_in_set(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers that are, or hold, none of the labels that the prompt lists."""
    known = listed_labels(row.instructions) or listed_labels(row.system[:_LONGEST_LIST])
    if len(known) < 2:
        return None
    answer = row.answer.strip(_EDGES).casefold()
    bare = _LEAD.sub("", answer).strip(_EDGES)
    few_signs = _LONGEST if bare.isascii() else _FEW_SIGNS
    is_short = len(bare.split()) <= _FEW_WORDS and len(bare) <= few_signs
    if {answer, bare} & known or (not is_short and any(label in answer for label in known)):
        return None
    if is_short and any(_holds(bare, label) for label in known) and not bare.isascii():
        return None
    return f"the answer is none of {', '.join(sorted(known))}"[:200]


def listed_labels(text: str) -> set[str]:
    """Return the labels of the first list of them that a text gives."""
    for match in _LISTED.finditer(text):
        body = next(part for part in match.groupdict().values() if part)
        labels = {_bare(part) for part in _BORDER.split(_unnumbered(body))}
        labels.discard("")
        if 2 <= len(labels) <= _MOST_LABELS and all(map(_may_be, labels)):
            ends = text[match.end() - 1 : match.end() + 1]
            if not _is_sentence(body, ends, labels):
                return labels
    return set()


def _is_sentence(body: str, ends: str, labels: set[str]) -> bool:
    """Return whether what looks like a list is a sentence: 意图：密码不对，我想退货。"""
    if body.isascii() or "、" in body:
        return False
    return "。" in ends or ("." in ends and any(" " in label for label in labels))


def _may_be(label: str) -> bool:
    """Return whether a text is as short as labels are."""
    longest = _LONGEST if label.isascii() else _LONGEST_SIGNS
    return len(label) <= longest and len(label.split()) <= _MOST_WORDS


def _bare(label: str) -> str:
    """Return a label without its marks, and without what leads to it: 这条评论是正面."""
    bare = label.strip(_EDGES).casefold()
    return re.sub(r"^[一-鿿]*(?:是|属于|算)(?=[一-鿿])", "", bare)


def _unnumbered(body: str) -> str:
    return re.sub(r"(?m)^[ \t]*(?:[-*•]|\d+[.)])\s*", "", body)


def _holds(answer: str, label: str) -> bool:
    """Return whether a short answer is the label with an ending, as Korean and Chinese add them."""
    return answer.startswith(label) and len(answer) <= len(label) + 4
