import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from schemas.errors import PadEqualsEos, TrainingFailed
from tasks.sft import process

ROOT = Path(__file__).parents[3]


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Run a child whose work is these lines; return what it said."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(*lines):
        body = "".join(f"    {line}\n" for line in lines)
        (tmp_path / "some_child.py").write_text(
            "import os, sys, time\nfrom schemas.errors import PadEqualsEos\n"
            f"from tasks.sft import process\ndef work(path, say):\n{body}process.child(work)\n"
        )
        heard = []
        process.run("some_child", tmp_path / "spec", tmp_path / "log.txt", heard.append)
        return heard

    return run


def test_the_parent_hears_what_the_child_says_and_nothing_else(child, tmp_path):
    heard = child("say({'step': 1})", "print('noise')", "say({'text': '你好\\n'})")
    assert heard == [{"step": 1}, {"text": "你好\n"}]
    assert "noise" in (tmp_path / "log.txt").read_text()


def test_a_crash_comes_with_the_end_of_its_log(child):
    with pytest.raises(TrainingFailed, match=r"(?s)exit code 1.*log\.txt.*ValueError: too bad"):
        child("raise ValueError('too bad')")


def test_a_crash_shows_the_log_of_this_attempt_only(child):
    with pytest.raises(TrainingFailed):
        child("raise ValueError('the first')")
    with pytest.raises(TrainingFailed) as caught:
        child("raise ValueError('the second')")
    assert "the first" not in str(caught.value)


def test_a_kill_names_memory_as_the_likely_cause(child):
    with pytest.raises(TrainingFailed, match=r"SIGKILL.*memory.*batch_rows"):
        child("os.kill(os.getpid(), 9)")


def test_an_exit_without_a_word_is_no_success(child):
    with pytest.raises(TrainingFailed, match="exit code 3"):
        child("os._exit(3)")


def test_a_refusal_is_the_same_error_in_the_parent(child):
    with pytest.raises(PadEqualsEos, match=r"^take another$"):
        child("raise PadEqualsEos('take another')")


def test_an_exception_while_listening_kills_the_child(child, tmp_path, monkeypatch):
    class Enough(Exception):
        pass

    def hear(said):
        raise Enough(said["pid"])

    child("say({'pid': os.getpid()})")
    (tmp_path / "some_child.py").write_text(
        "import os, time\nfrom tasks.sft import process\n"
        "process.child(lambda _, say: (say({'pid': os.getpid()}), time.sleep(600)))\n"
    )
    with pytest.raises(Enough) as caught:
        process.run("some_child", tmp_path / "spec", tmp_path / "log.txt", hear)
    with pytest.raises(ProcessLookupError):
        os.kill(caught.value.args[0], 0)


@pytest.mark.parametrize(("seen", "first"), [(None, "0"), ("3,5", "3"), ("", "")])
def test_a_process_that_is_alone_sees_one_gpu(monkeypatch, seen, first):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if seen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    assert process.surroundings(1) == {"CUDA_VISIBLE_DEVICES": first}
    assert "CUDA_VISIBLE_DEVICES" not in process.surroundings(2)


def test_several_processes_have_minutes_to_save_before_torchrun_kills_them(monkeypatch):
    pytest.importorskip("torch", reason="not run: no torch")
    from torch.distributed.launcher.api import LaunchConfig

    for name, value in process.surroundings(2).items():
        monkeypatch.setenv(name, value)
    assert LaunchConfig(min_nodes=1, max_nodes=1, nproc_per_node=2).shutdown_timeout == 600


def test_the_child_ends_with_its_parent(tmp_path):
    (tmp_path / "orphan.py").write_text(
        "import os, time\nfrom tasks.sft import process\n"
        "process.child(lambda _, say: (say({'pid': os.getpid()}), time.sleep(600)))\n"
    )
    parent = (
        "from pathlib import Path\nfrom tasks.sft import process\n"
        "process.run('orphan', Path('spec'), Path('log.txt'), lambda s: print(s['pid'], flush=1))"
    )
    path = os.pathsep.join((str(ROOT), str(tmp_path)))
    with subprocess.Popen(
        [sys.executable, "-c", parent],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    ) as running:
        orphan = int(running.stdout.readline())
        running.send_signal(signal.SIGKILL)
    for _ in range(600):
        try:
            os.kill(orphan, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{orphan}/stat").read_text().split(")")[1].split()[0] == "Z":
            return  # nobody has collected it yet, but it runs no more
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")
