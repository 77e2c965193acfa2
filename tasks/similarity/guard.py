"""Tell a near text that says the same from one that fills the same template with something else.

Shingles see no difference between a slip of the keyboard and another city: both change a word. So
the words that differ are looked at: other numbers or amounts, a negation on one side, words with
content on both sides that are no misspelling of each other, several on one, or a few that changed
places (from savings to checking, and back) make a template of two near texts, not a duplicate.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain, compress, pairwise
from operator import ne
from typing import NamedTuple
from unicodedata import category, normalize

from rapidfuzz.distance import OSA, LCSseq, Postfix, Prefix

from tasks.similarity.normalise import comparable

# a number, a word of an alphabet, a syllable of Hangul words, or one character of Han and Kana
_WORD = re.compile(
    r"\d+(?:[.,:/]\d+)*|[가-힣]+|[一-鿿㐀-䶿぀-ヿ]|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]"
)
_DENYING = """
    not no never none neither nor non nobody nothing hardly except without cannot can't don't
    doesn't didn't isn't aren't ain't wasn't weren't won't wouldn't shouldn't couldn't mustn't
    haven't hasn't hadn't
    不 没 無 无 别 未 非 勿 莫 否 禁 避 안 못 말고 말아 없이 없는 아닌 아니"""
_NEGATIONS = frozenset(_DENYING.split())
_COUNTING = """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    thousand million billion trillion twice half ii iii iv vi vii viii ix xi xii + # % = < > ^
    二 三 四 五 六 七 八 九 十 百 千 万 亿 两 半 둘 셋 넷"""
_AMOUNTS = frozenset(_COUNTING.split())
_SIGNED = re.compile(r"(?<![\w.)])[-+.]\d")
_KOREAN_NEGATION = re.compile(r"지\s?(?:않|못|마)|없[는이다어]|아니")
_COMMON = """
    an the and or of at for as is are was were be been it its this that
    we please could can would will do does did so then also just very some any
    hello hi hey there thank thanks
    的 了 是 在 和 与 及 把 被 也 都 就 请 吗 呢 吧 啊 您 们 这 那 个 给 为 以
    좀 그 이 저 것 수 등 및 더 주세요 해주세요 해줘 알려줘"""
MOST_PAIRS = 400  # of words that differ: more are no slips of the keyboard
_MOST_ALIGNED = 500  # words
SHORT_WORD, LONG_WORD, LONGEST_WORD = 6, 8, 40  # letters: what is longer is no word
_CLAUSE = 6  # words: so many that move are a sentence put another way
_CLAIM = 2  # words with content: so many more ask for something more
FREQUENT = frozenset(_COMMON.split())
# Unicode's categories of punctuation and of symbols, pictures left out: 👍 is not 👎.
WITHOUT_CONTENT = frozenset(("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk"))


class Changes(NamedTuple):
    """Which words only one of two near texts has.

    denial     whether one denies what the other says
    gone       words with content that only the first has, misspellings left out
    come       those that only the second has
    """

    denial: bool
    gone: list[str]
    come: list[str]


class Moves(NamedTuple):
    """What two near texts have at other places.

    words   that both have
    places  how many places between equal words have words of both
    """

    words: list[str]
    places: int


def is_template(a: str, b: str) -> bool:
    """Tell whether two near texts ask for different things in the same words."""
    return fill_differently(comparable(a), comparable(b))


def fill_differently(a: str, b: str) -> bool:
    """Do as `is_template` says with texts in their comparable form."""
    words = _words_that_differ(a, b)
    gone, come = _of_one_only(*words)
    return (
        _ask_more(gone)
        or _ask_more(come)
        or all(_own_words(gone, come))
        or ("{" in a and all(map(_content, (gone, come))))  # values have no slips
        or _signed(a) != _signed(b)
        or _negates(gone, a) != _negates(come, b)
        or _swapped(_moves(*words).words)
    )


def differences(a: str, b: str) -> tuple[Changes, Moves]:
    """Compare the words of two near texts; misspellings of very many words are not looked for."""
    a, b = comparable(a), comparable(b)
    words = _words_that_differ(a, b)
    return _changes(a, b, *words), _moves(*words)


def _words_that_differ(a: str, b: str) -> tuple[list[str], list[str]]:
    mine, its = _where_they_differ(a, b)
    return _WORD.findall(mine), _WORD.findall(its)


def _where_they_differ(a: str, b: str) -> tuple[str, str]:
    """Leave out the words with which both texts begin and end."""
    first = a.rfind(" ", 0, Prefix.similarity(a, b)) + 1
    a, b = a[first:], b[first:]
    last = a.find(" ", len(a) - Postfix.similarity(a, b))
    return (a, b) if last < 0 else (a[:last], b[: last - len(a)])


def _changes(a: str, b: str, words: list[str], others: list[str]) -> Changes:
    """Compare the words of two texts in which they differ."""
    gone, come = _of_one_only(words, others)
    return Changes(_negates(gone, a) != _negates(come, b), *_own_words(gone, come))


def _of_one_only(words: list[str], others: list[str]) -> tuple[list[str], list[str]]:
    """Return the words that only the first and only the second list has, or has more of."""
    differ, both = list(map(ne, words, others)), min(len(words), len(others))
    mine = Counter(chain(compress(words, differ), words[both:]))
    its = Counter(chain(compress(others, differ), others[both:]))
    changed = sorted({word for word, _ in mine.items() ^ its.items()})
    gone = [word for word in changed for _ in range(mine[word] - its[word])]
    return gone, [word for word in changed for _ in range(its[word] - mine[word])]


def _moves(a: list[str], b: list[str]) -> Moves:
    """Align the words of two texts, unless they are more than a page.

    The time that this takes grows with the square of their number.
    """
    if max(len(a), len(b)) > _MOST_ALIGNED:
        return Moves([], 0)
    parts = list(LCSseq.opcodes(a, b))
    deleted = (a[part.src_start : part.src_end] for part in parts if part.tag == "delete")
    inserted = (b[part.dest_start : part.dest_end] for part in parts if part.tag == "insert")
    moved = Counter(chain.from_iterable(deleted)) & Counter(chain.from_iterable(inserted))
    places = sum("equal" not in (one.tag, other.tag) for one, other in pairwise(parts))
    return Moves(list(moved.elements()), places)


def _swapped(moved: list[str]) -> bool:
    """Tell whether words changed places, and no clause moved as a whole."""
    return bool(_content(moved)) and _weight(filter(str.isalnum, moved)) < _CLAUSE


def _weight(words: Iterable[str]) -> float:
    """Count words; two characters of Han are one."""
    return sum(0.5 if "一" <= word[0] <= "鿿" else 1 for word in words)


def _negates(words: list[str], text: str) -> bool:
    """Tell whether words of a text deny something; in Korean the end of a verb does."""
    if not _NEGATIONS.isdisjoint(word.replace("’", "'") for word in words):
        return True
    hangul = [word for word in words if "가" <= word[0] <= "힣"]
    return any(_KOREAN_NEGATION.search(word) for word in hangul) or (
        bool(hangul) and _KOREAN_NEGATION.search(text) is not None
    )


def _content(words: list[str]) -> list[str]:
    """Leave out punctuation, symbols and words that stand in any text."""
    return [
        word
        for word in words
        if word not in FREQUENT and (word[0].isalnum() or category(word[0]) not in WITHOUT_CONTENT)
    ]


def _have_numbers(words: list[str]) -> bool:
    return any(word[0].isdigit() for word in words)


def _ask_more(words: list[str]) -> bool:
    """Tell whether words that only one text has make it another question by themselves."""
    return (
        _have_numbers(words)
        or _weight(_content(words)) >= _CLAIM
        or any(word in _AMOUNTS or category(word[0]) == "Sc" for word in words)
    )


def _signed(text: str) -> list[str]:
    """Return the signs and points before numbers: -40 is not 40, and .5 not 5."""
    return sorted(_SIGNED.findall(text))


def _own_words(gone: list[str], come: list[str]) -> tuple[list[str], list[str]]:
    """Leave out words without content, and misspellings unless they are very many."""
    gone, come = _content(gone), _content(come)
    return _without_typos(gone, come) if len(gone) * len(come) <= MOST_PAIRS else (gone, come)


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
    """Tell whether a letter was missed, added, changed or swapped, after the first one.

    Shorter words are names and opposites too often: Mark and Mary, sixth and sixty; and so are
    those that begin otherwise: million and billion, possible and impossible. Of Hangul words from
    8 letters: 여자친구 and 남자친구 are no slips.
    """
    shorter, longer = (len(a), len(b)) if len(a) < len(b) else (len(b), len(a))
    if shorter < SHORT_WORD or longer > shorter + 1 or longer > LONGEST_WORD or a[0] != b[0]:
        return False
    if "\u1100" <= a[0] <= "\u11ff" and shorter < LONG_WORD:
        return False
    return OSA.distance(a, b, score_cutoff=1) <= 1
