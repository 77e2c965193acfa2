import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.datasets.split import split_of, splits

KEYS = [f"key{n}" for n in range(10_000)]
SHARES = st.floats(0, 0.999)


def rows(*keys):
    schema = {"user_key": pl.String, "chat_id": pl.String}
    return pl.DataFrame(keys, schema=schema, orient="row")


def validation(keys, share):
    return {key for key in keys if split_of(key, share) == "validation"}


def test_a_key_is_on_the_same_side_for_ever():
    held = {"key5", "key50", "key54", "key113", "key135"}
    assert validation(KEYS[:150], 0.05) == held


def test_a_user_decides_for_all_chats_and_a_chat_where_no_user_is_known():
    held = min(validation(KEYS, 0.05))
    shown = next(key for key in KEYS if split_of(key, 0.05) == "train")
    ours = rows((held, "c1"), (held, "c2"), (shown, held), (None, held), (None, shown))
    assert splits(ours, 0.05).to_list() == [
        "validation",
        "validation",
        "train",
        "validation",
        "train",
    ]


def test_other_rows_have_no_say():
    many = rows(*((key, "c") for key in KEYS[:500]))
    assert splits(many, 0.2).to_list()[7:9] == splits(many[7:9], 0.2).to_list()
    assert splits(many.reverse(), 0.2).to_list() == splits(many, 0.2).to_list()[::-1]


@given(st.text(), SHARES, SHARES)
def test_a_larger_share_only_adds(key, one, other):
    smaller, larger = sorted((one, other))
    assert validation([key], smaller) <= validation([key], larger)


def test_about_the_share_is_held_out():
    assert 0.045 < len(validation(KEYS, 0.05)) / len(KEYS) < 0.055
    assert 0.29 < len(validation(KEYS, 0.3)) / len(KEYS) < 0.31


def test_a_share_of_nothing_holds_nothing_out():
    assert validation(KEYS, 0.0) == set()


def test_no_rows_have_no_split():
    assert splits(rows(), 0.05).to_list() == []
