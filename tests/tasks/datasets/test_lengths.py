import polars as pl
import pytest

from schemas.settings import TrainSettings
from tasks.datasets.lengths import add_lengths

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]


def measured(*answers, max_tokens=64, tools=None):
    rows = pl.DataFrame({"messages": [QUESTION] * len(answers), "answer": answers})
    rows = rows.with_columns(tools=pl.lit(tools, pl.String))
    return add_lengths(rows, TrainSettings(max_tokens=max_tokens))


def test_without_a_base_model_lengths_follow_the_bytes_of_a_text():
    rows = measured("4", "four" * 10, "四" * 10)
    assert rows["label_tokens"].to_list() == [4, 14, 11]
    assert (rows["tokens"] - rows["label_tokens"]).to_list() == [7, 7, 7]
    assert rows["length_reason"].to_list() == [None, None, None]


def test_a_weight_has_nine_figures_so_that_every_machine_hashes_the_same_one():
    rows = pl.DataFrame({"messages": [QUESTION] * 2, "answer": ["four" * 3, "x" * 400_000]})
    given = rows.with_columns(tools=pl.lit(None, pl.String))
    weights = add_lengths(given, TrainSettings(length_alpha=0.5))["weight"].to_list()
    assert weights == [0.377964473, 0.00316221442]


@pytest.mark.parametrize(("answer", "reason"), [(" \n", "empty_answer"), ("x" * 400, "too_long")])
def test_a_row_that_cannot_be_trained_on_says_why(answer, reason):
    assert measured("4", answer)["length_reason"].to_list() == [None, reason]


def test_tools_that_were_offered_count_in_the_prompt():
    assert measured("4", tools='[{"name": "clock"}]')["tokens"].to_list() == [11 + 8]


def test_the_longest_row_that_fits_is_kept():
    assert measured("x" * 8, max_tokens=13)["length_reason"].to_list() == [None]
    assert measured("x" * 8, max_tokens=12)["length_reason"].to_list() == ["too_long"]
