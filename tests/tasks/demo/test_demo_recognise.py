from random import Random

import pytest

from tasks.demo import follow_ups, open_prompts
from tasks.demo.languages import LANGUAGES, language_of
from tasks.demo.recognise import UNKNOWN, choose, recognise
from tasks.demo.skills import SKILLS, skill

LABELS = [*open_prompts.OPEN, *(one.label for one in SKILLS), "translation/text", "writing/poem"]
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("label", open_prompts.OPEN)
@IN_EACH_LANGUAGE
def test_open_prompts_are_recognised_in_their_language(label, language):
    rng = Random(2)
    for _ in range(300):
        prompt = open_prompts.generate(label, rng, language)
        assert (recognise(prompt), language_of(prompt)) == (label, language), prompt


@pytest.mark.parametrize("one", SKILLS, ids=lambda skill: skill.label)
@IN_EACH_LANGUAGE
def test_checkable_prompts_are_recognised(one, language):
    rng = Random(3)
    assert {recognise(one.generate(rng, language)) for _ in range(100)} == {one.label}


@pytest.mark.parametrize("label", ["qa/how_to", "writing/email"])
@IN_EACH_LANGUAGE
def test_open_follow_ups_are_recognised(label, language):
    assert recognise(open_prompts.follow_up(label, language)) == label


@pytest.mark.parametrize(
    ("prompt", "labels", "chosen"),
    [
        ("17 + 25 = ?", LABELS, "maths/arithmetic"),
        ("Translate this: good morning", LABELS, "translation/text"),
        ("Write me a poem on rain", LABELS, "writing/poem"),
        ("zzzz", [*LABELS, UNKNOWN], UNKNOWN),
        ("zzzz", LABELS, LABELS[0]),
        ("17 + 25 = ?", ["chat/greeting", UNKNOWN], UNKNOWN),
    ],
)
def test_only_labels_on_the_list_are_chosen(prompt, labels, chosen):
    assert choose(prompt, labels)[0] == chosen


@pytest.mark.parametrize("label", follow_ups._SAY)
@IN_EACH_LANGUAGE
def test_follow_ups_are_recognised_and_answered_from_their_chat(label, language):
    rng, asked = Random(4), 0
    for _ in range(300):  # one date prompt in ten asks for a date, which a next turn can lean on
        first = skill(label).generate(rng, language)
        said = follow_ups.follow_up(rng, language, first)
        if said:
            asked += 1
            assert said[1] == label
            assert recognise(said[0]) == label, said[0]
            assert follow_ups.solve([first, said[0]])[0] == label, (first, said[0])
            assert follow_ups.solve([said[0]]) is None, said[0]
    assert asked > 20


@pytest.mark.parametrize(
    ("turns", "answer"),
    [
        (["What is 6 × 7?", "And times 3?"], "126"),
        (["What is 6 × 7?", "And times 3?", "Now plus 1."], "127"),
        (["17加25等于多少？", "再减2呢？"], "40"),
        (["Convert 3 km to m.", "And 5 km?"], "5000 m"),
        (["오름차순: 3, 20, 1", "이번에는 내림차순으로요."], "20, 3, 1"),
        (["What date is 1 days after 2026-02-27?", "And 2 days after that?"], "2026-03-02"),
        (["How do I boil an egg?", "And times 3?"], None),
        (["And times 3?"], None),
    ],
)
def test_follow_up_is_computed_from_the_users_own_turns(turns, answer):
    solved = follow_ups.solve(turns)
    assert (solved[1] if solved else None) == answer


def test_nothing_leans_on_a_list_that_is_already_descending():
    assert follow_ups.follow_up(Random(1), "en", "Sort from large to small: 9, 5, 1") is None
