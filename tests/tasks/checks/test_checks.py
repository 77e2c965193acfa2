import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.settings import CheckSettings
from tasks.checks import CHECKS, apply_checks

SCHEMA = dict.fromkeys(
    ["prompt", "answer", "reasoning", "finish_reason", "language", "area", "kind"], pl.String
)
FINE = "Bring a small pan of water to the boil before the egg goes in."


def row(answer, **other):
    defaults = {
        "prompt": "How do I boil an egg?",
        "reasoning": None,
        "finish_reason": "stop",
        "language": "en",
        "area": "qa",
        "kind": "how_to",
    }
    return {**defaults, "answer": answer, **other}


CFG = CheckSettings()


def checked(*rows, cfg=CFG):
    return apply_checks(pl.DataFrame(rows, schema=SCHEMA), cfg)


def defects(answer, cfg=CFG, **other):
    return checked(row(answer, **other), cfg=cfg)["defects"][0].to_list()


CAUGHT = {
    "empty": ["", " \n", "\u200b\u2060", "\u3164", None],
    "cut_off": [(FINE, "length"), ("先把小锅里的水烧", "length"), ("먼저 물을", "content_filter")],
    "refusal": [
        "I'm sorry, but I can't help with that.",
        "I’m really sorry, but I cannot assist with this request.",
        "I am unable to provide medical advice.",
        "Unfortunately, I won't be able to answer this.",
        "As an AI language model, I cannot browse the internet.",
        "As an AI, I don't have access to real-time data.",
        "I must respectfully decline.",
        "抱歉，我无法帮助您完成这个请求。",
        "作为AI，我无法访问互联网。",
        "作为一个人工智能语言模型，我不能提供这方面的建议。",
        "对不起，我不能回答这个问题。",
        "我无法提供这些信息。",
        "很抱歉，我没有联网查询的能力。",
        "죄송하지만 그 요청은 도와드릴 수 없습니다.",
        "죄송합니다. 그 정보는 제공할 수 없습니다.",
        "저는 인공지능이라 인터넷에 접속할 수 없습니다.",
        "그 질문에는 답변드리기 어렵습니다.",
    ],
    "reasoning_residue": [
        f"<think>\nThe user wants an answer.\n{FINE}",
        f"The water goes first.\n</think>\n{FINE}",
        f"{FINE} <THINKING>",
        "<reasoning>so far",
        f"Let me think about this step by step. {FINE}",
        "Okay, let me analyze the question.",
        "Okay, so the user wants an egg.",
        "The user is asking about eggs.",
        "Hmm, eggs.",
        "Reasoning: eggs need heat.",
        "**Thinking:** eggs need heat.",
        "Let's think step by step.",
        "首先让我分析一下这个问题。",
        "好的，我需要先思考一下。",
        "嗯，用户想知道怎么煮鸡蛋。",
        "让我一步一步地想。",
        "思考过程：先烧水。",
        "풀이 과정: 물을 끓인다.",
        "먼저 차근차근 생각해 보겠습니다.",
        "사용자는 분명한 답을 원한다.",
    ],
}
CLEAN = {
    "empty": ["7", "好", "네", FINE],
    "cut_off": [(FINE, "stop"), (FINE, "tool_calls"), (FINE, None)],
    "refusal": [
        "Dear Ann,\n\nI'm sorry, but I can't help you move on Saturday.",
        "I'm sorry, but I cannot attend the meeting on Monday.",
        "Sorry to hear that! Have you tried warm water?",
        "You can't help falling in love.",
        "对不起，我不能参加周一的会议。",
        "我不能不佩服他的勇气。",
        "作为一名老师，他无法拒绝学生。",
        "作为人工智能助手，我可以帮您写邮件。",
        "죄송하지만 월요일 회의에 참석할 수 없습니다.",
        "안녕하세요! 무엇을 도와드릴까요?",
    ],
    "reasoning_residue": [
        "Let me explain how eggs are boiled.",
        "Let me know if you need more.",
        "He stopped. Let me think about it, he said.",
        "First, bring the water to the boil.",
        "I think six minutes are enough.",
        "The user manual is in the box.",
        "首先，把水烧开。",
        "我想六分钟就够了。",
        "用户手册在盒子里。",
        "먼저 물을 끓입니다.",
        "그 영화에 대해 생각해 보면 재미있습니다.",
        "Use <b>bold</b> to think.",
    ],
}


def defects_of(case):
    answer, finish_reason = case if isinstance(case, tuple) else (case, "stop")
    return defects(answer, finish_reason=finish_reason)


def flat(table):
    return [(check, case) for check, cases in table.items() for case in cases]


def test_every_check_has_answers_it_catches_and_answers_it_lets_pass():
    assert list(CAUGHT) == list(CLEAN) == [check.__name__ for check in CHECKS]


@pytest.mark.parametrize(("check", "case"), flat(CAUGHT))
def test_defect_is_named(check, case):
    assert defects_of(case) == [check]


@pytest.mark.parametrize(("check", "case"), flat(CLEAN))
def test_clean_answer_passes(check, case):
    assert defects_of(case) == []


def test_all_defects_are_listed_in_the_order_of_the_checks():
    answer = "I can't help with that. </think>"
    assert defects(answer, finish_reason="length") == ["cut_off", "refusal", "reasoning_residue"]


def test_refusing_is_right_in_the_area_of_safety():
    answer = "I'm sorry, but I can't help with that."
    assert defects(answer, area="safety", kind="harmful_request") == []
    assert defects(answer, area=None, kind=None) == ["refusal"]


def test_refusal_further_on_is_part_of_the_answer():
    assert defects(f"{FINE} {FINE} {FINE} I'm sorry, but I can't help with that.") == []


def test_shortest_answer_is_a_setting():
    assert defects("ok", cfg=CheckSettings(min_answer_chars=3)) == ["empty"]
    assert defects("o k", cfg=CheckSettings(min_answer_chars=2)) == []


def test_no_answers_give_the_same_columns():
    assert checked().schema == {**SCHEMA, "defects": pl.List(pl.String)}


def test_a_server_that_never_says_why_it_stopped_is_no_defect():
    answers = pl.DataFrame([row(FINE, finish_reason=None)])  # the column has no type at all
    assert apply_checks(answers, CFG)["defects"].to_list() == [[]]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=20) | st.sampled_from([c for c in CAUGHT["refusal"]])))
def test_checks_only_add_a_column(answers):
    before = pl.DataFrame([row(answer) for answer in answers], schema=SCHEMA)
    after = apply_checks(before, CFG)
    assert after.drop("defects").equals(before)
    assert after["defects"].null_count() == 0
