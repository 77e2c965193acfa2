"""Two processes that share each step end in the weights that one process would have."""

import os
import signal

import pytest

from schemas.errors import TrainingFailed
from schemas.release_settings import LoraSettings

pytest.importorskip("torch", reason="not run: no torch")
pytestmark = pytest.mark.slow


@pytest.fixture
def told(spec):
    """Make a run of 14 steps an epoch: 80 rows are 27 batches of three, an uneven number."""

    def run(out, **more):
        given = {
            "epochs": 2,
            "learning_rate": 1e-4,
            "batch_rows": 3,
            "save_every": 5,
            "log_every": 1,
        }
        given |= {"validation": spec.rows}
        return spec.model_copy(update={**given, "out": out, **more})

    return run


def state(result):
    from safetensors.torch import load_file

    return load_file(result.model / "model.safetensors")


@pytest.mark.parametrize(
    "more",
    [{"batching": "padding"}, {"batching": "concat"}, {"lora": LoraSettings(rank=4)}],
    ids=["padding", "concat", "lora"],
)
def test_two_processes_learn_what_one_does(told, tmp_path, more):
    from tasks.sft.train import run_child

    more = {**more, "max_tokens": 150, "length_alpha": 0.5}
    lines = []
    one = run_child(told(tmp_path / "one", accumulate=2, **more))
    two = run_child(told(tmp_path / "two", processes=2, **more), lines.append)
    assert one.steps == two.steps == lines[-1].step
    assert two.loss == pytest.approx(one.loss, rel=1e-5)
    assert two.validation_loss == pytest.approx(one.validation_loss, rel=1e-5)
    ones, twos = state(one), state(two)
    assert max((ones[name] - twos[name]).abs().max().item() for name in ones) < 1e-6


def test_accelerate_launch_starts_the_same_two_processes(told, tmp_path):
    from tasks.sft.train import run_child

    config = tmp_path / "two.yaml"
    config.write_text(
        "{compute_environment: LOCAL_MACHINE, distributed_type: MULTI_GPU, use_cpu: true, "
        "num_machines: 1, machine_rank: 0, num_processes: 2, main_process_port: 0, debug: false, "
        "mixed_precision: 'no', rdzv_backend: static}"
    )
    by_torchrun = run_child(told(tmp_path / "torchrun", processes=2))
    launched = told(tmp_path / "accelerate", processes=2, accelerate_config=config)
    assert launched.fingerprint() != told(tmp_path, processes=2).fingerprint()
    by_accelerate = run_child(launched)
    assert by_accelerate.steps == by_torchrun.steps
    ones, twos = state(by_torchrun), state(by_accelerate)
    assert all(ones[name].equal(twos[name]) for name in ones)


def test_two_processes_that_were_killed_go_on(told, tmp_path):
    from tasks.sft.train import run_child

    class Killed(Exception):
        pass

    def kill(line):
        if line.step >= 12:
            raise Killed

    whole = run_child(told(tmp_path / "whole", processes=2))
    with pytest.raises(Killed):
        run_child(told(tmp_path / "again", processes=2), kill)
    again = run_child(told(tmp_path / "again", processes=2))
    assert again.resumed_from in {5, 10}
    ones, twos = state(whole), state(again)
    assert all(ones[name].equal(twos[name]) for name in ones)


def test_two_processes_that_are_told_to_end_save_once_and_go_on(told, tmp_path):
    from tasks.sft.train import run_child

    def end(line):
        if line.step == 12:
            os.kill(os.getpid(), signal.SIGTERM)  # this process passes it on to its child

    whole = run_child(told(tmp_path / "whole", processes=2))
    spec = told(tmp_path / "again", processes=2)
    with pytest.raises(TrainingFailed, match=r"ended by SIGTERM after step (\d+) of 28, which"):
        run_child(spec, end)
    saved = sorted(path.name for path in spec.checkpoints.glob("checkpoint-*"))
    again = run_child(spec)
    assert 12 <= again.resumed_from < 28
    assert saved == ["checkpoint-10", f"checkpoint-{again.resumed_from}"]
    ones, twos = state(whole), state(again)
    assert all(ones[name].equal(twos[name]) for name in ones)


def test_a_refusal_of_two_processes_is_one_error(told, tmp_path):
    from schemas.errors import PadEqualsEos
    from tasks.sft.train import run_child

    with pytest.raises(PadEqualsEos, match="is an end token"):
        run_child(told(tmp_path, processes=2, pad_token="<|end|>"))
