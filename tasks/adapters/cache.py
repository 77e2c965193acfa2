"""The user's cache folder: what takes long to make, and can be made again."""

import os
import tempfile
from pathlib import Path


def writable(name: str, given: str | None = None) -> Path | None:
    """Return a folder of this name that can be written, in `given` or the user's cache folder.

    None where none can: whoever asks goes on without.
    """
    place = given or os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    folder = Path(place) / "sft-flywheel" / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None
