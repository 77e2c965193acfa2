"""A prompt is rewritten to what its answer does, where that is a length, a count or a form."""

import polars as pl
import pytest

from schemas.settings import CheckSettings
from tasks.checks import apply_checks
from tasks.checks.backfit import backfit
from tasks.checks.check import Answered

CFG = CheckSettings()
HAN, HANGUL = "雨水从云里落到地面上来了", "비는 구름에서 땅으로 떨어진다"
LIST, NUMBERS = "- tea\n- coffee", "1. tea\n2. coffee"

REWRITTEN = {
    "at most": ("Explain rain in at most 20 words.", 33, "Explain rain in at most 35 words."),
    "at least": ("Explain rain in at least 200 words.", 33, "Explain rain in at least 30 words."),
    "exactly": ("Explain rain in exactly 20 words.", 33, "Explain rain in exactly 33 words."),
    "about": ("Explain rain in about 20 words.", 133, "Explain rain in about 130 words."),
    "range": ("Explain rain in 50 to 80 words.", 133, "Explain rain in 50 to 140 words."),
    "long": ("Write a 50-word story.", 1_234, "Write a 1200-word story."),
    "zh length": ("用不超过10个字解释下雨。", HAN, "用不超过15个字解释下雨。"),
    "ko length": ("10자 이내로 설명해 줘", HANGUL, "15자 이내로 설명해 줘"),
    "count": ("Give me three tips for eggs.", NUMBERS, "Give me 2 tips for eggs."),
    "sentences": (
        "Describe it in two sentences.",
        "It is wet. It is cold. It is rain.",
        "Describe it in 3 sentences.",
    ),
    "zh count": ("给我列出三条建议", "1. 多喝水\n2. 早睡", "给我列出2条建议"),
    "ko count": ("습관 세 가지 알려줘", "1. 물\n2. 잠", "습관 2 가지 알려줘"),
    "table": ("Compare both in a table.", LIST, "Compare both in a bulleted list."),
    "table form": ("Compare both in table form.", LIST, "Compare both in a bulleted list."),
    "markdown": ("Compare as a markdown table.", NUMBERS, "Compare as a numbered list."),
    "bullets": ("List teas using bullet points.", NUMBERS, "List teas using a numbered list."),
    "numbered": ("Give me a numbered list of teas.", LIST, "Give me a bulleted list of teas."),
    "zh form": ("用表格对比茶和咖啡", "- 茶\n- 咖啡", "用项目符号列表对比茶和咖啡"),
    "ko form": (
        "차와 커피를 표로 비교해 줘",
        "- 차\n- 커피",
        "차와 커피를 글머리 기호 목록으로 비교해 줘",
    ),
}


def text(said):
    return " ".join(f"word{n}" for n in range(said)) + "." if isinstance(said, int) else said


@pytest.mark.parametrize("name", REWRITTEN)
def test_the_prompt_asks_for_what_the_answer_does(name):
    prompt, said, rewritten = REWRITTEN[name]
    assert backfit(Answered(prompt, text(said)), CFG) == rewritten


@pytest.mark.parametrize("name", REWRITTEN)
def test_the_answer_passes_with_it_and_did_not_without(name):
    prompt, said, rewritten = REWRITTEN[name]
    assert defects(prompt, text(said))
    assert not defects(rewritten, text(said))


def defects(prompt, answer):
    row = {"prompt": prompt, "answer": answer, "messages": [], "tools": None, "language": "und"}
    row |= {"finish_reason": "stop", "area": "qa", "kind": "how_to"}
    return (
        apply_checks(pl.DataFrame([row], schema_overrides={"tools": pl.String}), CFG)["defects"]
        .item()
        .to_list()
    )


CANNOT = {
    "another form": ("Compare both as CSV.", LIST),
    "no other form": ("Compare both in a table.", "Tea is mild."),
    "the noun would change": ("Give me one tip for eggs.", NUMBERS),
    "too long to read whole": ("Give me three tips. " + "Eggs. " * 200, NUMBERS),
    "a problem": ("A 40-word text, 5 words a line, 4 lines a page, 2 pages?", "word " * 80),
    "nothing was asked for": ("Why is it raining?", "So."),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_cannot_be_rewritten_stays(name):
    assert backfit(Answered(*CANNOT[name]), CFG) is None
