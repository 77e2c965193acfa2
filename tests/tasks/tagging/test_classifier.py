from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.task_examples import load_examples
from schemas.task_types import UNKNOWN
from tasks.tagging.classifier import learn
from tasks.tagging.held_out import MIN_SURE, HeldOut, figures
from tasks.tagging.lessons import Lesson, distinct, silent
from tasks.tagging.local import Local
from tasks.tagging.shipped import shipped

WORDS = {
    "code/debug": ("traceback", "exception", "compile", "stack"),
    "writing/poem": ("rhyme", "verse", "haiku", "stanza"),
    "qa/how_to": ("how do I", "what steps", "the way to", "can one"),
}


def lessons(each=30, labels=tuple(WORDS), seed=1):
    rng = Random(seed)
    nouns = ("my cat", "the river", "a lamp", "his car", "that door", "our street")
    return [
        Lesson(f"{rng.choice(WORDS[label])} {rng.choice(nouns)} {n}", label, True, True)
        for label in labels
        for n in range(each)
    ]


def test_it_learns_what_tells_labels_apart_and_says_so():
    classifier = learn(lessons(), 1)
    guesses = classifier.guess(["a haiku about snow", "exception in my code", "how do I sew"])
    assert [label for label, _ in guesses] == ["writing/poem", "code/debug", "qa/how_to"]
    assert classifier.held_out.figures()["accuracy_kind"] > 0.95
    assert classifier.held_out.figures()["held_out"] == 90


def test_the_same_lessons_in_any_order_make_the_same_classifier():
    some = lessons()
    once, twice = learn(some, 1), learn(Random(2).sample(some, len(some)), 1)
    assert np.array_equal(once.model.weights, twice.model.weights)
    assert once.temperature == twice.temperature
    assert once.held_out.guessed == twice.held_out.guessed


def test_labels_that_nothing_tells_apart_get_no_confidence():
    rng = Random(3)
    noise = [
        Lesson(f"{rng.getrandbits(64):x}", rng.choice(tuple(WORDS)), True, True) for _ in range(300)
    ]
    classifier = learn(noise, 1)
    assert classifier.held_out.confidence.mean() < 0.5
    assert classifier.held_out.threshold(0.9) is None


def test_only_measured_lessons_are_held_out_and_none_is_measured_on_itself():
    unmeasured = [lesson._replace(measured=False) for lesson in lessons(10)]
    one = Lesson("unheard of", "qa/how_to", True, True)
    held_out = learn([*unmeasured, one], 1).held_out
    assert held_out.meant == ("qa/how_to",)
    alone = Lesson("unheard of", "chat/greeting", True, True)
    assert learn([*unmeasured, alone], 1).held_out.guessed != ("chat/greeting",)


@pytest.mark.parametrize(
    "some",
    [
        lessons(1, ("qa/how_to",)),
        lessons(9, ("qa/how_to",)),
        lessons(2, ("qa/how_to", "code/debug")),
        lessons(1),
        [lesson._replace(measured=False) for lesson in lessons(3)],
    ],
    ids=["one lesson", "one label", "two labels", "one each", "none measured"],
)
def test_a_few_lessons_are_enough_to_guess(some):
    classifier = learn(some, 1)
    ((label, chance),) = classifier.guess(["how do I knit"])
    assert label in {lesson.label for lesson in some}
    assert 0 < chance <= 1
    assert classifier.guess([]) == []
    assert classifier.held_out.threshold(0.9) is None


def test_two_labels_are_told_apart():
    classifier = learn(lessons(30, ("qa/how_to", "code/debug")), 1)
    guesses = [label for label, _ in classifier.guess(["exception in my code", "how do I sew"])]
    assert guesses == ["code/debug", "qa/how_to"]


@given(st.text(max_size=2_000))
def test_any_text_gets_a_label_and_a_chance(text):
    ((label, chance),) = KNOWN.guess([text])
    assert label in WORDS
    assert 0 < chance <= 1


KNOWN = learn(lessons(), 1)


def held_out(right):
    """Prompts by falling confidence, and whether each guess was right."""
    meant = tuple("a/b" if is_right else "a/c" for is_right in right)
    return HeldOut(("a/b",) * len(right), meant, np.linspace(0.9, 0.1, len(right)))


def test_the_threshold_is_the_lowest_that_gives_the_precision():
    good = held_out([True] * 90 + [False] * 10 + [False] * 100)
    threshold = good.threshold(0.9)
    sure = good.confidence >= threshold
    assert sure.sum() == 100
    assert good.spared(0.9) == 0.5


def test_a_precision_that_is_never_reached_spares_nothing():
    poor = held_out([True, False] * 200)
    assert poor.threshold(0.9) is None
    assert poor.spared(0.9) == 0.0


def test_a_few_lucky_guesses_are_no_precision():
    assert held_out([True] * (MIN_SURE // 2) + [False] * 500).threshold(0.9) is None
    assert held_out([True] * MIN_SURE + [False] * 500).threshold(0.9) is not None


def test_guessing_that_nothing_fits_spares_no_call():
    unknown = HeldOut((UNKNOWN,) * 200, (UNKNOWN,) * 200, np.ones(200))
    assert unknown.threshold(0.9) is None
    assert unknown.spared(0.9) == 0.0


def test_figures_count_areas_and_kinds():
    got = figures(["a/x", "a/y", "b/z", "b/z"], ["a/y", "a/y", "b/z", "a/x"])
    assert (got["accuracy_area"], got["accuracy_kind"]) == (0.75, 0.5)
    assert got["macro_f1_area"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert figures([], [])["macro_f1_area"] == 0.0


def test_a_prompt_that_is_repeated_is_one_lesson():
    said = [Lesson(text, "qa/how_to", True, True) for text in ("How?", "how? ", "HOW?", "Why?")]
    assert [lesson.prompt for lesson in distinct(said)] == ["How?", "Why?"]


def test_the_shipped_examples_alone_make_a_tagger(types):
    classifier = shipped(types)
    assert set(classifier.model.labels) == set(types.labels)
    assert classifier is shipped(types.model_copy())  # however often the list is read
    assert classifier.about["tags"] == 0
    assert classifier.about["examples"] == len(distinct_examples(types))
    assert classifier.held_out.figures()["macro_f1_area"] > 0.45
    assert UNKNOWN not in classifier.model.labels


def distinct_examples(types):
    return distinct(Lesson(prompt, label, False, False) for label, prompt in load_examples(types))


def test_lessons_that_keywords_tag_are_not_measured(types):
    said = ["What is 17 * 24?", "Oslo, somewhat later than we said"]
    marked = silent([Lesson(text, "maths/arithmetic", False, False) for text in said], types)
    assert [lesson.measured for lesson in marked] == [False, True]


def test_a_label_that_the_list_renamed_is_guessed_under_its_new_name(types):
    old = [lesson._replace(label=lesson.label.replace("qa/", "old/")) for lesson in lessons()]
    renamed = types.model_copy(update={"aliases": {"old/how_to": "qa/how_to"}})
    guess, gone = (
        Local(learn(old, 1), each, 0.0).guess(["how do I sew"])[0] for each in (renamed, types)
    )
    assert (guess.label, guess.tagger) == ("qa/how_to", "classifier")
    assert (gone.label, gone.tagger) == (UNKNOWN, "none")
    assert not Local(learn(old, 1), types, 0.0).is_sure(gone)
