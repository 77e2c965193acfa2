"""What a run without rows says: the fix that fits the reasons."""

from typing import get_args

import pytest

from schemas.release_settings import DropReason
from tasks.sft.left_out import nothing_left
from tasks.sft.spec import DroppedRow, TrainSpec

SPEC = TrainSpec(base_model="m", rows="rows.jsonl", out="run", max_tokens=64)


def refused(*reasons):
    return nothing_left(
        SPEC, tuple(DroppedRow(row=0, id=None, reason=one, tokens=9) for one in reasons)
    )


@pytest.mark.parametrize("reason", get_args(DropReason))
def test_more_tokens_are_the_fix_of_long_rows_only(reason):
    error = refused(reason)
    assert error.seen == f"no row of rows.jsonl is left to train on: 1 {reason}."
    assert ("`max_tokens` (64)" in error.fix) == (reason == "too_long")
    assert error.fix


def test_each_reason_has_its_fix_the_most_common_first():
    error = refused("too_long", "call_not_rendered", "call_not_rendered")
    assert "2 call_not_rendered, 1 too_long. Set a `base_model`" in str(error)
    assert error.fix.endswith("Raise `max_tokens` (64) under [train].")


def test_an_empty_file_asks_for_more_days():
    assert str(refused()).endswith("the file is empty. Choose more days for the dataset.")
