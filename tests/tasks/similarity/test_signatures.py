import unicodedata

import mmh3
import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.similarity import signatures as module
from tasks.similarity.normalise import comparable
from tasks.similarity.shingles import shingles
from tasks.similarity.signatures import by_numpy, signatures

TEXTS = {
    "english": "Why is the sky blue, and why is it red in the evening?",
    "chinese": "天空为什么是蓝色的？傍晚为什么又变红？",
    "korean": "하늘은 왜 파란색인가요? 저녁에는 왜 붉어지나요?",
    "korean_nfd": unicodedata.normalize("NFD", "하늘은 왜 파란색인가요?"),
    "mixed": "请解释 Python 的 list comprehension 是什么，谢谢 thank you",
    "emoji_zwj": "👩‍👩‍👧‍👦 our family 👨🏽‍🚀 1️⃣",
    "combining": "cafe\u0301 a\u0323\u0302 n\u0303andu",
    "full_width": "ＡＢＣ　ｶﾞｷﾞ㍿",
    "astral": "𠮷野家で𝒜𝓃 🀄",
    "casefold": "ǅ ẞ ﬃ İstanbul ΟΔΟΣ",
    "longer_folded": "ﷺ" * 9 + "ß" * 99,
    "half_width": "ﾊﾝｶｸ ｶﾅ ﾡﾢ ＬＬ",
    "jamo": "ㅋㅋㅋ \u1100\u1161\u11a8 ㅠ",
    "long": "Every cell has a clock; 每个细胞都有时钟。" * 300,
    "empty": "",
    "blank": " \u3000\n",
    "one": "a",
    "one_han": "天",
    "four": "abcd",
    "five": "abcde",
}


def by_datasketch(text):
    sketch = MinHash(num_perm=128, hashfunc=lambda b: mmh3.hash(b, signed=False))
    for shingle in shingles(comparable(text)):
        sketch.update(shingle.encode("utf-32-le"))
    return sketch


def as_datasketch(row):
    permutations = MinHash(num_perm=128).permutations
    return MinHash(hashvalues=row, permutations=permutations, scheme="affine32")


@pytest.fixture(params=["numpy", "numba"])
def made(request):
    """Each way to make signatures."""
    if request.param == "numpy":
        return by_numpy
    request.getfixturevalue("compiled_only")
    return signatures


@pytest.mark.parametrize("name", TEXTS)
def test_signature_has_the_bits_of_datasketch(made, name):
    (row,) = made([TEXTS[name]])
    np.testing.assert_array_equal(row, by_datasketch(TEXTS[name]).hashvalues)


ANY = st.characters(exclude_categories=["Cs"])
FOLDED = st.sampled_from("aA ㅋ가ｶﾞﬃßİ²\u0301\u1161\u11a8\u0345\u3000\x1c한字🏽\u200dΣ")


@given(st.lists(st.text(ANY | FOLDED, max_size=12), max_size=5))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_texts_have_the_bits_of_datasketch_whatever_stands_beside_them(made, texts):
    expected = [by_datasketch(text).hashvalues for text in texts]
    np.testing.assert_array_equal(made(texts), np.reshape(expected, (-1, 128)))


def test_every_character_is_folded_alike_by_numpy_and_numba(compiled_only):
    points = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    texts = ["-".join(points[n : n + 64]) for n in range(0, len(points), 64)]
    np.testing.assert_array_equal(signatures(texts), by_numpy(texts))


def test_rounds_of_any_size_give_the_same_signatures(monkeypatch, planted):
    texts = [*planted["text"].head(40), *TEXTS.values()]
    whole = signatures(texts)
    for chars in (1, 300):
        monkeypatch.setattr(module, "CHARS_AT_ONCE", chars)
        np.testing.assert_array_equal(signatures(texts), whole)


def test_signatures_of_no_texts_keep_their_shape():
    assert signatures([]).shape == (0, 128)
    assert signatures(["a"]).dtype == np.uint32


def test_an_lsh_index_answers_the_same_for_our_signatures_and_for_datasketch(planted):
    texts = planted["text"].head(120).to_list()
    ours = [as_datasketch(row) for row in signatures(texts)]
    theirs = [by_datasketch(text) for text in texts]
    filled, reference = (MinHashLSH(num_perm=128, params=(18, 6)) for _ in range(2))
    for n, (sketch, expected) in enumerate(zip(ours, theirs, strict=True)):
        filled.insert(n, sketch)
        reference.insert(n, expected)
    answers = [sorted(filled.query(sketch)) for sketch in theirs]
    assert answers == [sorted(reference.query(sketch)) for sketch in theirs]
    assert any(len(answer) > 1 for answer in answers)
