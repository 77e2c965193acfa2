import errno
import signal
from types import SimpleNamespace

import pytest

from schemas.errors import TrainingFailed

pytest.importorskip("torch", reason="not run: no torch")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full"),
        (RuntimeError("PytorchStreamWriter failed writing file data/3"), "the disk is full"),
        (MemoryError(), "too little memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "batch_rows"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "batch_rows"),
    ],
    ids=["disk", "quota", "torch_disk", "memory", "cpu_memory", "gpu_memory"],
)
def test_what_a_machine_had_too_little_of_is_said_with_the_fix(error, said):
    from tasks.sft.ending import cause

    assert said in cause(error)
    assert "again to resume" in cause(error)


@pytest.mark.parametrize("error", [RuntimeError("shape"), OSError(errno.EACCES, "denied")])
def test_other_errors_keep_their_traceback(error):
    from tasks.sft.ending import cause

    assert cause(error) is None


@pytest.fixture
def ending():
    from tasks.sft.ending import EndOnSignal

    with EndOnSignal() as made:
        yield made


def test_a_signal_saves_after_the_step_and_ends_the_run(ending):
    control = SimpleNamespace(should_save=False, should_training_stop=False)
    ending.on_step_end(None, None, control)
    assert not control.should_save
    signal.raise_signal(signal.SIGTERM)
    ending.on_step_end(None, None, control)
    assert (control.should_save, control.should_training_stop) == (True, True)
    with pytest.raises(TrainingFailed, match=r"after step 7 of 9, which is saved"):
        ending.refuse_unfinished(7, 9)


def test_a_signal_after_the_last_step_changes_nothing(ending):
    signal.raise_signal(signal.SIGTERM)
    ending.refuse_unfinished(9, 9)


def test_a_full_disk_ends_the_run_with_one_line(spec, tmp_path, monkeypatch):
    from tasks.sft.child import train
    from tasks.sft.trainer import Trainer

    def write(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Trainer, "_save_checkpoint", write)
    (tmp_path / "run").mkdir()
    with pytest.raises(TrainingFailed, match="the disk is full"):
        train(spec.model_copy(update={"out": tmp_path / "run"}), lambda _: None)


def out_of_memory(*_, **__):
    import torch

    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["train", "look_only"])
def test_too_little_memory_in_preflight_is_one_line(spec, tmp_path, monkeypatch, step):
    from tasks.sft import child, preflight, probes

    monkeypatch.setattr(probes, "log_probs", out_of_memory)
    told = spec.model_copy(update={"out": tmp_path})
    with pytest.raises(TrainingFailed, match="too little memory for a batch: lower `batch_rows`"):
        child.train(told, print) if step == "train" else preflight.look_only(told)


def test_a_disk_that_is_full_in_the_final_save_is_one_line(spec, tmp_path, monkeypatch):
    from tasks.sft import child

    monkeypatch.setattr(child, "_save_weights", full_disk)
    told = {"out": tmp_path, "epochs": 0.1, "tensorboard": False}
    with pytest.raises(TrainingFailed, match="a checkpoint or the model could not be written"):
        child.train(spec.model_copy(update=told), lambda _: None)
