import pytest

from schemas.errors import SettingsError
from schemas.release_settings import TrainSettings
from tasks.sft.launch import command, launched
from tasks.sft.spec import TrainSpec


@pytest.fixture
def config(tmp_path):
    """Write a configuration of accelerate, and the settings that name it."""

    def write(text, **train):
        path = tmp_path / "accelerate.yaml"
        path.write_text(text)
        return TrainSettings(accelerate_config=path, **train)

    return write


@pytest.mark.parametrize(
    ("kind", "sharding"), [("MULTI_GPU", None), ("FSDP", "fsdp"), ("DEEPSPEED", "deepspeed")]
)
def test_a_configuration_decides_processes_and_sharding(config, kind, sharding):
    cfg = config(f"{{distributed_type: {kind}, num_processes: 4, num_machines: 1}}")
    assert launched(cfg) == {"processes": 4, "sharding": sharding}


def test_without_one_nothing_is_decided():
    assert launched(TrainSettings(processes=2)) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{distributed_type: MULTI_CPU, num_processes: 2}", "wanted is one of MULTI_GPU, FSDP"),
        ("{distributed_type: FSDP}", "num_processes None"),
        ("FSDP", "distributed_type None"),
        ("{distributed_type: FSDP, num_processes: 8, num_machines: 2}", "several machines"),
        ("{distributed_type: FSDP, num_processes: 8}", "`processes` under .train. says 3: unset"),
        ("{distributed_type: [", r"cannot be read.*deploy/accelerate has some to copy\.$"),
    ],
    ids=["one_process", "no_count", "no_mapping", "machines", "both", "no_yaml"],
)
def test_a_configuration_that_cannot_be_used_is_one_line(config, text, said):
    with pytest.raises(SettingsError, match=rf"^`accelerate_config` under \[train\].*{said}"):
        launched(config(text, processes=3 if "says 3" in said else 1))


def test_weights_that_are_split_and_lora_are_refused(config):
    split = "{distributed_type: FSDP, num_processes: 8}"
    with pytest.raises(SettingsError, match=r"says distributed_type FSDP, and LoRA.*`rank = 0`"):
        launched(config(split, lora={"rank": 8}))
    whole = config("{distributed_type: MULTI_GPU, num_processes: 8}", lora={"rank": 8})
    assert launched(whole)["processes"] == 8


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match=r"cannot be read: .*No such file"):
        launched(TrainSettings(accelerate_config=tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, ()),
        ({"processes": 2}, ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")),
        (
            {"processes": 2, "accelerate_config": "a.yaml"},
            ("-m", "accelerate.commands.launch", "--config_file", "a.yaml"),
        ),
    ],
    ids=["alone", "torchrun", "accelerate"],
)
def test_a_run_is_started_by(tmp_path, more, words):
    told = {"base_model": "base", "rows": tmp_path / "rows.jsonl", "out": tmp_path, **more}
    assert command(TrainSpec(**told)) == words
