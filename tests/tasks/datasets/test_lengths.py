import re
from typing import get_args

import polars as pl
import pytest

from schemas.release_rows import DatasetDrops
from schemas.release_settings import DropReason
from schemas.settings import TrainSettings
from tasks.datasets.lengths import add_lengths

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]


def given(*answers, messages=QUESTION, tools=None, learned=None):
    rows = pl.DataFrame({"messages": [messages] * len(answers), "answer": answers})
    turns = pl.lit(learned, pl.List(pl.Int32))
    return rows.with_columns(tools=pl.lit(tools, pl.String), learned_turns=turns)


def measured(*answers, max_tokens=64, **more):
    return add_lengths(given(*answers, **more), TrainSettings(max_tokens=max_tokens)).rows


def test_without_a_base_model_lengths_follow_the_bytes_of_a_text():
    rows = measured("4", "four" * 10, "四" * 10)
    assert rows["label_tokens"].to_list() == [4, 14, 11]
    assert (rows["tokens"] - rows["label_tokens"]).to_list() == [7, 7, 7]
    assert rows["length_reason"].to_list() == [None, None, None]


def test_a_weight_has_nine_figures_so_that_every_machine_hashes_the_same_one():
    rows = given("four" * 3, "x" * 400_000)
    weights = add_lengths(rows, TrainSettings(length_alpha=0.5)).rows["weight"].to_list()
    assert weights == [0.377964473, 0.00316221442]


@pytest.mark.parametrize(("answer", "reason"), [(" \n", "empty_answer"), ("x" * 400, "too_long")])
def test_a_row_that_cannot_be_trained_on_says_why(answer, reason):
    assert measured("4", answer)["length_reason"].to_list() == [None, reason]


def test_tools_that_were_offered_count_in_the_prompt():
    assert measured("4", tools='[{"name": "clock"}]')["tokens"].to_list() == [11 + 8]


def test_the_longest_row_that_fits_is_kept():
    assert measured("x" * 8, max_tokens=13)["length_reason"].to_list() == [None]
    assert measured("x" * 8, max_tokens=12)["length_reason"].to_list() == ["too_long"]


TALK = [*QUESTION, {"role": "assistant", "content": "four" * 10}, *QUESTION]


def test_earlier_answers_that_are_learned_count_in_the_loss():
    alone, both = (measured("4", messages=TALK, learned=turns) for turns in (None, [1]))
    assert (alone["label_tokens"].item(), both["label_tokens"].item()) == (4, 4 + 14)
    assert alone["tokens"].item() == both["tokens"].item()


@pytest.mark.parametrize("reason", get_args(DropReason))
def test_what_training_leaves_out_a_dataset_can_leave_out_by_the_same_name(reason):
    assert re.fullmatch(DatasetDrops.reason.regex, reason)
