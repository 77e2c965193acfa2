from io import BytesIO
from zipfile import ZipFile

import pytest

from tasks.sft.checkpoints import newest_whole, resume_point

HEADER = b'{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]},"__metadata__":{"format":"pt"}}'
TENSOR = len(HEADER).to_bytes(8, "little") + HEADER + bytes(9)


def zipped():
    """Write what torch.save makes: a zip."""
    written = BytesIO()
    with ZipFile(written, "w") as file:
        file.writestr("data.pkl", bytes(100))
    return written.getvalue()


JSON, ZIP = b'{"global_step": 10}', zipped()
FILES = {
    **{"trainer_state.json": JSON, "config.json": JSON, "model.safetensors": TENSOR},
    **{"optimizer.pt": ZIP, "scheduler.pt": ZIP, "rng_state.pth": ZIP, "training_args.bin": ZIP},
}


def checkpoint(folder, step, without=()):
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    for name, content in FILES.items():
        if name not in without:
            (path / name).write_bytes(content)
    return path


def test_no_folder_has_no_checkpoint(tmp_path):
    assert newest_whole(tmp_path / "none") is None


def test_newest_is_by_number_not_by_name(tmp_path):
    checkpoint(tmp_path, 90)
    newest = checkpoint(tmp_path, 100)
    assert newest_whole(tmp_path) == (100, newest)


@pytest.mark.parametrize("missing", FILES)
def test_a_torn_checkpoint_is_passed_over_and_deleted(tmp_path, missing):
    whole = checkpoint(tmp_path, 10)
    torn = checkpoint(tmp_path, 20, without=[missing])
    assert newest_whole(tmp_path) == (10, whole)
    assert not torn.exists()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.5, 0.9, 0])
def test_a_file_that_breaks_off_makes_a_checkpoint_torn(tmp_path, name, share):
    whole = checkpoint(tmp_path, 10)
    torn = checkpoint(tmp_path, 20)
    (torn / name).write_bytes(FILES[name][: int(len(FILES[name]) * share)])
    assert newest_whole(tmp_path) == (10, whole)
    assert not torn.exists()


def test_a_checkpoint_of_lora_has_the_config_of_its_adapter(tmp_path):
    path = checkpoint(tmp_path, 10, without=["config.json"])
    (path / "adapter_config.json").write_bytes(JSON)
    assert newest_whole(tmp_path) == (10, path)


def test_a_checkpoint_of_several_processes_has_the_random_state_of_each(tmp_path):
    path = checkpoint(tmp_path, 10, without=["rng_state.pth"])
    (path / "rng_state_0.pth").write_bytes(ZIP)
    (path / "rng_state_1.pth").write_bytes(ZIP)
    assert newest_whole(tmp_path, processes=2) == (10, path)
    assert newest_whole(tmp_path, processes=3) is None


def test_a_checkpoint_of_split_weights_is_whole_with_its_last_file(tmp_path):
    only_state = [name for name in FILES if name not in {"trainer_state.json", "rng_state.pth"}]
    path = checkpoint(tmp_path, 10, without=only_state)
    torn = checkpoint(tmp_path, 20, without=["trainer_state.json"])
    assert newest_whole(tmp_path, is_split=True) == (10, path)
    assert not torn.exists()


def test_other_folders_are_left_alone(tmp_path):
    (tmp_path / "checkpoint-best").mkdir()
    assert newest_whole(tmp_path) is None
    assert (tmp_path / "checkpoint-best").exists()


def test_a_new_run_starts_from_the_beginning(tmp_path):
    assert resume_point(tmp_path / "checkpoints", "a") == (0, None)


def test_the_same_run_goes_on(tmp_path):
    resume_point(tmp_path / "checkpoints", "a")
    newest = checkpoint(tmp_path / "checkpoints", 20)
    assert resume_point(tmp_path / "checkpoints", "a") == (20, newest)


def test_checkpoints_of_other_rows_or_settings_are_thrown_away(tmp_path):
    resume_point(tmp_path / "checkpoints", "a")
    old = checkpoint(tmp_path / "checkpoints", 20)
    assert resume_point(tmp_path / "checkpoints", "b") == (0, None)
    assert not old.exists()
