"""How long a new user waits: installation, `make demo` and `make test` in a fresh clone.

    python benchmarks/start.py [--quick] [--json FILE]

Prints seconds, and each as a share of its limit: 300 s for the demo, 240 s for the tests, both
after installation on 2 cores. `--quick` leaves the tests out.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIMITS = {"install": None, "demo": 300.0, "test": 240.0}
TARGETS = {"install": ".venv/installed", "demo": "demo", "test": "test"}


def measure(quick: bool) -> dict[str, float]:
    """Return the seconds of each step in a fresh clone."""
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        for step in ("install", "demo") if quick else LIMITS:
            begun = time.monotonic()
            subprocess.run(
                ["make", TARGETS[step]], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
            seconds[f"{step}_s"] = round(time.monotonic() - begun, 1)
            if step == "demo":
                peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
                print(f"largest process up to the end of the demo: {peak:.2f} GB, limit 4 GB")
    return seconds


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    figures = measure(args.quick)
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for name, seconds in list(figures.items()):
        limit = LIMITS[name.removesuffix("_s")]
        share = f"{seconds / limit:.0%} of {limit:.0f} s" if limit else ""
        print(f"{name.removesuffix('_s'):<10}{seconds:>8.1f} s   {share}")
        if limit:
            figures[name.replace("_s", "_share_of_limit")] = round(seconds / limit, 3)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
