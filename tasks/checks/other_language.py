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
_SENTENCE = re.compile(r"(?:\S+[ ]+){6}\S")  # names in a list are of any language
_MIN_LETTERS, _MIN_CJK = 24, 6
_MOST = 0.25  # a Han sign or a Hangul syllable is as long as four letters
_SOME = 0.15  # of the letters: a share that is no name or quotation
_ENOUGH, _LONG = 120, 600  # characters that tell a language: mostly, and at last
_LONGEST = 20_000


def _may_differ(cfg: CheckSettings) -> pl.Expr:
    is_known = pl.col("language").ne_missing(UNDETERMINED)
    return is_known & ~pl.col("area").is_in(["translation", "code"])


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
    if len(_ENGLISH.findall(text)) * 8 >= len(text.split()):
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
