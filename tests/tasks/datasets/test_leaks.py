import polars as pl
import pytest

from schemas.settings import DedupeSettings
from tasks.datasets.leaks import mark_matches, turns

CFG = DedupeSettings()
EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"
SUM = "What is 17*24?"
EXAMS = {"exam-1/egg": (EGG,), "exam-1/sum": (SUM,)}


def said(*turns):
    """Make messages: what the user and the assistant said in turn."""
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(turns)]


def matches(*rows, against=EXAMS):
    frame = pl.DataFrame({"messages": list(rows)})
    return mark_matches(frame, against, CFG).select("match", "jaccard").rows()


def test_what_the_user_said_is_asked_and_nothing_else():
    messages = [{"role": "system", "content": "Be kind."}, *said("A?", "a", "B?")]
    assert turns(messages) == ("A?", "B?")


def test_a_row_names_the_prompt_it_repeats():
    assert matches(said(SUM), said("What is 17*25?"), said(EGG)) == [
        ("exam-1/sum", 1.0),
        (None, None),
        ("exam-1/egg", 1.0),
    ]


def test_a_near_copy_is_found_with_its_similarity():
    [(match, similarity)] = matches(said(EGG.replace("bright", "light")))
    assert match == "exam-1/egg"
    assert CFG.threshold <= similarity < 1


def test_a_prompt_quoted_in_an_earlier_turn_is_found():
    assert matches(said(SUM, "408", "And times two?")) == [("exam-1/sum", 1.0)]


def test_a_conversation_is_found_wherever_it_stands_in_a_longer_one():
    talk = ("Let x be 17 and y be 24.", "Fine.", "What is their product?")
    exams = {"exam-1/talk": turns(said(*talk))}
    after, within = said(*talk, "408", "Thanks"), said("Hi", "Hello", *talk, "408", "Thanks")
    last_turn_only = said("What is their product?")
    found = ("exam-1/talk", 1.0)
    assert matches(said(*talk), after, within, last_turn_only, against=exams) == [
        *(found, found, found),
        (None, None),
    ]


def test_what_only_the_assistant_said_is_no_leak():
    assert matches(said("Ask me something.", SUM, "I do not know")) == [(None, None)]


@pytest.mark.parametrize("against", [{}, EXAMS])
def test_no_rows_have_no_match(against):
    empty = pl.DataFrame(schema={"messages": pl.List(pl.Struct({"role": pl.String}))})
    marked = mark_matches(empty, against, CFG)
    assert marked.rows() == []
    assert marked.schema["match"] == pl.String
    assert marked.schema["jaccard"] == pl.Float64
