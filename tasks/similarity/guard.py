"""Tell a near text that says the same from one that fills the same template with something else.

Shingles see no difference between a slip of the keyboard and another city: both change a word. So
the words that differ are looked at: other numbers, a negation on one side, words with content on
both sides that are no misspelling of each other, or a few that changed places (from savings to
checking, and back) make a template of two near texts, not a duplicate.
"""

import re
from collections import Counter
from itertools import chain, pairwise
from typing import NamedTuple
from unicodedata import category, normalize

from rapidfuzz.distance import OSA, LCSseq, Postfix, Prefix

from tasks.similarity.normalise import comparable

# a number, a word of an alphabet, a syllable of Hangul words, or one character of Han and Kana
_WORD = re.compile(
    r"\d+(?:[.,:/]\d+)*|[가-힣]+|[一-鿿㐀-䶿぀-ヿ]|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]"
)
_DENYING = """
    not no never none neither nor without cannot can't don't doesn't didn't isn't aren't wasn't
    weren't won't wouldn't shouldn't couldn't mustn't haven't hasn't hadn't
    不 没 無 无 别 未 非 勿 莫 안 못 말고 말아 없이 없는 아닌 아니"""
_NEGATIONS = frozenset(_DENYING.split())
_KOREAN_NEGATION = re.compile(r"지\s?(?:않|못|마)|없[는이다어]|아니")
_COMMON = """
    a an the and or of to in on at by for from with as is are was were be been it its this that
    i me my you your we our please could can would will do does did so then also just very some any
    的 了 是 在 和 与 及 把 被 也 都 就 请 吗 呢 吧 啊 我 你 您 们 这 那 个 一 给 为 以 下 上
    좀 그 이 저 것 수 등 및 더 제 내 나 너 주세요 해주세요 해줘 알려줘"""
_MOST_PAIRS = 400  # of words that differ: more are no slips of the keyboard
_MOST_ALIGNED = 500  # words
_LONGEST_WORD = 40  # letters: what is longer is no word
_CLAUSE = 5  # words: so many that move are a sentence put another way
_FREQUENT = frozenset(_COMMON.split())


class Differences(NamedTuple):
    """What differs in the words of two near texts.

    numbers    whether they have other numbers
    denial     whether one denies what the other says
    gone       words with content that only the first has, misspellings left out
    come       those that only the second has
    moved      words that both have, at other places
    places     how many places between equal words have words of both
    """

    numbers: bool
    denial: bool
    gone: list[str]
    come: list[str]
    moved: list[str]
    places: int


def is_template(a: str, b: str) -> bool:
    """Tell whether two near texts ask for different things in the same words."""
    found = differences(a, b)
    other_content = bool(found.gone and found.come)
    return found.numbers or found.denial or other_content or _swapped(found.moved)


def differences(a: str, b: str) -> Differences:
    """Compare the words of two near texts; misspellings of very many words are not looked for."""
    a, b = comparable(a), comparable(b)
    found = _compared(*map(_WORD.findall, _where_they_differ(a, b)))
    gone, come = _content(found.gone), _content(found.come)
    if gone and come and len(gone) * len(come) <= _MOST_PAIRS:
        gone, come = _without_typos(gone, come)
    numbers = any(word[0].isdigit() for word in (*found.gone, *found.come))
    denial = _negates(found.gone, a) != _negates(found.come, b)
    return Differences(numbers, denial, gone, come, found.moved, found.places)


def _where_they_differ(a: str, b: str) -> tuple[str, str]:
    """Leave out the words with which both texts begin and end."""
    first = a.rfind(" ", 0, Prefix.similarity(a, b)) + 1
    a, b = a[first:], b[first:]
    last = a.find(" ", len(a) - Postfix.similarity(a, b))
    return (a, b) if last < 0 else (a[:last], b[: last - len(a)])


def _compared(a: list[str], b: list[str]) -> Differences:
    """Compare the words of two texts, common ones and misspellings too.

    Whether words moved in more than a page, and where, is not asked: to align them takes time
    that grows with the square of their number.
    """
    went, came, moved, places = Counter(a), Counter(b), Counter[str](), 0
    if max(len(a), len(b)) <= _MOST_ALIGNED:
        parts = list(LCSseq.opcodes(a, b))
        deleted = (a[part.src_start : part.src_end] for part in parts if part.tag == "delete")
        inserted = (b[part.dest_start : part.dest_end] for part in parts if part.tag == "insert")
        went, came = Counter(chain.from_iterable(deleted)), Counter(chain.from_iterable(inserted))
        moved = went & came
        places = sum("equal" not in (one.tag, other.tag) for one, other in pairwise(parts))
    gone, come = went - came, came - went
    only, others, both = (list(words.elements()) for words in (gone, come, moved))
    return Differences(False, False, only, others, both, places)


def _swapped(moved: list[str]) -> bool:
    """Tell whether words changed places, and no clause moved as a whole."""
    return bool(_content(moved)) and sum(word.isalnum() for word in moved) < _CLAUSE


def _negates(words: list[str], text: str) -> bool:
    """Tell whether words of a text deny something; in Korean the end of a verb does."""
    if not _NEGATIONS.isdisjoint(words):
        return True
    hangul = [word for word in words if "가" <= word[0] <= "힣"]
    return any(_KOREAN_NEGATION.search(word) for word in hangul) or (
        bool(hangul) and _KOREAN_NEGATION.search(text) is not None
    )


def _content(words: list[str]) -> list[str]:
    """Leave out punctuation and words that stand in any text."""
    return [
        word
        for word in words
        if word not in _FREQUENT
        and (word[0].isalnum() or not category(word[0]).startswith(("P", "S")))
    ]


def _without_typos(gone: list[str], come: list[str]) -> tuple[list[str], list[str]]:
    """Leave out pairs of words of which one is the other misspelt; Hangul falls into letters."""
    left, kept = [normalize("NFD", word) for word in come], list[str]()
    for word in (normalize("NFD", word) for word in gone):
        slip = next((other for other in left if _is_slip(word, other)), None)
        if slip is None:
            kept.append(word)
        else:
            left.remove(slip)
    return kept, left


def _is_slip(a: str, b: str) -> bool:
    """Tell whether a letter was missed, added, changed or swapped; two, in words from 8 letters.

    Of Hangul one, in words from 8: 물 and 불, or 여자친구 and 남자친구, are no slips.
    """
    shorter, longer = (len(a), len(b)) if len(a) < len(b) else (len(b), len(a))
    if shorter < 4 or longer > shorter + 2 or longer > _LONGEST_WORD:
        return False
    is_hangul = "\u1100" <= a[0] <= "\u11ff"
    if is_hangul and shorter < 8:
        return False
    most = 2 if shorter >= 8 and not is_hangul else 1
    return OSA.distance(a, b, score_cutoff=most) <= most
