"""Reasoning inside an answer: take it out where it is marked, find it where it is not."""

import re

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import says

TAGS = ("think", "thinking", "reasoning")  # what reasoning models and prompts that ask for it use
_BLOCK = re.compile(
    "|".join(rf"<{tag}>(?P<{tag}>.*?)</{tag}>" for tag in TAGS), re.DOTALL | re.IGNORECASE
)

_EN_AHEAD = r"(?:(?:okay|ok|alright|hmm+|well|first|so|now)\W+){0,2}"
_EN_I_MUST = r"(?:let me|let.?s|let us|i need to|i should) (?:first |just |carefully |quickly )?"
_EN_THINK = (
    r"(?:think|reason|figure (?:this|it|out)|consider what|work (?:through|out) (?:this|what)"
    r"|analy[sz]e (?:this|the (?:question|problem|request|prompt)))"
)
_ZH_AHEAD = r"(?:好的?|嗯+|首先|那么|现在)?[，,。、：:\s]*"
_ZH_I_MUST = r"(?:让我们?|我们?来|我们?先|我需要|我得|我应该)"
_ZH_THINK = (
    r"(?:首先|先|来|再|仔细|好好|一步一?步地?|逐步){0,3}(?:想|思考|分析|考虑|梳理|推理|理清|琢磨)"
)
_KO_AHEAD = r"(?:음+|자|먼저|우선|좋아요?|네|그럼|일단)?[,.\s]*(?:제가 |내가 )?(?:먼저 |우선 )?"
_KO_HOW = r"(?:한번 |잠깐 |차근차근 |천천히 |단계별로 |단계적으로 |문제를 |질문을 )*"
_KO_THINK = r"(?:생각해|분석해|따져) ?(?:보(?:자|겠|죠)|봅시다)"

# How a model talks to itself. "Let me explain" talks to the user and is fine.
ALOUD: tuple[str, ...] = (
    rf"{_EN_AHEAD}{_EN_I_MUST}{_EN_THINK}\b",
    r"(?:(?:okay|ok|alright|hmm+|so)\W+){1,2}(?:the user|i need to|they want|we need to)\b",
    r"the user (?:is asking|asks|asked|wants?|said|is requesting|needs|has asked)\b",
    r"hmm+\b",
    r"(?:(?:step.by.step )?reasoning|thinking|thoughts?|thought process|chain of thought)\W*:",
    rf"{_ZH_AHEAD}{_ZH_I_MUST}{_ZH_THINK}",
    r"(?:嗯+[，,]|好的?[，,])?\s*用户(?:想|要|问|让|希望|询问|的问题|在问|需要|请求)",
    r"(?:思考|推理|思维|解题|分析)过程\W*[:：]",
    rf"{_KO_AHEAD}{_KO_HOW}{_KO_THINK}",
    r"사용자(?:가|는|의 (?:질문|요청)은?)[^.\n]{0,30}(?:원하|원한|요청|묻|물었|질문)",
    r"(?:풀이|사고|추론|생각|분석) ?과정\W*[:：]",
)


def split_reasoning(answer: str) -> tuple[str, str | None]:
    """Move marked reasoning out of an answer: (the answer, the reasoning or None).

    A block that is never closed stays where it is: nobody knows where the answer starts, and
    `reasoning_residue` finds it.
    """
    blocks = [_inside(block) for block in _BLOCK.finditer(answer)]
    if not blocks:
        return answer, None
    return _BLOCK.sub("", answer).strip(), "\n\n".join(filter(None, blocks)) or None


@says("the answer thinks aloud")
def reasoning_residue(cfg: CheckSettings) -> pl.Expr:
    """Find answers with a reasoning tag anywhere, or that begin by thinking aloud."""
    answer = pl.col("answer")
    tag = answer.str.contains(rf"(?i)</?(?:{'|'.join(TAGS)})>")
    opening = rf"(?i)^[\s*#>_`-]*(?:{'|'.join(ALOUD)})"
    return tag | answer.str.contains(opening)


def _inside(block: re.Match[str]) -> str:
    return str(block[block.lastgroup or 0]).strip()
