import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.check_names import CHECK_NAMES, SPECIAL_CHECKS
from schemas.errors import TaxonomyError
from schemas.settings import CheckSettings
from schemas.task_types import TaskTypes, load
from tasks.checks import CHECKS, apply_checks

SCHEMA = dict.fromkeys(
    ["prompt", "answer", "reasoning", "finish_reason", "language", "area", "kind", "tools"],
    pl.String,
) | {"messages": pl.List(pl.Struct({"role": pl.String, "content": pl.String}))}
FINE = "Bring a small pan of water to the boil before the egg goes in."


ASKED = {"en": "How do I boil an egg?", "zh": "鸡蛋怎么煮？", "ko": "달걀은 어떻게 삶나요?"}


def row(answer, **other):
    """Return the row of an answer, in its language unless told otherwise."""
    text = answer or ""
    code = "zh" if re.search("[一-鿿]", text) else "ko" if re.search("[가-힣]", text) else "en"
    defaults = {
        "prompt": ASKED[code],
        "messages": None,
        "tools": None,
        "reasoning": None,
        "finish_reason": "stop",
        "language": code,
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
    "unclosed": ["Run this:\n\n```python\nprint(1)\n", "```\nls\n```\nand then\n```sh\ncd"],
    "identity_leak": [
        "I'm ChatGPT, and I like eggs.",
        "I am a large language model, trained by Google.",
        "My name is Claude. Boil it for six minutes.",
        "As an AI language model, I have never boiled an egg.",
        "I was created by OpenAI to help you.",
        "OpenAI made me to answer questions.",
        "我是通义千问，由阿里云开发。",
        "作为一个大型语言模型，我没有吃过鸡蛋。",
        "我是由百度研发的助手。",
        "저는 네이버가 만든 하이퍼클로바입니다.",
        "저는 OpenAI에서 개발한 챗봇이에요.",
        "언어 모델로서 달걀을 먹어 본 적은 없습니다.",
    ],
    "cutoff_talk": [
        "As of my last update in April 2023, six minutes were enough.",
        "My knowledge cutoff is September 2021.",
        "I was trained on data up to 2022, so prices may differ.",
        "I do not have information about events after 2021.",
        "我的知识截止到2023年4月。",
        "截至我最后一次更新，鸡蛋的价格没有变化。",
        "根据我的训练数据，截至2021年没有变化。",
        "제 지식은 2021년 9월까지입니다.",
        "제 마지막 업데이트 이후의 정보는 알 수 없습니다.",
        "저는 2023년까지의 데이터로 학습되었습니다.",
    ],
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
    "unclosed": ["```\nls\n```", "Type ``` to open a block.", "~~~\nls\n~~~"],
    "identity_leak": [
        "ChatGPT is a chatbot that OpenAI released in 2022.",
        "I asked ChatGPT about eggs, and it said six minutes.",
        "I am an AI assistant and happy to help.",
        "Use sources such as solar, wind and geothermal energy.",
        "通义千问是阿里云推出的大模型。",
        "我是您的助手，很高兴为您服务。",
        "챗GPT는 오픈AI가 만든 서비스입니다.",
        "저는 네이버에서 레시피를 찾아봤어요.",
    ],
    "cutoff_talk": [
        "A model's knowledge cutoff is the date up to which its training data goes.",
        "The update of 2023 made the app faster.",
        "She was trained in Paris until 2021.",
        "截止日期是2023年4月。",
        "训练数据决定了模型知道什么。",
        "마지막 업데이트는 2023년에 나왔습니다.",
    ],
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


def test_checks_have_the_names_and_the_order_that_settings_know():
    assert tuple(check.name for check in CHECKS) == CHECK_NAMES
    assert tuple(check.name for check in CHECKS if check.special) == SPECIAL_CHECKS


@pytest.mark.parametrize(("check", "case"), flat(CAUGHT))
def test_defect_is_named(check, case):
    assert check in defects_of(case)


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
    added = {"defects": pl.List(pl.String), "detail": pl.String}
    assert checked().schema == {**SCHEMA, **added}


def test_a_server_that_never_says_why_it_stopped_is_no_defect():
    answers = pl.DataFrame([row(FINE, finish_reason=None)])  # the column has no type at all
    assert apply_checks(answers, CFG)["defects"].to_list() == [[]]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=20) | st.sampled_from([c for c in CAUGHT["refusal"]])))
def test_checks_only_add_columns(answers):
    before = pl.DataFrame([row(answer) for answer in answers], schema=SCHEMA)
    after = apply_checks(before, CFG)
    assert after.drop("defects", "detail").equals(before)
    assert after["defects"].null_count() == 0


def test_every_defect_says_what_is_wrong():
    found = checked(row("I can't help with that. </think>", finish_reason="length"))
    assert found["detail"].to_list() == [
        "the answer was cut off before its end; the answer declines the task; "
        "the answer thinks aloud"
    ]
    assert checked(row(FINE))["detail"].to_list() == [None]


def test_a_check_that_is_off_is_not_made():
    assert defects("", cfg=CheckSettings(off=("empty",))) == []


def test_task_types_choose_their_checks():
    types = load()
    sad = row("I cannot help with that.", area="safety", kind="harmful_request")
    label = {"prompt": "Is it positive, negative or neutral? Labels: positive, negative, neutral"}
    odd = row("purple", area="classification", kind="sentiment", **label)
    nowhere = row("", area="unknown", kind="unknown")
    found = apply_checks(pl.DataFrame([sad, odd, nowhere], schema=SCHEMA), CFG, types)
    assert found["defects"].to_list() == [[], ["label_not_in_set"], ["empty"]]


def test_the_page_on_checks_lists_them_in_their_order():
    page = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == CHECK_NAMES


def test_a_check_that_does_not_exist_is_named_with_the_nearest():
    with pytest.raises(
        ValueError, match="there is no check 'emty'; the nearest known one is 'empty'"
    ):
        CheckSettings(off=("emty",))
    kinds = {"qa/how_to": load().kinds["qa/how_to"].model_copy(update={"checks": ("-lop",)})}
    with pytest.raises(TaxonomyError, match="no check is named 'lop'; the nearest is 'loop'"):
        apply_checks(
            pl.DataFrame([row(FINE)], schema=SCHEMA), CFG, TaskTypes(version=1, kinds=kinds)
        )
