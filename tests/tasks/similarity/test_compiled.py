import os
import subprocess
import sys
from pathlib import Path

import pytest

import tasks
from tasks.similarity.compiled import cache_folder
from tasks.similarity.shingles import LONG

ROOT = Path(tasks.__file__).parent


def compiled_files(folder):
    return {path.name for path in folder.rglob("*.nb[ic]")}


def run_compiled(**environ):
    """Compile one of the smallest loops in another process, and call it."""
    code = "import numpy as np; from tasks.similarity.sketch import size_of; "
    code += "print(size_of(np.zeros(9, np.uint32), np.zeros(9, np.uint8)))"
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ}
    return subprocess.run(
        [sys.executable, "-c", code], env=given, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.usefixtures("compiled_only")
def test_machine_code_is_kept_in_the_cache_folder_and_never_beside_the_source(tmp_path):
    before = compiled_files(ROOT)
    run_compiled(XDG_CACHE_HOME=str(tmp_path), NUMBA_CACHE_DIR="")
    assert compiled_files(tmp_path / "sft-flywheel")
    assert compiled_files(ROOT) == before == set()


@pytest.mark.usefixtures("compiled_only")
def test_a_loop_gives_the_same_where_nothing_can_be_cached(tmp_path):
    (tmp_path / "file").touch()
    kept_nowhere = run_compiled(XDG_CACHE_HOME=str(tmp_path / "file"), NUMBA_CACHE_DIR="")
    assert int(kept_nowhere) == LONG
    assert compiled_files(ROOT) == set()


def test_cache_folder_is_the_one_that_was_asked_for_or_none(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "here"))
    assert cache_folder.__wrapped__().parents[1] == tmp_path / "here"
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    assert cache_folder.__wrapped__() is None
