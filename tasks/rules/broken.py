"""Rules on text that went wrong before a user saw it, or instead of what a user wrote."""

import polars as pl

from schemas.filter_settings import FilterSettings
from schemas.patterns import any_of
from tasks.rules.rule import hit
from tasks.traits.pattern import PLAIN, PROMPT
from tasks.visible import visible_chars

# U+FFFD stands where bytes could not be decoded; 锟斤拷 is U+FFFD read as GBK; the rest are the
# bytes of CJK and Cyrillic letters read as Latin-1 or Windows-1252. Latin text read so is legible.
_CONTINUES = (
    r"[\x{0080}-\x{00BF}\x{0152}-\x{0192}\x{02C6}\x{02DC}\x{2013}-\x{203A}\x{20AC}\x{2122}]"
)
_UNDECODED = (
    r"[\x{FFFD}\x{FFFE}]|锟斤拷"
    rf"|[\x{{00E3}}-\x{{00ED}}]{_CONTINUES}{{2}}|[\x{{00D0}}\x{{00D1}}]{_CONTINUES}"
)
_LONGEST = 300  # characters of a message
_LATER = (  # the end of a message; what stands behind is said by the user
    "(?:(?:issue|problem) persists,? (?:please )?contact[^:?]*|either the engine[^:?]*"
    "|(?:try again|reload)(?: later| soon| shortly| the page| in [a-z0-9 ]+)?)"
)
# What chat windows show instead of an answer; the first is the one that LMSYS drops chats for.
_MESSAGES = (
    "network error due to high traffic. please regenerate or refresh this page"
    "(?:[^a-z]+error_code.*)?",
    "(?:(?:hmm|oops)[^a-z]+)?something (?:went|seems to have gone) wrong"
    f"(?:(?: while [a-z ]+)?[.,!][^:?]*{_LATER})?",
    "there was an error generating a response",
    f"an error occurred(?: (?:while|during) [a-z ]+)?[.,][^:?]*{_LATER}",
    "too many requests in [0-9]+ hours?.*try again later",
    f"the server is (?:currently )?(?:busy|overloaded)[^:?]*{_LATER}",
    r"\[?object object\]?|undefined|null|nan",
    "(?:网络(?:异常|错误|连接失败|不给力)|服务器?(?:繁忙|异常|出错)|系统(?:繁忙|异常)|出错了).{0,3}"
    "请?您?(?:稍后|重新)(?:再试|重试|刷新|尝试)(?:一下|吧|，谢谢)?",
    "(?:일시적인 |네트워크 |서버 )?오류가 발생(?:했습니다|하였습니다).*다시 시도해 ?"
    "(?:주세요|주십시오|주시기 바랍니다)",
)
_MESSAGE = rf"^[^\p{{L}}\[]*(?:{any_of(*_MESSAGES)})[^\p{{L}}]*$"
_PAGE = (
    r"(?s)^\s*(?:<!doctype html[^>]*>\s*)?<html[^>]*>\s*<head>\s*(?:<meta[^>]*>\s*)*<title>\s*"
    r"(?:error|[45][0-9][0-9]\b|bad gateway|service unavailable|just a moment|attention required)"
    r".*</html>(?:\s|<!--[^>]*-->)*$"
).replace(r"\b", r"(?-u:\b)")
_PUTS_IN = (
    r"\b(?:replac|substitut|mask|placeholder|anonymi[sz](?:e|ing)\b)|替换|匿名|脱敏|대체|익명"
    r"|^[^a-z]*(?:what(?:'s| is| does)?|why is|how (?:do i|to|can i) [a-z]+) [^a-z<]*<"
    "|>[^a-z]{0,2}(?:是什么|什么意思|表示)|>.{0,3}(?:무슨|뭐|무엇)"
)


def malformed(cfg: FilterSettings) -> pl.Expr:
    """Drop text in which too many characters could not be decoded; the value is their share."""
    torn = pl.when(PROMPT.str.contains(_UNDECODED)).then(PROMPT)
    lost = torn.str.extract_all(_UNDECODED).list.join("").str.len_chars()
    share = lost / visible_chars(torn).clip(1)
    return hit(share, when=share > cfg.max_undecoded)


def error_text(_: FilterSettings) -> pl.Expr:
    """Drop error messages of a chat window and HTML error pages; the value is the length.

    Only where nothing else is said: who asks about an error has a question.
    """
    chars = PROMPT.str.len_chars()
    message = pl.when(chars <= _LONGEST).then(PLAIN).str.contains(_MESSAGE)
    page = pl.when(PROMPT.str.contains("</", literal=True)).then(PLAIN).str.contains(_PAGE)
    return hit(chars, when=message.fill_null(value=False) | page.fill_null(value=False))


def anonymized(_: FilterSettings) -> pl.Expr:
    """Drop prompts with holes of an earlier anonymisation, as LMSYS-Chat-1M does.

    The value counts them. Who asks to put them in means what they say.
    """
    marked = pl.when(PROMPT.str.contains("<", literal=True)).then(PLAIN)
    holes = marked.str.count_matches("<(?:anonymi[sz]ed|redacted)>")
    return hit(holes, when=(holes > 0) & ~marked.str.contains(any_of(_PUTS_IN)))
