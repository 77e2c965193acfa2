"""A made-up mix of labels of one word and of stories, and a base model that knows another one.

A row of `classification/intent` has one of 100 keys among other words; its answer is one of four
labels, a table to be learned by heart. A row of `transform/repeat` asks for a word one to six
times. A row of `creative/story` is 30 to 90 words that follow one another by the chances of its
topic; nothing says when it ends. The base model has learned stories, chats and ends, and other
labels of the same keys: as in a real run, what is new is what the labels say.
"""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from benchmarks.sft_bases import CHATML, make
from benchmarks.sft_runs import budget, fit, saved

LABEL, REPEAT, STORY = "classification/intent", "transform/repeat", "creative/story"
SHORT = frozenset({LABEL})
KEYS = [f"k{number}" for number in range(100)]
CLASSES = ["order", "refund", "login", "invoice"]
FILLERS = [f"f{number:02d}" for number in range(20)]
WORDS = [f"w{number:02d}" for number in range(30)]
TOPICS = [f"topic{number}" for number in range(5)]
CHANCES = (0.5, 0.25, 0.15, 0.1)  # of the four words that may follow a word
COUNTS = ["1", "2", "3", "4", "5", "6"]
_SAID = ["user", "assistant", "classify", "repeat", "tell"]
_SPECIAL = ["<|pad|>", "<|im_start|>", "<|im_end|>", "<unk>"]
_COLUMNS = {"tools": pl.String}


def rows(seed: int, counts: Mapping[str, int], table: int = 1) -> pl.DataFrame:
    """Make rows, so many of each task type, as `sft_runs.planned` takes them.

    The labels of `table` 0 are those that the base model knows.
    """
    rng, classes = random.Random(seed), _classes(table)
    make = {LABEL: lambda: _label(rng, classes), REPEAT: lambda: _repeat(rng)}
    make[STORY] = lambda: _story(rng)
    made = [make[task_type]() for task_type, count in counts.items() for _ in range(count)]
    numbered = [{"answer_id": f"a{number}"} | row for number, row in enumerate(made)]
    return pl.DataFrame(numbered, schema_overrides=_COLUMNS)


def _classes(table: int) -> dict[str, str]:
    rng = random.Random(table)
    return {key: rng.choice(CLASSES) for key in KEYS}


def _label(rng: random.Random, classes: dict[str, str]) -> dict[str, Any]:
    key, words = rng.choice(KEYS), rng.choices(FILLERS, k=rng.randint(3, 8))
    words.insert(rng.randrange(len(words) + 1), key)
    return _row(LABEL, f"classify {' '.join(words)}", classes[key])


def _repeat(rng: random.Random) -> dict[str, Any]:
    word, count = rng.choice(WORDS), rng.choice(COUNTS)
    return _row(REPEAT, f"repeat {word} {count}", " ".join([word] * int(count)))


def _story(rng: random.Random) -> dict[str, Any]:
    topic, word, said = rng.choice(TOPICS), rng.choice(WORDS), []
    for _ in range(rng.randint(30, 90)):
        said.append(word)
        [word] = rng.choices(_next(topic, word), CHANCES)
    return _row(STORY, f"tell {topic}", " ".join(said))


def _next(topic: str, word: str) -> list[str]:
    return random.Random(f"{topic} {word}").sample(WORDS, len(CHANCES))


def _row(task_type: str, prompt: str, answer: str) -> dict[str, Any]:
    area, kind = task_type.split("/")
    messages = [{"role": "user", "content": prompt}]
    said = {"messages": messages, "answer": answer, "tools": None}
    return {"area": area, "kind": kind} | said


def base(folder: Path, seed: int, steps: int) -> Path:
    """Train a base model that knows stories and the old labels, and return its folder."""
    known = rows(seed + 10_000, {LABEL: 4 * steps, STORY: 4 * steps}, table=0)
    start = make(folder / "start", "llama", tokenizer(), seed)
    spec = budget(start, known, folder, "padding", steps)
    told = {"length_alpha": 1.0, "learning_rate": 3e-3, "seed": seed}
    return saved(fit(spec.model_copy(update=told)), folder / "base")


def tokenizer() -> PreTrainedTokenizerFast:
    """Make a tokenizer with a token for each word: an answer has as many as words, and its end."""
    words = [*_SPECIAL, *_SAID, *KEYS, *CLASSES, *FILLERS, *COUNTS, *WORDS, *TOPICS]
    known = {word: number for number, word in enumerate(words)}
    made = Tokenizer(models.WordLevel(known, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    roles = {"pad_token": "<|pad|>", "eos_token": "<|im_end|>", "unk_token": "<unk>"}
    found = PreTrainedTokenizerFast(
        tokenizer_object=made, **roles, additional_special_tokens=["<|im_start|>"]
    )
    found.chat_template = CHATML
    return found
