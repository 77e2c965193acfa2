import os
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from schemas.errors import LockTimeout
from tasks.adapters.locks import hold, locked

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from tasks.adapters.locks import locked
with locked(Path(sys.argv[1]), shared=sys.argv[2] == "shared"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(path, how="alone"):
    """Another process that holds the lock until the block ends, or until it is killed."""
    command = [sys.executable, "-c", HOLDER, path, how]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def test_a_lock_held_elsewhere_is_waited_for_and_named_when_time_is_up(tmp_path):
    path = tmp_path / "x.lock"
    with (
        held_elsewhere(path),
        pytest.raises(LockTimeout, match=r"waited 0\.05 s for .*x\.lock; another run holds it"),
        locked(path, timeout_s=0.05),
    ):
        pytest.fail("two held it")
    with locked(path, timeout_s=5):
        pass


def test_readers_share_a_lock_and_a_writer_does_not(tmp_path):
    path = tmp_path / "x.lock"
    with held_elsewhere(path, "shared"):
        with locked(path, shared=True, timeout_s=0.05):
            pass
        with pytest.raises(LockTimeout), locked(path, timeout_s=0.05):
            pytest.fail("a writer came in beside a reader")
    with (
        held_elsewhere(path),
        pytest.raises(LockTimeout),
        locked(path, shared=True, timeout_s=0.05),
    ):
        pytest.fail("a reader came in beside a writer")


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    path = tmp_path / "x.lock"
    with held_elsewhere(path) as process:
        process.kill()
        with locked(path, timeout_s=5):
            pass


def test_a_lock_is_given_up_when_its_block_raises(tmp_path):
    path = tmp_path / "x.lock"
    with pytest.raises(RuntimeError), locked(path):
        raise RuntimeError
    with locked(path, timeout_s=0):
        pass


def test_threads_of_one_process_take_turns_too(tmp_path):
    inside, most = [], []

    def take():
        for _ in range(5):
            with locked(tmp_path / "x.lock", timeout_s=30):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 20


def test_readers_in_an_endless_row_do_not_keep_a_writer_out(tmp_path):
    path, stop = tmp_path / "x.lock", threading.Event()

    def read():
        while not stop.is_set():
            with locked(path, shared=True):
                stop.wait(0.03)  # long enough for another one to come

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        with locked(path, timeout_s=3):
            pass
    finally:
        stop.set()
        for reader in readers:
            reader.join()


def test_lock_files_are_their_owners_whatever_the_umask(tmp_path):
    path = tmp_path / "locks" / "x.lock"
    before = os.umask(0)
    try:
        with locked(path):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_open_file_is_held_by_one_process_until_it_is_closed(tmp_path):
    path = tmp_path / "segment"
    mine = os.open(path, os.O_RDWR | os.O_CREAT)
    other = os.open(path, os.O_RDWR)
    assert hold(mine)
    assert not hold(other)
    os.close(mine)
    assert hold(other)
    os.close(other)
