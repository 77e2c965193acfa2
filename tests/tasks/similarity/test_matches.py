import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.settings import DedupeSettings
from tasks.similarity.matches import Matches
from tasks.similarity.verify import are_twins, jaccard

CFG = DedupeSettings()
SKY = "Why is the sky blue at noon, and why does it turn red in the evening?"
ORDER = "Where is my order number {}? It should have come on Monday but it did not."
TEXTS = st.text(alphabet="aA １1²,.? \n", max_size=12)
LETTER = (
    "Write a polite letter to the customer of order {}: the parcel left our warehouse late "
    "because of the snow, the carrier was held up at the border, and the weekend came in between. "
    "Say that we are sorry, name the new date, and offer free shipping next time."
)


def match(text, *others):
    """Return (number of the other text, Jaccard) that a text matches, or None."""
    [found] = Matches({str(n): other for n, other in enumerate(others)}, CFG).find([text])
    return None if found is None else (int(found.id), found.jaccard)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("What is 17*24?", "What is 17*24?"),
        ("what IS 17*24", "What is 17*24?"),
        ("  What  is\n17*24 ? ", "What is 17*24?"),
        ("“What is 17*24?”", "What is 17*24?"),
        ("Ｗhat is 17*24？", "What is 17*24?"),
        ("(What is 17*24?)", "What is 17*24?"),
        ("What is １７*24?", "What is 17*24?"),
        ("法国的首都是哪里？", "法国的首都是哪里"),
        ("FRANCE?", "france"),
        ("cafe\u0301", "CAFÉ"),
        ("???", "???"),
        (SKY.upper().replace(" ", "  "), SKY),
    ],
)
def test_texts_of_any_length_that_say_the_same_match(text, other):
    assert match(text, "something else", other) == (1, 1.0)
    assert match(other, "something else", text) == (1, 1.0)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("What is 17*25?", "What is 17*24?"),
        ("3²", "32"),
        ("-5 + 3", "5 + 3"),
        ("Name a red fruit.", "Name a red fish."),
        ("哈哈哈哈", "哈哈哈"),
        ("?", "!"),
        ("", "?"),
        (ORDER.format(41), ORDER.format(42)),
        ("How do I boil an egg?", SKY),
    ],
)
def test_texts_that_say_something_else_do_not_match(text, other):
    assert match(text, other) is None
    assert match(other, text) is None


def test_a_near_copy_of_a_long_text_matches_with_its_jaccard():
    slip = SKY.replace("noon,", "noon")
    assert match(slip, "something else", SKY) == (1, jaccard(slip, SKY))
    assert CFG.threshold <= jaccard(slip, SKY) < 1


def test_the_first_of_equal_texts_is_named():
    assert match(SKY, "something else", SKY, SKY) == (1, 1.0)


def test_equal_texts_have_equal_matches_in_the_order_of_the_texts():
    found = Matches({"x": SKY, "y": "A"}, CFG).find(["b", SKY, "a", SKY])
    assert [one and one.id for one in found] == [None, "x", "y", "x"]


def test_a_twin_is_found_behind_many_that_differ_in_their_digits_only():
    letters = {str(n): LETTER.format(n) for n in range(100, 1000)}
    slips = {
        id_: letters[id_].replace("polite", "friendly").replace("the snow", "a strike")
        for id_ in list(letters)[::60]
    }
    assert all(are_twins(slip, letters[id_], CFG) for id_, slip in slips.items())
    found = Matches(letters, CFG).find(list(slips.values()))
    assert [one and one.id for one in found] == list(slips)


def test_without_others_nothing_matches():
    assert Matches({}, CFG).find(["a", "b"]) == [None, None]
    assert Matches({"x": "a"}, CFG).find([]) == []


def test_no_twin_is_missed_among_all_pairs(planted):
    texts = planted["text"].to_list()
    looked_at, others = texts[:250], dict(zip(planted["id"][250:330], texts[250:330], strict=True))
    found = Matches(others, CFG).find(looked_at)
    missed = [
        (text, id_)
        for text, one in zip(looked_at, found, strict=True)
        for id_, other in others.items()
        if one is None and are_twins(text, other, CFG) is not None
    ]
    assert missed == []
    assert sum(one is not None for one in found) > 10


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, max_size=12), st.data())
def test_no_short_twin_is_missed_and_every_text_matches_itself(texts, data):
    against = {str(n): text for n, text in enumerate(texts)}
    text = data.draw(
        st.one_of(st.text(alphabet="aA １1²,.? \n", max_size=12), *map(st.just, texts))
    )
    [found] = Matches(against, CFG).find([text])
    twins = [id_ for id_, other in against.items() if are_twins(text, other, CFG) is not None]
    assert found is not None or twins == []
