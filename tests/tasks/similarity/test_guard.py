from types import SimpleNamespace

import pytest
from rapidfuzz.distance import OSA, LCSseq

from tasks.similarity import guard
from tasks.similarity.guard import is_template

EN = "Write a short letter to {} about the broken heating in our kitchen and ask for help."
ZH = "请写一封信给{}，说明厨房的暖气坏了，并且请求尽快派人来修理。"
KO = "부엌 난방이 고장 났다고 {}에게 짧은 편지를 써서 도움을 부탁해 주세요."


SIGNED = [("-40 degrees", "40 degrees"), (".5 mg", "5 mg"), ("👍", "👎")]
PAIRS = [
    *(("World War I", "World War II"), ("vitamin A", "vitamin B"), ("C", "C++"), ("C", "C#")),
    *(("five million", "five billion"), ("increase", "decrease"), ("possible", "impossible")),
    *(("internal organs", "external organs"), ("sixth place", "sixty places")),
    *(("twenty ways", "twenty five ways"), ("a trip to Korea", "a trip from Korea")),
    *(("my teacher", "your teacher"), ("Slovakian", "Slovenian"), ("$ signs", "€ signs")),
]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (EN.format("Berlin"), EN.format("Lisbon")),
        (EN.format("order 12"), EN.format("order 13")),
        (EN.format("Anna"), EN.format("Robert")),
        ("Say why bread does rise in the oven.", "Say why bread does not rise in the oven."),
        ("List foods with sugar in them, please.", "List foods without sugar in them, please."),
        (ZH.format("房东"), ZH.format("医院")),
        ("请解释面包为什么会发酵。", "请解释面包为什么不会发酵。"),
        (ZH.format("3号楼"), ZH.format("5号楼")),
        (KO.format("집주인"), KO.format("관리소")),
        ("겨울에 반죽이 부풀어요.", "겨울에 반죽이 부풀지 않아요."),
        ("여자친구와 어떻게 이야기해야 할까요?", "남자친구와 어떻게 이야기해야 할까요?"),
        ("Translate 'house' into French for me.", "Translate 'bridge' into French for me."),
        *((EN.format(one), EN.format(other)) for one, other in [("Mark", "Mary"), ("Ira", "Iran")]),
        *((f"Tell me about {one} now.", f"Tell me about {other} now.") for one, other in PAIRS),
        *((f"Assume {one} of it.", f"Assume {other} of it.") for one, other in SIGNED),
        ("We hire vegan staff for it.", "We hire non-vegan staff for it."),
        (EN.format("Anna"), EN.format("Anna") + " Translate it into French."),
        ("나 선생님께 편지를 써 줘.", "너 선생님께 편지를 써 줘."),
        ("What happened on 上午 of that day?", "What happened on 下午 of that day?"),
        ("请写三篇关于春天的短文。", "请写十三篇关于春天的短文。"),
        (EN.format("Anna"), EN.format("Anna") + " Answer in a friendly tone."),
        (ZH.format("房东"), ZH.format("房东") + "最后用英文总结。"),
        (
            "Answer the question of our customer. Question: can you track my card for me?",
            "Answer the question of our customer. Question: can I track my card while it is in "
            "the process of delivery?",
        ),
        ('{"ship_to": "Bergenfield", "retries": 3}', '{"ship_to": "Bergenfeld", "retries": 3}'),
        ("Say why they do rise in the oven.", "Say why they don’t rise in the oven."),
        ("从上海虹桥站到北京南站怎么走最快？", "从北京南站到上海虹桥站怎么走最快？"),
    ],
)
def test_other_numbers_denials_and_names_make_a_template(a, b):
    assert is_template(a, b)
    assert is_template(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (EN.format("Anna"), EN.format("Anna").replace("kitchen", "kitchn")),
        (EN.format("Anna"), EN.format("Anna").replace("heating", "haeting")),
        (EN.format("Anna"), "Please " + EN.format("Anna")),
        (EN.format("Anna"), "Hello there! " + EN.format("Anna") + " Thanks."),
        (EN.format("Anna"), EN.format("Anna").upper().replace(".", "!")),
        (EN.format("Anna"), EN.format("Anna").replace("a short", "the short")),
        (EN.format("Anna"), EN.format("Anna").replace("short ", "")),
        (ZH.format("房东"), ZH.format("房东").replace("。", "！")),
        (ZH.format("房东"), ZH.format("房东") + "谢谢"),
        (KO.format("집주인"), KO.format("집주인").replace("짧은", "좀 짧은")),
        (KO.format("관리사무소"), KO.format("관리사무서")),
        (KO.format("집주인"), KO.format("집주인")),
        ("", ""),
    ],
)
def test_slips_frequent_words_and_additions_make_no_template(a, b):
    assert not is_template(a, b)
    assert not is_template(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Move ten dollars from savings to checking.",
            "Move ten dollars from checking to savings.",
        ),
        (
            "Can soda be used instead of baking powder?",
            "Can baking powder be used instead of soda?",
        ),
        ("请把这句话从中文翻译成英文，谢谢。", "请把这句话从英文翻译成中文，谢谢。"),
        ("이 문장을 영어에서 한국어로 옮겨 줘.", "이 문장을 한국어에서 영어로 옮겨 줘."),
    ],
)
def test_words_that_changed_places_make_a_template(a, b):
    assert is_template(a, b)


def test_a_clause_that_moved_makes_no_template():
    late = "Would you offer me a discount, since I need to exchange foreign currencies frequently?"
    early = "Since I need to exchange foreign currencies frequently, would you offer me a discount?"
    assert not is_template(late, early)


LETTERS = "".join(chr(97 + n % 26) for n in range(9_000))
LONG = [
    ("wool " * 9_000 + "hat", "wool " * 9_000 + "cap"),
    ("yes no " * 4_000 + "so", "no yes " * 4_000 + "so"),
    ("哈" * 9_000 + "你", "嘿" + "哈" * 9_000),
    (LETTERS, LETTERS[1:] + "zz"),
    (" ".join(f"ox{LETTERS[n : n + 9]}" for n in range(900)), LETTERS[:20] + " why " * 900),
]


@pytest.mark.parametrize("n", range(len(LONG)))
def test_long_texts_cost_no_more_than_their_length(monkeypatch, n):
    aligned, compared = [], []

    def align(a, b):
        aligned.append(max(len(a), len(b)))
        return LCSseq.opcodes(a, b)

    def compare(a, b, **cutoff):
        compared.append(max(len(a), len(b)))
        return OSA.distance(a, b, **cutoff)

    monkeypatch.setattr(guard, "LCSseq", SimpleNamespace(opcodes=align))
    monkeypatch.setattr(guard, "OSA", SimpleNamespace(distance=compare))
    is_template(*LONG[n])
    assert all(words <= 500 for words in aligned)
    assert len(compared) <= 400
    assert all(letters <= 40 for letters in compared)
