"""What is said about batching and loss before anything is read or trained."""

import logging

import pytest

from schemas.errors import NotFound, SettingsError
from schemas.settings import TrainSettings
from tasks.train import training_spec


def told(cfg, **given):
    return cfg.model_copy(update={"train": TrainSettings(base_model="base", **given)})


def test_a_loss_over_whole_answers_is_refused_where_they_are_cut(cfg):
    with pytest.raises(SettingsError, match=r'length_alpha weighs whole answers.*"concat"'):
        training_spec(told(cfg, batching="packed", length_alpha=0.5), "v1")


@pytest.mark.parametrize(("batching", "warned"), [("packed", 1), ("concat", 0), ("padding", 0)])
def test_cutting_rows_comes_with_a_warning(cfg, caplog, batching, warned):
    with caplog.at_level(logging.WARNING), pytest.raises(NotFound):
        training_spec(told(cfg, batching=batching), "none")
    assert sum("to compare with" in record.message for record in caplog.records) == warned
