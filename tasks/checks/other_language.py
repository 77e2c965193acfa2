"""Find answers in another language than the user's, where nobody asked for it."""

import re

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.language import UNDETERMINED, language_of

_NAMED = re.compile(
    r"english|chinese|mandarin|cantonese|korean|japanese|french|german|spanish|italian|portuguese"
    r"|russian|arabic|hindi|latin|dutch|turkish|vietnamese|thai|indonesian|polish|greek|hebrew"
    r"|translat|language|pinyin|romani[sz]|bilingual|multilingual"
    r"|[英中汉日韩法德俄葡意][文语]|西班牙|阿拉伯|粤语|外语|拉丁|翻译|双语|拼音|한국어|영어"
    r"|영문|중국어|일본어"
    r"|프랑스어|독일어|스페인어|러시아어|번역|한글|외국어|국문|한문",
    re.IGNORECASE,
)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|<[^<>\n]+>", re.DOTALL)
_PROGRAM = re.compile(
    r"[;{}][ \t]*$|^[ \t]*(?:def|import|from|SELECT|function|#include)\b", re.MULTILINE
)
_LATIN = re.compile("[A-Za-zÀ-ÿ]")
_SCRIPTS = {
    "zh": re.compile("[一-鿿]"),
    "ko": re.compile("[가-힣]"),
    "ja": re.compile("[぀-ヿ]"),
}
_ENGLISH = re.compile(
    r"(?i)\b(?:the|and|of|to|is|in|a|for|that|you|it|with|on|are|be|this|as|can)\b"
)
_ENGLISH_SHARE = 8  # one such word in so many, at least
_SENTENCE = re.compile(r"(?:\S+[ ]+){6}\S")  # names in a list are of any language
_MIN_LETTERS, _MIN_CJK = 24, 6
_MOST = 0.25  # a Han sign or a Hangul syllable is as long as four letters
_SOME = 0.15  # of the letters: a share that is no name or quotation
_ENOUGH, _LONG = 120, 600  # characters that tell a language: mostly, and at last
_LONGEST = 20_000


def _may_differ(cfg: CheckSettings) -> pl.Expr:
    is_known = pl.col("language").ne_missing(UNDETERMINED)
    concerned = is_known & ~pl.col("area").is_in(["translation", "code"])
    answer = pl.col("answer")
    ends = answer.str.head(_ENOUGH), answer.str.tail(_ENOUGH)
    return concerned & ~pl.all_horizontal(plainly(end, pl.col("language")) for end in ends)


def plainly(text: pl.Expr, language: pl.Expr) -> pl.Expr:
    """Return whether a text is in this language beyond doubt: cheaper than to say which it is in.

    Where this is true, `_language` says so too.
    """
    known = {"en": _is_english, "zh": _is_chinese, "ko": _is_korean}
    own = (is_it(pl.when(language == code).then(text)) for code, is_it in known.items())
    return pl.any_horizontal(each.fill_null(value=False) for each in own)


def _is_english(text: pl.Expr) -> pl.Expr:
    words, english = text.str.count_matches(r"\S+"), text.str.count_matches(_ENGLISH.pattern)
    is_ascii = ~text.str.contains(r"[^\x00-\x7f]")
    is_long = (text.str.len_bytes() >= _MIN_LETTERS) & text.str.contains(_SENTENCE.pattern)
    return is_ascii & is_long & (english * _ENGLISH_SHARE >= words)


def _is_chinese(text: pl.Expr) -> pl.Expr:
    return _has_enough(text, "zh") & ~text.str.contains("[가-힣぀-ヿ]")


def _is_korean(text: pl.Expr) -> pl.Expr:
    return _has_enough(text, "ko") & ~text.str.contains("[一-鿿぀-ヿ]")


def _has_enough(text: pl.Expr, code: str) -> pl.Expr:
    signs, latin = (text.str.count_matches(s.pattern) for s in (_SCRIPTS[code], _LATIN))
    return (signs >= _MIN_CJK) & (signs >= _MOST * latin)


@gated(_may_differ)
def wrong_language(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers in a language that is not the user's, and not named or used by them."""
    ends = {_language(row.answer[:_ENOUGH]), _language(row.answer[-_ENOUGH:])}
    if ends == {row.language}:
        return None
    found = _language(_sample(_CODE.sub(" ", row.answer[:_LONGEST])))
    if found in {None, UNDETERMINED, row.language} or _PROGRAM.search(row.answer):
        return None
    asked = f"{row.system}\n{row.before}\n{row.prompt}"
    if _NAMED.search(asked) or _uses(asked, str(found), row.language):
        return None
    return f"the answer is in {found!r}, the user's language is {row.language!r}"


def _sample(text: str) -> str:
    return text if len(text) <= 2 * _LONG else f"{text[:_LONG]} {text[-_LONG:]}"


def _language(text: str) -> str | None:
    """Return the language of an answer; None where it is too short to tell."""
    if text.isascii():
        return _of_letters(text)
    signs = {name: len(script.findall(text)) for name, script in _SCRIPTS.items()}
    latin, cjk = len(_LATIN.findall(text)), sum(signs.values())
    if cjk >= _MIN_CJK and cjk >= _MOST * latin:
        is_ja = signs["ja"] * 5 >= cjk
        return "ko" if signs["ko"] * 2 >= cjk else "ja" if is_ja else "zh"
    return None if latin < _MIN_LETTERS else _of_letters(text)


def _of_letters(text: str) -> str | None:
    if len(text) < _MIN_LETTERS or not _SENTENCE.search(text):
        return None
    if len(_ENGLISH.findall(text)) * _ENGLISH_SHARE >= len(text.split()):
        return "en"
    return language_of(text)


def _uses(asked: str, found: str, own: str) -> bool:
    """Return whether a good part of what was said before is in the answer's script already."""
    scripts = [_SCRIPTS[code] for code in (found, own) if code in _SCRIPTS]
    if not scripts:
        return False  # both are written in the same letters
    script = _SCRIPTS.get(found, _LATIN)
    signs = len(script.findall(asked))
    whole = len(_LATIN.findall(asked)) + sum(len(s.findall(asked)) for s in _SCRIPTS.values())
    return signs >= max(_MIN_CJK, _SOME * whole)
