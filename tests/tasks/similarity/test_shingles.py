import pytest

from tasks.similarity.shingles import shingle_size, shingles


def test_english_is_cut_into_fives_and_chinese_into_threes():
    assert shingles("abcdefg") == ["abcde", "bcdef", "cdefg"]
    assert shingles("天空为什么") == ["天空为", "空为什", "为什么"]


@pytest.mark.parametrize("text", ["", "a", "天", "abcd", "天空"])
def test_text_shorter_than_a_shingle_is_one_shingle(text):
    assert shingles(text) == [text]


@pytest.mark.parametrize("text", ["天空", "そら", "ソラー", "하늘", "\u110f\u110f\u110f", "𠮷"])
def test_han_kana_hangul_and_jamo_take_short_shingles(text):
    assert shingle_size(text) == 3


@pytest.mark.parametrize("text", ["небо", "السماء", "ท้องฟ้า", "👩‍👩‍👧👩‍👩‍👧", "", "。。。"])
def test_other_scripts_take_long_shingles(text):
    assert shingle_size(text) == 5


def test_short_shingles_need_more_than_three_tenths_of_the_characters_that_are_not_blank():
    assert shingle_size("天空为 abcdefg") == 5
    assert shingle_size("天空为什 a b c d e f") == 3
    assert shingle_size("天" * 21 + "a" * 49) == 5
