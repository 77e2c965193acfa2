"""Reasoning inside an answer: take it out where it is marked, find it where it is not."""

import re
from collections.abc import Callable

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.aloud import ALOUD, ANSWER, REASONING, TO_ITSELF
from tasks.checks.check import says
from tasks.checks.marked import FENCES, TAGS, Found, Span, fenced, inside, tagged, unwrapped

__all__ = ["TAGS", "reasoning_residue", "split_reasoning"]

# Prompts that want to see the steps: what else is residue is then the answer itself.
_SHOWN = (
    r"(?i)step[- ]by[- ]step|think(?:ing)? (?:aloud|out loud)|thought process|chain of thought"
    r"|(?:show|see|write|include|with|explain|give|share|describe|state|provide)\b[^.?!\n]{0,24}"
    r"\b(?:steps|working|your work|reasoning|thinking)\b"
    r"|(?:解题|推理|思考|计算|推导|求解|解答|证明|分析)的?(?:过程|步骤|思路)|一步一?步|逐步|分步"
    r"|(?:写出|给出|展示|列出|说明)[^。\n]{0,6}(?:过程|步骤|思路)"
    r"|풀이|(?:사고|추론|계산|생각) ?과정|단계별|단계적|차근차근"
)
_SHOWS = re.compile(_SHOWN)

_AHEAD = r"[\s*#>_`-]*"
_OPENS = re.compile(
    rf"\s*(?:{'|'.join(f'(?P<{form}>{head})' for form, head in REASONING.items())}"
    rf"|{_AHEAD}(?:{'|'.join(ALOUD + TO_ITSELF)}))",
    re.I,
)
# a heading is answered by a heading of the same form
_MARKS = {
    form: re.compile(rf"^[ \t>]*(?:{ANSWER[form]})", re.I | re.M) for form in ("hash", "bracket")
}
_ANY_MARK = re.compile(
    rf"(?:^[ \t>]*|(?<=[.!?。！？])[ \t]*)(?:{'|'.join(ANSWER.values())})"
    r"|^\s*<(?:answer|final_answer|response)>",
    re.I | re.M,
)
_END_TAG = re.compile(r"</(?:answer|final_answer|response)>\s*$", re.I)
_RULE = re.compile(r"^[ ]{0,3}(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$", re.M)

# What shows that the part before a mark is no reasoning: it asks something, or is laid out.
_ASKS = re.compile(
    r"^\W*(?:q|question|riddle|problem|问题?|题目?|谜[面语]|문제|질문|수수께끼)\s*\d*\s*[.:：]",
    re.I | re.M,
)
_LAID_OUT = re.compile(r"^[ ]{0,3}(?:#{1,6} |[-*+•] |\d+[.)、] ?|\||```)", re.M)
_OUTRO = re.compile(
    r"\W*(?:let me know|tell me|i hope|hope|if you|feel free|would you|note|如果|希望|需要|注"
    r"|더 |도움|궁금|원하|필요)",
    re.I,
)


# Code as CommonMark fences it, and inline code. Rust's regex has no back-references, but a fence
# inside another needs a longer one around it.
_OUTER, *_INNER = (
    rf"(?sm:^ {{0,3}}{ticks}.*?^ {{0,3}}{ticks})" for ticks in ("`{4,}", "```", "~~~")
)
_CODE = "|".join([*_INNER, "`[^`\n]+`"])
_TAG = rf"(?i)</?(?:{'|'.join(TAGS)})(?:\s[^<>]*)?/?>"
_FENCE = rf"(?im)^ {{0,3}}(?:```+|~~~+) *(?:{FENCES}) *$"
_TALKS = rf"(?i)^{_AHEAD}(?:{'|'.join(TO_ITSELF)})"
_THINKS = rf"(?i)^(?:{_AHEAD}(?:{'|'.join(ALOUD)})|\s*(?:{'|'.join(REASONING.values())}))"


def split_reasoning(answer: str, prompt: str = "") -> tuple[str, str | None]:
    """Move marked reasoning out of an answer: (the answer, the reasoning or None).

    What is not surely marked stays where it is, and `reasoning_residue` finds it. A prompt that
    asks to see the steps gets them: only tags and fences of reasoning are taken out then.
    """
    rest, in_tags = _out_of_marks(answer, tagged)
    rest, in_fences = _out_of_marks(rest, fenced)
    rest, in_prose = _opening(rest, prompt)
    if rest == answer:
        return answer, None
    thoughts = [*in_tags, *in_fences, in_prose]
    return unwrapped(rest).strip(), "\n\n".join(filter(None, thoughts)) or None


@says("the answer thinks aloud")
def reasoning_residue(cfg: CheckSettings) -> pl.Expr:
    """Find answers with a reasoning tag outside code, or that begin by thinking aloud."""
    answer, prompt = pl.col("answer"), pl.col("prompt").fill_null("")
    shown = answer.str.replace_all(_OUTER, "")
    marked = shown.str.replace_all(_CODE, "").str.contains(_TAG) | shown.str.contains(_FENCE)
    thinks = answer.str.contains(_THINKS) & ~prompt.str.contains(_SHOWN)
    return marked | answer.str.contains(_TALKS) | thinks


def _out_of_marks(text: str, find: Callable[[str], Found]) -> tuple[str, list[str]]:
    spans, unclosed = find(text)
    if unclosed is None:
        return _without(text, spans), [inside(text, span) for span in spans]
    answer = _answer_mark(text, unclosed)
    if not answer:
        return text, []
    _, _, thought = text[unclosed : answer.start()].partition(">" if find is tagged else "\n")
    return text[:unclosed] + _after(answer), [_tidy(thought)]


def _opening(text: str, prompt: str) -> tuple[str, str]:
    """Split a text that begins by thinking aloud where it says that the answer begins."""
    opened = _OPENS.match(text)
    if not opened or _SHOWS.search(prompt):
        return text, ""
    form = _MARKS.get(opened.lastgroup or "")
    heads = list(form.finditer(text, opened.end())) if form else []
    answer = heads[0] if len(heads) == 1 else _answer_mark(text, opened.end())
    if not answer or not _after(answer).strip():
        return text, ""
    begin = opened.end() if opened.lastgroup else 0
    return _after(answer), _tidy(text[begin : answer.start()])


def _answer_mark(text: str, begin: int) -> re.Match[str] | None:
    """Find the one mark of the answer; with several, nobody knows which it is."""
    marks, rules = list(_ANY_MARK.finditer(text, begin)), list(_RULE.finditer(text, begin))
    if _ASKS.search(text, begin):
        return None
    if len(marks) == 1:
        at = marks[0].start()
        ahead = [rule for rule in rules if rule.end() <= at and text[rule.end() : at].strip()]
        return None if ahead else marks[0]
    if marks or len(rules) != 1 or _LAID_OUT.search(text, begin, rules[0].start()):
        return None
    return None if _OUTRO.match(text, rules[0].end()) else rules[0]


def _after(mark: re.Match[str]) -> str:
    """Return what follows a mark, without the end of a tag or of bold type that began in it."""
    rest = mark.string[mark.end() :]
    if mark[0].endswith(">"):
        return _END_TAG.sub("", rest)
    return rest.replace("**", "", 1) if mark[0].count("**") % 2 else rest


def _tidy(thought: str) -> str:
    return _RULE.sub("", thought).strip()


def _without(text: str, spans: list[Span]) -> str:
    for begin, end in reversed(spans):
        before, after = text[:begin], text[end:]
        on_lines = before.endswith("\n") and after.startswith("\n")
        text = f"{before.rstrip()}\n\n{after.lstrip()}" if on_lines else before + after
    return text
