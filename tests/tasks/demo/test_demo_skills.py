import json
import re
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest

from tasks.demo.languages import LANGUAGES, language_of
from tasks.demo.skills import SKILLS, skill
from tasks.demo.skills.skill import number

EACH = pytest.mark.parametrize("one", SKILLS, ids=lambda skill: skill.label)
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)

ARITHMETIC = skill("maths/arithmetic")
CONVERSION = skill("maths/unit_conversion")
DATES = skill("maths/date_calculation")
SORTING = skill("reasoning/sorting")
FIELDS = skill("extraction/fields_to_json")
SENTIMENT = skill("classification/sentiment")
INTENT = skill("classification/intent")


def examples(one, language, count=300, seed=1):
    rng = Random(seed)
    return [one.example(rng, language) for _ in range(count)]


@EACH
@IN_EACH_LANGUAGE
def test_solver_reads_the_answer_that_the_generator_chose(one, language):
    for example in examples(one, language):
        assert one.solve(example.prompt) == example.answer, example.prompt


@EACH
@IN_EACH_LANGUAGE
def test_no_skill_before_it_takes_its_prompts(one, language):
    for example in examples(one, language):
        first = next(other for other in SKILLS if other.solve(example.prompt) is not None)
        assert first.label == one.label, example.prompt


@EACH
def test_there_are_thousands_of_prompts(one):
    prompts = {e.prompt for language in LANGUAGES for e in examples(one, language, 1_200)}
    assert len(prompts) >= 2_000


@EACH
def test_the_same_seed_gives_the_same_prompts(one):
    assert examples(one, "ko", 20, seed=3) == examples(one, "ko", 20, seed=3)
    assert examples(one, "ko", 20, seed=3) != examples(one, "ko", 20, seed=4)


@EACH
@IN_EACH_LANGUAGE
def test_white_space_punctuation_and_thanks_change_no_answer(one, language):
    thanks = {"en": " Thanks!", "zh": "谢谢！", "ko": " 감사합니다!"}[language]
    for example in examples(one, language, 100):
        prompt = example.prompt
        closed = prompt.rstrip(".?!。？！")
        variants = [f" {prompt}\n", prompt.replace(" ", "  "), closed + "!", prompt + thanks]
        assert [one.solve(v) for v in variants] == [example.answer] * len(variants), prompt


@IN_EACH_LANGUAGE
def test_text_prompts_are_written_in_their_language(language):
    for one in (SENTIMENT, INTENT, FIELDS, SORTING, DATES):
        assert {language_of(e.prompt) for e in examples(one, language, 50)} == {language}


@pytest.mark.parametrize("foreign", ["How do I boil an egg?", "안녕하세요", "你好", "", "???"])
@EACH
def test_solver_is_silent_on_what_is_not_its_type(one, foreign):
    assert one.solve(foreign) is None


PYTHON = {
    **{"×": "*", "÷": "/", "plus": "+", "minus": "-", "times": "*", "divided by": "/"},
    **{"加": "+", "减": "-", "乘以": "*", "除以": "/"},
    **{"더하기": "+", "빼기": "-", "곱하기": "*", "나누기": "/"},
}


@IN_EACH_LANGUAGE
def test_arithmetic_agrees_with_python(language):
    for example in examples(ARITHMETIC, language):
        sum_ = example.prompt
        for word, sign in PYTHON.items():
            sum_ = sum_.replace(word, sign)
        expression = re.search(r"\d[\d+*/ -]*\d", sum_)[0]
        assert float(ARITHMETIC.solve(example.prompt)) == eval(expression), example.prompt


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("2 + 3 × 4 = ?", "14"),
        ("What is 7 / 2?", "3.5"),
        ("What is 1 / 3?", "0.333333"),
        ("１７＋２５等于多少？", "42"),
        ("What is 5 - -3?", "8"),
        ("What is 3 / 0?", None),
        ("What weekday is 2026-03-02?", None),
        ("Call 010-1234-5678, we are open 24/7.", None),
    ],
)
def test_arithmetic_knows_a_sum_when_it_sees_one(prompt, answer):
    assert ARITHMETIC.solve(prompt) == answer


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Convert 12 km to m.", "12000 m"),
        ("How many metres are in 2.5 km?", "2500 m"),
        ("90分钟是多少小时？", "1.5 h"),
        ("300毫升等于多少升？", "0.3 l"),
        ("3킬로그램 몇 그램예요?", "3000 g"),
        ("Convert 5 km to grams.", None),
        ("How do I run 5 km in 30 minutes?", None),
    ],
)
def test_units_are_converted_within_one_dimension(prompt, answer):
    assert CONVERSION.solve(prompt) == answer


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("What date is 2 days after 2026-02-27?", "2026-03-01"),
        ("2024-02-27后2天是几号？", "2024-02-29"),
        ("2026-01-03의 5일 전 날짜는?", "2025-12-29"),
        ("Which day of the week is 2026-03-02?", "Monday"),
        ("星期日后8天是星期几？", "星期一"),
        ("수요일에서 3일 전는 무슨 요일?", "일요일"),
        ("How many days from 2026-12-30 to 2027-01-02?", "3"),
        ("What date is 2 days after 2026-02-30?", None),
        ("What date is 9999999 days after 2026-01-01?", None),
    ],
)
def test_dates_follow_the_calendar(prompt, answer):
    assert DATES.solve(prompt) == answer


def test_generated_dates_agree_with_datetime():
    for example in examples(DATES, "en"):
        found = re.search(r"(\d+) days (after|before) (\d{4}-\d\d-\d\d)", example.prompt)
        if found:
            days = int(found[1]) * (1 if found[2] == "after" else -1)
            end = date.fromisoformat(found[3]) + timedelta(days=days)
            assert DATES.solve(example.prompt) in {end.isoformat(), f"{end:%A}"}


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Sort ascending: 10, 9, 2", "2, 9, 10"),
        ("从大到小排序：3、20、100", "100, 20, 3"),
        ("가나다순으로 정렬: 사과, 나무, 포도", "나무, 사과, 포도"),
        ("Sort descending: fig, pear, apple", "pear, fig, apple"),
        ("How do I sort my laundry: by colour?", None),
    ],
)
def test_numbers_sort_by_value_and_words_by_letter(prompt, answer):
    assert SORTING.solve(prompt) == answer


@IN_EACH_LANGUAGE
def test_extraction_answers_compact_json_of_what_the_prompt_says(language):
    for example in examples(FIELDS, language):
        answer = FIELDS.solve(example.prompt)
        fields = json.loads(answer)
        assert answer == json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        assert 2 <= len(fields) <= 4
        assert all(str(value) in example.prompt for value in fields.values())


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (
            "Extract name, email as JSON: Grace Ito from Oslo ordered 3 lamps. Email: <EMAIL_1>.",
            '{"name":"Grace Ito","email":"<EMAIL_1>"}',
        ),
        (
            "提取quantity, phone，输出JSON：杭州的王小明订购了29个雨伞。电话：<PHONE_2>。",
            '{"quantity":29,"phone":"<PHONE_2>"}',
        ),
        (
            "JSON (city, email): 의자 21개를 전주의 오채원 님께 보내 주세요. 이메일: <EMAIL_1>.",
            '{"city":"전주","email":"<EMAIL_1>"}',
        ),
        (
            "JSON with item, phone: 3 lamps go to Grace Ito in Oslo.",
            '{"item":"lamps","phone":null}',
        ),
    ],
)
def test_extraction_works_on_redacted_orders(prompt, answer):
    assert FIELDS.solve(prompt) == answer


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Classify the sentiment: It was not good.", "negative"),
        ("Classify the sentiment: It was not bad at all, I recommend it.", "positive"),
        ("Classify the sentiment: The bag holds a receipt.", "neutral"),
        ("情感分类：一点也不好。", "消极"),
        ("情感分类：很不错。", "积极"),
        ("감정 분류: 전혀 좋지 않았어요.", "부정"),
        ("감정 분류: 돈이 아깝지 않아요.", "긍정"),
        ("The soup was wonderful.", None),
    ],
)
def test_sentiment_turns_round_at_a_negation(prompt, answer):
    assert SENTIMENT.solve(prompt) == answer


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Intent: The lamp from Friday has not arrived.", "track_order"),
        ("意图：我要退款。", "refund"),
        ("의도: 상담원 연결해 주세요.", "talk_to_human"),
        ("The lamp from Friday has not arrived.", None),
    ],
)
def test_intent_is_one_of_a_closed_list(prompt, answer):
    assert INTENT.solve(prompt) == answer


def test_numbers_are_written_the_short_way():
    values = [Fraction(12), Fraction(-3), Fraction(1, 2), Fraction(1, 3)]
    assert [number(value) for value in values] == ["12", "-3", "0.5", "0.333333"]


def test_unknown_label_is_a_key_error():
    with pytest.raises(KeyError):
        skill("maths/topology")
