"""What is said about batching and loss before anything is read or trained."""

import logging

import pytest

from schemas.errors import NotFound, SettingsError
from schemas.settings import TrainSettings
from tasks.datasets.versions import freeze
from tasks.train import training_spec
from tasks.upsample import prepare


def told(cfg, **given):
    return cfg.model_copy(update={"train": TrainSettings(base_model="base", **given)})


def test_a_loss_over_whole_answers_is_refused_where_they_are_cut(cfg):
    with pytest.raises(SettingsError, match=r'length_alpha weighs whole answers.*"concat"'):
        training_spec(told(cfg, batching="packed", length_alpha=0.5), "v1")


def test_another_loss_than_the_mix_was_planned_for_comes_with_a_warning(cfg, keep, kept, caplog):
    keep(cfg, kept("a1", "Why is grass green?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    (cfg.var / "base").mkdir()
    for alpha, warned in ((0.0, 0), (0.5, 1)):
        settings = TrainSettings(base_model=str(cfg.var / "base"), length_alpha=alpha)
        with caplog.at_level(logging.WARNING):
            training_spec(cfg.model_copy(update={"train": settings}), "v1")
        said = [
            one.message for one in caplog.records if "planned for length_alpha = 0.0" in one.message
        ]
        assert len(said) == warned


def test_a_configuration_of_accelerate_decides_the_processes_of_a_run(cfg, keep, kept):
    keep(cfg, kept("a1", "Why is grass green?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    (cfg.var / "base").mkdir()
    config = cfg.var / "two.yaml"
    config.write_text("{distributed_type: FSDP, num_processes: 2}")
    settings = TrainSettings(base_model=str(cfg.var / "base"), accelerate_config=config)
    spec = training_spec(cfg.model_copy(update={"train": settings}), "v1")
    assert (spec.processes, spec.sharding, spec.accelerate_config) == (2, "fsdp", config)


@pytest.mark.parametrize(("batching", "warned"), [("packed", 1), ("concat", 0), ("padding", 0)])
def test_cutting_rows_comes_with_a_warning(cfg, caplog, batching, warned):
    with caplog.at_level(logging.WARNING), pytest.raises(NotFound):
        training_spec(told(cfg, batching=batching), "none")
    assert sum("to compare with" in record.message for record in caplog.records) == warned
