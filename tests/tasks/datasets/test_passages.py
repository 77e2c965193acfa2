"""Planted quotes of eval prompts, and texts that only look like one."""

import random
from types import SimpleNamespace

import polars as pl
import pytest

from schemas.settings import DedupeSettings
from tasks.datasets import passages
from tasks.datasets.leaks import Leaks

CFG = DedupeSettings()
TRIP = (
    "Plan a slow weekend by train from Lisbon to the coast for two people who like small "
    "museums, quiet beaches and good bread, and say what to book early."
)
SUM = "What is 17*24 minus 19?"
ZH = "请用通俗的语言解释为什么面包在烤箱里会膨胀，并说明酵母、面筋和温度各自起什么作用。"
KO = "주말에 부산에서 조용히 쉬고 싶은 두 사람을 위해 작은 박물관과 바닷가를 도는 일정을 짜 줘."
EXAMS = {"exam/trip": (TRIP,), "exam/sum": (SUM,), "exam/zh": (ZH,), "exam/ko": (KO,)}
PROMPTS = {"trip": TRIP, "sum": SUM, "zh": ZH, "ko": KO}
WORDS = [
    "amber",
    "bicycle",
    "candle",
    "dentist",
    "engine",
    "forest",
    "garden",
    "harbour",
    "insect",
    "jacket",
    "kettle",
]
WORDS += [
    "lantern",
    "market",
    "needle",
    "orchard",
    "pebble",
    "quilt",
    "saddle",
    "timber",
    "umbrella",
    "valley",
    "zipper",
]


def says(role, text):
    return {"role": role, "content": text}


def marked(*conversations, exams=EXAMS):
    found = Leaks(exams, CFG).mark(pl.DataFrame({"messages": list(conversations)}))
    return found["match"].to_list()


def one_turn(text):
    return [says("user", text), says("assistant", "Of course.")]


def in_turn_3(text):
    hello = one_turn("Hi") + one_turn("Something else first")
    return hello + one_turn(f'My friend was asked: "{text}" What would you say?')


def in_an_example(text):
    shown = f"Answer as here.\nQ: What do cows drink?\nA: Water.\nQ: {text}\nA: As I said."
    return [says("system", shown), *one_turn("Now about my garden, please.")]


def in_the_answer(text):
    return [says("user", "Give me a question for a quiz"), says("assistant", f"Gladly. {text}")]


def full_width(text):
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def without_marks(text):
    return "".join(char for char in text if char not in ",.?!，。？！、")


@pytest.mark.parametrize("name", PROMPTS)
@pytest.mark.parametrize("form", [str, str.upper, full_width, without_marks])
@pytest.mark.parametrize("place", [one_turn, in_turn_3, in_an_example, in_the_answer])
def test_an_eval_prompt_is_found_wherever_and_however_it_is_quoted(place, form, name):
    assert marked(place(form(PROMPTS[name]))) == [f"exam/{name}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("small museums", "little museums"),
        ("and say what to book early", ""),
        ("quiet beaches", "qiet beachs"),
        ("Plan a slow weekend", "Please plan me a slow weekend"),
        ("people who like small museums", "friends that enjoy tiny galleries"),
    ],
)
@pytest.mark.parametrize("place", [one_turn, in_turn_3])
def test_a_prompt_with_other_words_is_found(place, old, new):
    assert marked(place(TRIP.replace(old, new))) == ["exam/trip"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Lisbon", "Naples"), ("two people", "12 people"), ("like small", "do not like small")],
)
@pytest.mark.parametrize("place", [one_turn, in_turn_3])
def test_other_names_numbers_and_denials_ask_something_else(place, old, new):
    assert marked(place(TRIP.replace(old, new))) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "What is 17+24 minus 19?",
        "What is 17*24 minus 91?",
        "What is 17*24 minus 19 squared and halved?",
        ZH.replace("面包", "米饭"),
        KO.replace("부산", "강릉"),
        "Plan a slow weekend by train.",
        "",
    ],
)
def test_what_only_looks_like_a_prompt_stays(text):
    assert marked(one_turn(text)) == [None]


def prompt(rng):
    return f"Write about {' '.join(rng.choices(WORDS, k=rng.randint(14, 40)))} in plain words."


def rewritten(rng, text):
    """Put other words for a tenth of the words, and leave another tenth out."""
    words = text.split()
    changed = rng.sample(range(len(words)), len(words) // 5)
    half = len(changed) // 2
    for n in changed[:half]:
        words[n] = rng.choice(WORDS)
    return " ".join(word for n, word in enumerate(words) if n not in changed[half:])


def test_nearly_every_rewritten_prompt_is_found_with_its_own_match():
    rng = random.Random(5)
    exams = {f"exam/{n}": (prompt(rng),) for n in range(300)}
    found = marked(*(one_turn(rewritten(rng, text)) for (text,) in exams.values()), exams=exams)
    assert sum(match == id_ for match, id_ in zip(found, exams, strict=True)) >= 294


def test_unrelated_texts_of_the_same_words_stay():
    rng = random.Random(6)
    exams = {f"exam/{n}": (prompt(rng),) for n in range(300)}
    found = marked(*(one_turn(prompt(rng)) for _ in range(300)), exams=exams)
    assert not any(found)


@pytest.mark.parametrize("told", ["ha " * 30_000, "哈" * 60_000, "to be or not to be, " * 9_000])
def test_texts_that_repeat_themselves_cost_no_more_than_their_length(monkeypatch, told):
    laid = []
    align = passages.LCSseq.opcodes

    def aligned(a, b):
        laid.append(len(a) * len(b))
        return align(a, b)

    monkeypatch.setattr(passages, "LCSseq", SimpleNamespace(opcodes=aligned))
    marked(one_turn(told[:30_000] + "!"), one_turn("Hm: " + told), exams={"exam/1": (told,)})
    assert all(cells < 5e8 for cells in laid)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("What's the boiling point of water?", "What’s the boiling point of water"),
        ("Hello, who are you?", "hello who are you"),
        ("Translate 'good morning' to French.", 'Translate "good morning" to French.'),
        ("写一首关于秋天的俳句，要求有意境。", "写一首关于秋天的俳句要求有意境"),
        ("안녕하세요, 누구세요?", "안녕하세요 누구세요"),
        ("2+2=?", "2 + 2 = ?"),
    ],
)
def test_a_short_prompt_without_its_marks_is_found(prompt, said):
    assert marked(one_turn(said), exams={"exam": (prompt,)}) == ["exam"]


@pytest.mark.parametrize(
    ("prompt", "said"),
    [("17 + 4", "17 - 4"), ("?", "!")],
)
def test_a_prompt_of_other_numbers_or_signs_is_another_one(prompt, said):
    assert marked(one_turn(said), exams={"exam": (prompt,)}) == [None]


FRANCE = "What is the capital of France?"
PLANET = "Name the largest planet that orbits our own sun."
RIVER = "Which of these rivers is the longest one in Africa?"


@pytest.mark.parametrize(
    ("prompt", "shown", "answer"),
    [
        ("Hello, who are you?", "hello who are you", "I am a bot that helps people."),
        ("写一首关于秋天的俳句，要求有意境。", "写一首关于秋天的俳句要求有意境", "秋风起。"),
        ("안녕하세요, 누구세요?", "안녕하세요 누구세요", "저는 봇이에요."),
        (FRANCE, FRANCE, "The capital of France."),
        (PLANET, PLANET, "The sun, of course."),
        (RIVER, RIVER, "The Africa, of course."),
    ],
)
def test_an_example_without_its_marks_or_whose_answer_says_its_last_words_again_is_a_quote(
    prompt, shown, answer
):
    chat = [says("system", f"Q: {shown}\nA: {answer}"), *one_turn("Now about my garden.")]
    assert marked(chat, exams={"exam": (prompt,)}) == ["exam"]
