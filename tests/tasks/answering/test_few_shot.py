"""Which examples a prompt is shown."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import DedupeSettings
from tasks.answering.few_shot import Example, Target, choose

CFG = DedupeSettings()
PROMPTS = 5_000


def pool_of(count, language="en"):
    return [
        Example(f"{language}{n}", language, f"Question number {n}?", f"Answer {n}.")
        for n in range(count)
    ]


def target(n, text="How do I boil an egg?", language="en"):
    return Target(f"chat{n}-0", text, language)


@pytest.mark.parametrize(("count", "k"), [(5, 1), (5, 5), (12, 3), (50, 1), (50, 5)])
def test_no_example_is_used_over_twice_the_mean_and_each_is_used(count, k):
    pool = pool_of(count)
    uses = Counter(each for n in range(PROMPTS) for each in choose(target(n), pool, k, CFG))
    assert len(uses) == count
    assert max(uses.values()) <= 2 * PROMPTS * k / count


@given(st.permutations(pool_of(9)), st.integers(1, 5), st.integers(0, 99))
def test_the_choice_depends_on_the_prompt_and_the_pool_alone(shuffled, k, n):
    chosen = choose(target(n), pool_of(9), k, CFG)
    assert choose(target(n), shuffled, k, CFG) == chosen
    assert len({each.example_id for each in chosen}) == k


def test_an_example_that_joins_changes_only_choices_that_it_is_in():
    before, after = pool_of(10), pool_of(11)
    for n in range(200):
        old, new = (set(choose(target(n), pool, 3, CFG)) for pool in (before, after))
        assert new == old or new - old == {after[-1]}


TWINS = {
    "itself": "How do I get red wine out of a white cotton shirt by hand?",
    "width and outer space": " How do I get red wine out of a white cotton shirt by hand？ ",
    "case": "how do i get red wine out of a white cotton shirt by hand?",
    "outer marks": "“How do I get red wine out of a white cotton shirt by hand”",
    "near": "How do I get red wine out of a white cotton shirts by hand?",
}


@pytest.mark.parametrize("text", TWINS.values(), ids=TWINS.keys())
def test_neither_the_target_nor_a_twin_of_it_is_shown(text):
    pool = [*pool_of(4), Example("leak", "en", text, "With salt.")]
    for n in range(50):
        chosen = choose(target(n, TWINS["itself"]), pool, 4, CFG)
        assert sorted(each.example_id for each in chosen) == ["en0", "en1", "en2", "en3"]


def test_a_short_twin_that_differs_in_case_and_a_full_stop_is_not_shown():
    pool = [*pool_of(1), Example("leak", "en", "what is 2+2", "4")]
    assert choose(target(1, "What is 2+2?"), pool, 2, CFG) == (pool[0],)


def test_a_reviewed_answer_is_no_example_for_its_own_prompt_whatever_it_reads_now():
    pool = [*pool_of(1), Example("chat7-0-1", "en", "Redacted since.", "So.")]
    assert choose(target(7), pool, 2, CFG) == (pool[0],)
    assert len(choose(target(70), pool, 2, CFG)) == 2


def test_examples_are_of_the_language_of_the_prompt_if_there_are_enough_else_of_any():
    pool = [*pool_of(20), *pool_of(3, "zh")]
    for n in range(50):
        chosen = choose(target(n, "鸡蛋怎么煮?", "zh"), pool, 3, CFG)
        assert {each.language for each in chosen} == {"zh"}
    mixed = [choose(target(n, "鸡蛋怎么煮?", "zh"), pool, 4, CFG) for n in range(50)]
    assert {len(chosen) for chosen in mixed} == {4}
    assert {each.language for chosen in mixed for each in chosen} == {"en", "zh"}


def test_an_example_of_the_language_that_is_a_twin_does_not_count_as_enough():
    pool = [*pool_of(5), *pool_of(1, "zh"), Example("leak", "zh", "鸡蛋怎么煮?", "六分钟。")]
    chosen = choose(target(1, "鸡蛋怎么煮？", "zh"), pool, 2, CFG)
    assert len(chosen) == 2
    assert "leak" not in [each.example_id for each in chosen]


def test_a_pool_that_is_too_small_is_shown_whole():
    assert len(choose(target(1), pool_of(2), 5, CFG)) == 2
    assert choose(target(1), [], 5, CFG) == ()
