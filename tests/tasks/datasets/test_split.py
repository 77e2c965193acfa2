import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import DatasetSettings
from tasks.datasets.split import split_of, splits, too_few_to_validate

KEYS = [f"key{n}" for n in range(10_000)]
SHARES = st.floats(0, 0.999)


def rows(*keys):
    schema = {"user_key": pl.String, "chat_id": pl.String}
    rows_ = pl.DataFrame(keys, schema=schema, orient="row")
    return rows_.with_columns(area=pl.lit("qa"), kind=pl.lit("how_to"))


def sides(keys, share):
    return splits(keys, DatasetSettings(validation_share=share)).to_list()


def validation(keys, share):
    return {key for key in keys if split_of(key, share) == "validation"}


def test_a_key_is_on_the_same_side_for_ever():
    held = {"key5", "key50", "key54", "key113", "key135"}
    assert validation(KEYS[:150], 0.05) == held


def test_a_user_decides_for_all_chats_and_a_chat_where_no_user_is_known():
    held = min(validation(KEYS, 0.05))
    shown = next(key for key in KEYS if split_of(key, 0.05) == "train")
    ours = rows((held, "c1"), (held, "c2"), (shown, held), (None, held), (None, shown))
    assert sides(ours, 0.05) == [
        "validation",
        "validation",
        "train",
        "validation",
        "train",
    ]


def test_other_rows_have_no_say():
    many = rows(*((key, "c") for key in KEYS[:500]))
    assert sides(many, 0.2)[7:9] == sides(many[7:9], 0.2)
    assert sides(many.reverse(), 0.2) == sides(many, 0.2)[::-1]


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
    assert sides(rows(), 0.05) == []


def of_types(*rows):
    return pl.DataFrame(rows, schema=["area", "kind", "split"], orient="row")


def test_task_types_with_too_few_validation_rows_are_named_with_their_number():
    rows = of_types(
        *[("qa", "how_to", "train"), ("qa", "how_to", "validation")] * 2,
        ("maths", "arithmetic", "train"),
        ("writing", "email", "validation"),
    )
    [said] = too_few_to_validate(rows, 2)
    assert said.startswith(
        "too few validation rows (dataset.min_validation_rows = 2): maths/arithmetic 0. Their"
    )
    [said] = too_few_to_validate(rows, 3)
    assert "maths/arithmetic 0, qa/how_to 2. Their" in said


def test_enough_validation_rows_need_no_words():
    assert list(too_few_to_validate(of_types(("qa", "how_to", "train")), 0)) == []
    assert list(too_few_to_validate(of_types(("qa", "how_to", "validation")), 5)) == []


def test_a_task_type_has_a_share_of_its_own_that_holds_out_the_same_users_and_more():
    ours = rows(*((key, "c") for key in KEYS))
    rare = ours.with_columns(area=pl.lit("maths"), kind=pl.lit("algebra"))
    cfg = DatasetSettings(validation_share=0.05, validation_shares={"maths/algebra": 0.2})
    common, held = sides(ours, 0.05), splits(rare, cfg).to_list()
    assert splits(ours, cfg).to_list() == common
    assert 0.19 < held.count("validation") / len(held) < 0.21
    assert all(b == "validation" for a, b in zip(common, held, strict=True) if a == "validation")


def test_an_extra_set_has_a_share_of_its_own():
    held = min(validation(KEYS, 0.05))
    general = {"name": "general", "path": "x", "license": "MIT"}
    cfg = DatasetSettings(validation_share=0.05, extra=(general,))
    ours = rows((None, held))
    extra = ours.with_columns(area=pl.lit("extra"), kind=pl.lit("general"))
    assert splits(pl.concat([ours, extra]), cfg).to_list() == ["validation", "train"]
