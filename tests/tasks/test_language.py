from pathlib import Path

import polars as pl
import pytest

from tasks.language import MODEL_CHARS, languages, mostly_cjk

SENTENCES = Path(__file__).parents[3] / "shared" / "data" / "langid_lingua"


def language(text):
    return languages(pl.Series([text]))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好", "zh"),
        ("東京へ行きたい", "ja"),
        ("カタカナ", "ja"),
        ("ｶﾀｶﾅ", "ja"),
        ("안녕하세요", "ko"),
        ("ㅋㅋㅋ", "ko"),
        ("안녕하세요是什么意思", "ko"),
        ("鮮の每日C果汁是什么牌子的饮料呢", "zh"),
        ("How do I boil an egg?", "en"),
        ("Wie lange muss ein Ei kochen?", "de"),
        ("¿Cuánto tiempo hay que hervir un huevo?", "es"),
        ("Сколько варить яйцо?", "ru"),
    ],
)
def test_language_of_a_plain_text(text, expected):
    assert language(text) == expected


@pytest.mark.parametrize(
    "text", ["", " \n\t", "12345 + 67890 = ?", "hi", "Hello", "да нет", "👍👍👍"]
)
def test_under_six_letters_the_language_cannot_be_told(text):
    assert language(text) == "und"


def test_null_cannot_be_told():
    assert languages(pl.Series(["hi there my friend", None], dtype=pl.String)).to_list() == [
        "en",
        "und",
    ]


@pytest.mark.parametrize("text", ["print(xs)", "x = 3*y + 2*abcd", "asdf qwer zxcv"])
def test_low_confidence_is_undetermined(text):
    assert language(text) == "und"


@pytest.mark.parametrize(
    "text",
    [
        "restore the settings",
        "engage all door locks",
        "switch the fan",
        "im going to call you rosamunde",
        "is it safe to travel to the rio grande",
        "add 12 to 45 plus 3 plus 60",
        "am i talking to an actual human",
    ],
)
def test_little_english_is_no_other_language(text):
    assert language(text) in {"en", "und"}


def test_language_without_a_two_letter_code_is_undetermined():
    assert language("Ang lungsod nahimutang sa amihanan sa probinsya.") == "und"  # Cebuano


CODE = "for i in range(10):\n    print(i, end='')\n" * 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("帮我 debug 这个 function, it returns undefined", "zh"),
        ("이 function 좀 debug 해 줘, it returns undefined", "ko"),
        ("解释一下这段代码\n" + CODE, "zh"),
        (CODE + "\n이 코드를 설명해 줘", "ko"),
        ("翻译成中文：" + "The library closes at six on Sundays. " * 30, "zh"),
    ],
)
def test_code_mixed_text_counts_as_its_cjk_part(text, expected):
    assert language(text) == expected


def test_english_that_names_something_chinese_stays_english():
    text = (
        "Tell me about the history of the city of Xi'an (西安) and what one can visit there today."
    )
    assert language(text) == "en"


def test_lines_of_every_kind_do_not_crash_the_model():
    text = "How do I\nboil\r\nan egg\u2028without\x00 breaking\x0b the shell?"
    assert language(text) == "en"


def test_long_text_is_told_by_its_beginning():
    english = "The library closes at six on Sundays. " * (MODEL_CHARS // 30)
    assert language(english + "Die Bibliothek schließt sonntags um sechs. " * 1_000) == "en"


def test_no_texts_give_no_languages():
    assert languages(pl.Series([], dtype=pl.String)).to_list() == []


def test_order_is_kept_when_only_some_texts_need_the_model():
    texts = ["你好", "How do I boil an egg?", "hi", "안녕", "Wie lange kocht ein Ei denn so?"]
    assert languages(pl.Series("texts", texts)).to_list() == ["zh", "en", "und", "ko", "de"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("你好", True), ("用 sort 删行", False), ("안녕 hi", True), ("hello", False), ("123", False)],
)
def test_text_is_mostly_cjk_from_half_of_the_letters(text, expected):
    assert pl.select(mostly_cjk(pl.lit(text))).item() is expected


@pytest.mark.skipif(not SENTENCES.exists(), reason="shared/data is not beside this repository")
@pytest.mark.parametrize("code", ["en", "zh", "ko", "ja", "de"])
def test_at_least_98_percent_of_real_sentences_are_right(code):
    sentences = (SENTENCES / f"sentences_{code}.txt").read_text(encoding="utf-8").splitlines()
    found = languages(pl.Series([line for line in sentences if line.strip()]))
    assert (found == code).mean() >= 0.98
