from hashlib import sha256
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tasks.tagging.packs import LONG, packs
from tasks.tagging.shown import Shown

LIMIT = 1_000


def shown(name, chars=20, alone=False):
    return Shown(sha256(str(name).encode()).hexdigest()[:32], "x" * chars, "", alone)


def packed(prompts, size=8):
    return [tuple(each.key for each in pack) for pack in packs(prompts, size, LIMIT)]


NAMES = st.sets(st.integers(0, 10**9), max_size=120)


@given(NAMES, st.integers(1, 12))
def test_every_prompt_is_in_one_pack_of_at_most_the_size(names, size):
    made = packed(map(shown, names), size)
    assert sorted(key for pack in made for key in pack) == sorted(shown(n).key for n in names)
    assert all(1 <= len(pack) <= size for pack in made)


@given(st.lists(st.integers(0, 10**9), unique=True, max_size=120), st.randoms())
def test_packs_do_not_depend_on_the_order_of_prompts(names, random):
    shuffled = random.sample(names, len(names))
    assert packed(map(shown, shuffled)) == packed(map(shown, names))


@given(NAMES, st.integers(10**9 + 1, 2 * 10**9))
def test_one_new_prompt_changes_one_pack(names, new):
    before = set(packed(map(shown, names)))
    after = set(packed(map(shown, {*names, new})))
    assert len(before - after) <= 1


@given(NAMES, st.randoms())
def test_packs_that_stay_pending_are_the_same_when_bought_ones_are_taken_out_or_hold_them_whole(
    names, random
):
    before = packed(map(shown, names))
    left = [pack for pack in before if random.random() < 0.5]
    of = {shown(name).key: shown(name) for name in names}
    again = packed(of[key] for pack in left for key in pack)
    assert all(any(set(pack) <= set(larger) for larger in again) for pack in left)


def test_packs_are_two_thirds_full():
    made = packed(map(shown, range(10_000)))
    assert 0.64 < 10_000 / len(made) / 8 < 0.74


def test_prompts_that_must_be_alone_are():
    prompts = [shown(n, alone=n % 3 == 0) for n in range(60)]
    alone = {each.key for each in prompts if each.alone}
    assert {pack for pack in packed(prompts) if alone & set(pack)} == {(key,) for key in alone}


def test_long_prompts_share_a_call_with_few_others():
    long = [shown(n, LIMIT) for n in range(50)]
    assert max(map(len, packed(long))) == LONG
    assert max(map(len, packed([*long, *map(shown, range(50, 200))]))) > LONG


def test_a_prompt_longer_than_a_pack_is_a_pack():
    assert packed([shown(n, 10 * LIMIT) for n in range(3)]) == sorted(
        (shown(n).key,) for n in range(3)
    )


def test_no_prompts_make_no_packs():
    assert packed([]) == []


def test_random_order_of_thousands_is_split_at_the_same_places():
    prompts = [shown(n) for n in range(2_000)]
    assert packed(Random(1).sample(prompts, 2_000)) == packed(prompts)
