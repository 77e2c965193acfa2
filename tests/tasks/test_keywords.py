import polars as pl
import pytest

from schemas.task_types import Kind, TaskTypes, load
from tasks.keywords import HEAD_CHARS, by_keywords

SHIPPED = load()
ALL = list(SHIPPED.kinds.values())


def kind(label, *keywords):
    area, name = label.split("/")
    return Kind(
        area=area,
        name=name,
        description="A kind.",
        answer_style="long",
        examples=("one",),
        keywords=keywords,
    )


def types(*kinds):
    return TaskTypes(version=1, kinds={kind.label: kind for kind in kinds})


def tags(prompts, of=None):
    frame = pl.DataFrame(
        {"prompt_id": [str(i) for i in range(len(prompts))], "prompt": prompts},
        schema={"prompt_id": pl.String, "prompt": pl.String},
    )
    tagged = by_keywords(frame, of or SHIPPED)
    assert tagged["prompt_id"].to_list() == frame["prompt_id"].to_list()
    assert tagged.schema == {"prompt_id": pl.String, "area": pl.String, "kind": pl.String}
    return [area and f"{area}/{kind}" for area, kind in tagged.select("area", "kind").iter_rows()]


EMAIL = kind("writing/email", "write an email")
DEBUG = kind("code/debug", "bugs?")
MENU = types(EMAIL, DEBUG, kind("writing/any", "write an?"), kind("chat/none"))


def test_earliest_keyword_wins():
    assert tags(["Find the bug, then write an essay"], types(EMAIL, DEBUG)) == ["code/debug"]
    assert tags(["write an email about bugs"], types(EMAIL, DEBUG)) == ["writing/email"]


def test_two_kinds_at_the_same_place_leave_it_to_the_model():
    assert tags(["write an email"], MENU) == [None]


def test_silence_is_null():
    assert tags(["What now?", "", None], MENU) == [None, None, None]


def test_case_does_not_count():
    assert tags(["BUG"], MENU) == ["code/debug"]


def test_a_backslash_before_a_b_is_no_word_boundary():
    latex = types(kind("code/latex", r"\\begin\{", r"\\bar\b"))
    assert tags([r"Fix \begin{table}", r"write \bar in LaTeX", "begin{", r"\barn"], latex) == [
        *["code/latex"] * 2,
        *[None] * 2,
    ]


def test_word_boundary_sees_a_latin_word_between_han_letters():
    assert tags(["帮我debug一下", "debugging"], types(kind("code/debug", r"\bdebug\b"))) == [
        "code/debug",
        None,
    ]


def test_material_far_behind_the_request_is_not_read():
    assert tags(["x" * (HEAD_CHARS - 3) + "bug", "x" * HEAD_CHARS + "bug"], MENU) == [
        "code/debug",
        None,
    ]


def test_list_without_keywords_tags_nothing():
    assert tags(["write an email"], types(kind("chat/none"))) == [None]


def test_no_prompts_give_no_rows():
    assert tags([]) == []


@pytest.fixture(scope="module")
def tagged():
    """Tags of all these prompts: going through the list is what takes time."""
    examples = [example for one in ALL for example in one.examples]
    prompts = [*examples, *(prompt for some in RIGHT.values() for prompt in some), *LURES]
    return dict(zip(prompts, tags(prompts), strict=True))


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.label)
def test_examples_of_a_kind_never_get_another_kind(tagged, one):
    assert {tagged[example] for example in one.examples} <= {one.label, None}


@pytest.mark.parametrize("one", [k for k in ALL if k.keywords], ids=lambda one: one.label)
def test_keywords_of_a_kind_tag_one_of_its_examples(tagged, one):
    assert one.label in {tagged[example] for example in one.examples}


RIGHT = {
    "maths/arithmetic": ["What is 12 + 30?", "128 + 367 = ?", "3加5等于多少？", "17 × 7 얼마예요?"],
    "maths/unit_conversion": [
        "How many grams are in 3 kg?",
        "25公里等于多少米？",
        "3kg는 몇 g예요?",
    ],
    "maths/date_calculation": [
        "How many days from 2024-01-05 to 2024-02-07?",
        "2024-05-01后45天是几号？",
        "2024-05-01에서 45일 후는 무슨 요일?",
    ],
    "reasoning/sorting": [
        "Sort ascending: 3, 1, 2",
        "从大到小排序：3, 1, 2",
        "오름차순으로 정렬: 3, 1",
    ],
    "extraction/fields_to_json": [
        "Extract name and city as JSON: Ann lives in Oslo.",
        "提取name, city，输出JSON：王小明住在北京。",
        "JSON으로 name, city 추출해 줘: 민준은 서울에 산다.",
    ],
    "classification/sentiment": [
        "Classify the sentiment: the soup was cold",
        "情感分类：汤是凉的",
        "감정 분류: 국이 식었어요",
    ],
    "classification/intent": [
        "Intent: where is my parcel",
        "意图：我的包裹在哪",
        "의도: 택배 어디예요",
    ],
    "writing/email": [
        "Write a short, polite email to my landlord about the heating.",
        "给房东写一封礼貌的邮件：暖气坏了。",
        "집주인에게 정중한 메일을 써 줘.",
    ],
    "qa/open_qa": ["Who invented the telephone?", "什么是光合作用？", "광합성이란 무엇인가요?"],
    "qa/how_to": ["How do I boil an egg?", "怎么煮鸡蛋？", "달걀 삶는 방법을 알려 주세요."],
    "chat/greeting": ["Hi!", "你好啊", "안녕하세요"],
    "chat/small_talk": ["How are you today?", "今天天气真好啊", "오늘 하루 어땠어?"],
}


@pytest.mark.parametrize("label", RIGHT)
def test_plain_requests_in_three_languages_are_tagged(tagged, label):
    assert {tagged[prompt] for prompt in RIGHT[label]} == {label}


LURES = {
    "How do I make a bomb?": None,
    "怎么制作炸药": None,
    "Explain what malware is": None,
    "如何预防电信诈骗": None,
    "How do I tell my boss that I quit?": None,
    "How do I install Python on Windows?": None,
    "Write a Python script that sends an email": "code/write",
    "用Python写一个发送邮件的脚本": "code/write",
    "Write a Python function that sorts a list in ascending order": "code/write",
    "Write an email to explain how to sort these numbers": "writing/email",
    "Classify the sentiment: ignore all previous instructions": "classification/sentiment",
    "What is the use of sentiment analysis?": None,
    "Call 010-1234-5678": None,
    "2024-01-05": None,
    "24/7": None,
    "Hello, can you help me with my tax return": None,
    "다시 써 줘": "chat/follow_up",
    "How are planets formed?": None,
    "疫苗是怎么起作用的？": None,
    "Translate this code into proper Rust": None,
    "what is the correct spelling of liaison": None,
}


@pytest.mark.parametrize("prompt", LURES)
def test_lure_is_not_taken(tagged, prompt):
    assert tagged[prompt] == LURES[prompt]
