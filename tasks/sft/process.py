"""A child process that imports torch, and the parent that must not.

The child says JSON lines on its standard output; whatever else it or a library prints goes to a
log file. It ends when its parent does, so no orphan writes to a folder that a new run resumes.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from schemas import errors
from schemas.errors import FlywheelError, NotInstalled, TrainingError, TrainingFailed

Say = Callable[[dict[str, Any]], None]

_ATTACHED = "--attached"  # end when standard input does
_REFUSED = 2  # exit code of an error made on purpose, which the last line names
_TAIL_LINES = 15
_SAVE_S = "600"  # for the step in progress and a checkpoint of 100 GB on a slow disk


def run(
    module: str,
    spec: Path,
    log: Path,
    hear: Say,
    env: dict[str, str] | None = None,
    launcher: Sequence[str] = (),
) -> None:
    """Run `python -m module spec` to its end; hear what it says.

    A `launcher`, such as torchrun, starts it in several processes, and ends all when one fails.

    Raises:
        NotInstalled: this Python has no torch or transformers.
        TrainingFailed: it died; the message has the tail of `log`, which says more.
        FlywheelError: it refused; the same error that it raised.
    """
    must_be_installed(("torch", "transformers", "trl"))
    with log.open("ab") as stderr:
        begun = stderr.tell()
        child = subprocess.Popen(
            [sys.executable, *launcher, "-m", module, str(spec), _ATTACHED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=_environment(env or {}),
        )
    with _passing_on(signal.SIGTERM, child):
        refusal = _listen(child, hear)
    if refusal and child.returncode:
        raise _same_error(refusal)
    if child.returncode:
        raise TrainingFailed(_death(child.returncode, log, begun))


@contextmanager
def _passing_on(number: int, child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the child end in its own way, and wait for it, when this process is told to end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, lambda *_: child.send_signal(number))
    try:
        yield
    finally:
        signal.signal(number, before)


def offline(model: str) -> dict[str, str]:
    """Set Hugging Face's hub off for a model that is a folder: nothing calls out unasked."""
    return {"HF_HUB_OFFLINE": "1"} if Path(model).is_dir() else {}


def surroundings(processes: int) -> dict[str, str]:
    """Let a process that is alone see the first GPU only, and several take their time to save.

    TRL refuses to use several GPUs in one process; torchrun kills after half a minute whoever is
    told to end.
    """
    if processes > 1:
        return {"TORCH_ELASTIC_SHUTDOWN_TIMEOUT": _SAVE_S}
    return {"CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]}


def child(work: Callable[[str, Say], None]) -> None:
    """Be the child: do `work` with the path of the spec and a way to say JSON lines."""
    say = _own_stdout()
    if _ATTACHED in sys.argv:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work(sys.argv[1], say)
    except FlywheelError as error:
        say({"error": type(error).__name__, "message": str(error)})
        sys.exit(_REFUSED)


def must_be_installed(packages: Iterable[str], extra: str = "train") -> None:
    """Look for packages without importing them.

    Raises:
        NotInstalled: one is missing; the message names the extra that brings it.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise NotInstalled(
            f"{', '.join(missing)} cannot be imported: what was asked for needs the [{extra}] "
            f"extra. Install it: pip install -c requirements.lock '.[{extra}]'"
        )


def _listen(child: subprocess.Popen[bytes], hear: Say) -> dict[str, Any] | None:
    """Pass on what the child says until it ends; keep back a refusal. It dies if `hear` fails."""
    refusal = None
    try:
        for said in _lines(child.stdout or ()):
            if "error" in said:
                refusal = said
            else:
                hear(said)
        child.wait()
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
    return refusal


def _lines(stdout: Iterable[bytes]) -> Iterable[dict[str, Any]]:
    for line in stdout:
        if line.endswith(b"\n"):  # else it died while it spoke
            yield json.loads(line)


def _environment(more: dict[str, str]) -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    quiet = {
        **{"TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"},
        **{"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
    }
    return {**os.environ, **quiet, **more, "PYTHONPATH": path}


def _same_error(refusal: dict[str, Any]) -> FlywheelError:
    kind: type[FlywheelError] = getattr(errors, refusal["error"], TrainingError)
    return kind(refusal["message"])


def _death(code: int, log: Path, begun: int) -> str:
    with log.open("rb") as written:
        written.seek(begun)
        text = written.read().decode(errors="replace")
    tail = "\n".join(text.splitlines()[-_TAIL_LINES:])
    return f"{_cause(code)} Full log: {log}. Its end:\n{tail}"


def _cause(code: int) -> str:
    if code == -signal.SIGKILL:
        return (
            "the process was killed (SIGKILL): by hand, or because the machine ran out of memory; "
            "then lower `batch_rows` and raise `accumulate`. Run again to resume."
        )
    if code < 0:
        return f"the process was ended by {signal.Signals(-code).name}. Run again to resume."
    return f"the process failed with exit code {code}."


def _own_stdout() -> Say:
    """Keep standard output for this module; prints of libraries go to standard error."""
    mine = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    if os.environ.get("RANK", "0") != "0":  # the first of several processes speaks for all
        return lambda _: None
    return lambda said: print(json.dumps(said, ensure_ascii=False), file=mine, flush=True)


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)
