"""Configurations for several GPUs can be read; nothing here shows that they train."""

from pathlib import Path

import pytest

from schemas.release_settings import TrainSettings
from schemas.settings_file import load
from tasks.sft.launch import launched

FOLDER = Path(__file__).parents[2] / "deploy" / "accelerate"
CONFIGS = {"fsdp2": "fsdp", "zero2": "deepspeed", "zero3": "deepspeed"}


def test_every_configuration_is_tested():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(CONFIGS)


@pytest.fixture
def read():
    """What accelerate's own loader makes of a configuration."""
    pytest.importorskip("accelerate", reason="not run: no accelerate")
    from accelerate.commands.config.config_args import load_config_from_file

    return lambda name: load_config_from_file(str(FOLDER / f"{name}.yaml"))


@pytest.mark.parametrize("name", CONFIGS)
def test_accelerate_reads_it(read, name):
    found = read(name)
    assert found.distributed_type.value == CONFIGS[name].upper()
    assert (found.num_processes, found.mixed_precision, found.use_cpu) == (8, "bf16", False)
    assert launched(TrainSettings(accelerate_config=FOLDER / f"{name}.yaml")) == {
        "processes": 8,
        "sharding": CONFIGS[name],
    }


def test_fsdp_is_its_second_version_and_saves_whole_weights(read):
    found = read("fsdp2").fsdp_config
    assert found["fsdp_version"] == 2
    assert found["fsdp_state_dict_type"] == "FULL_STATE_DICT"
    assert not found["fsdp_cpu_ram_efficient_loading"]


@pytest.mark.parametrize("stage", [2, 3])
def test_zero_has_its_stage_and_loads_weights_before_it_begins(read, stage):
    found = read(f"zero{stage}").deepspeed_config
    assert (found["zero_stage"], found["zero3_init_flag"]) == (stage, False)


def test_a_relative_path_starts_at_the_settings_file(tmp_path):
    (tmp_path / "flywheel.toml").write_text('[train]\naccelerate_config = "fsdp2.yaml"')
    found = load(tmp_path / "flywheel.toml", environ={}).train.accelerate_config
    assert found == tmp_path / "fsdp2.yaml"
