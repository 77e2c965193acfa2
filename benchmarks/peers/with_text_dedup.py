"""text-dedup: its MinHash script on pairs of words, a run per task type."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from datasets import load_from_disk
from text_dedup.minhash import main
from told import Rows, by_kind, keep


def kept(rows: Rows) -> list[int]:
    """Return the rows that the script leaves; those under its shortest length are dropped."""
    with TemporaryDirectory() as folder:
        lines = Path(folder) / "rows.json"
        lines.write_text("".join(json.dumps({"n": n, "text": text}) + "\n" for n, text in rows))
        options = {"path": "json", "data_files": lines, "split": "train", "column": "text"}
        options |= {"threshold": 0.8, "num_perm": 128, "num_proc": 1, "output": f"{folder}/out"}
        options |= {"cache_dir": f"{folder}/cache", "batch_size": 10_000}
        options |= {"ngram": 2, "min_length": 1}  # five words and more find next to nothing here
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        main(given, standalone_mode=False)
        return load_from_disk(f"{folder}/out")["n"][:]


keep(n for rows in by_kind() for n in kept(rows))
