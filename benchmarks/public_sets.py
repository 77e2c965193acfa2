"""Public sets of prompts, answers and labels, where a folder has them."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Told(NamedTuple):
    """What one row says; a set has answers, labels of its prompts, or both."""

    prompt: str
    answer: str | None = None
    label: str | None = None


def public(folder: Path) -> Iterator[tuple[str, list[Told]]]:
    """Yield the sets that are there: name and rows."""
    for name, (file, read) in SETS.items():
        if (folder / file).exists():
            yield name, list(read(text_of(folder / file)))


def text_of(path: Path) -> str:
    """Return the text of a file, packed with zstd or not."""
    import pyarrow as pa

    compression = "zstd" if path.suffix == ".zst" else None
    return pa.input_stream(str(path), compression=compression).read().decode()


def _alpaca(text: str) -> Iterator[Told]:
    for row in json.loads(text):
        yield Told(f"{row['instruction']}\n{row['input']}".strip(), row["output"])


def _instances(text: str) -> Iterator[Told]:
    for row in map(json.loads, text.splitlines()):
        for one in row["instances"]:
            yield Told(f"{row['instruction']}\n{one['input']}".strip(), one["output"])


def _chatbot(text: str) -> Iterator[Told]:
    for prompt, answer, *_ in list(csv.reader(text.splitlines()))[1:]:
        yield Told(prompt, answer)


def _labelled(text: str) -> Iterator[Told]:
    for prompt, label in list(csv.reader(text.splitlines()))[1:]:
        yield Told(prompt, label=label)


def _splits(text: str) -> Iterator[Told]:
    for rows in json.loads(text).values():
        for prompt, label in rows:
            yield Told(prompt, label=label)


SETS: dict[str, tuple[str, Callable[[str], Iterator[Told]]]] = {
    "oasst_zh": ("oasst_zh/oaast_sft_zh.json.zst", _alpaca),
    "gsm8k": ("gsm8k_train_alpaca/gsm_8k_train.json.zst", _alpaca),
    "alpaca_en": ("llamafactory_demo/alpaca_en_demo.json.zst", _alpaca),
    "alpaca_zh": ("llamafactory_demo/alpaca_zh_demo.json.zst", _alpaca),
    "self_instruct": ("self_instruct/user_oriented_instructions.jsonl", _instances),
    "belle": ("belle/zh_seed_tasks.json", _instances),
    "korean_chatbot": ("korean_chatbot/ChatbotData.csv.zst", _chatbot),
    "banking77": ("banking77/train.csv.zst", _labelled),
    "clinc150": ("clinc150/data_full.json.zst", _splits),
}
