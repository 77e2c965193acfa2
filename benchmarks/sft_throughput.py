"""How many tokens of text does training take in, and how much of its work is padding?

    python benchmarks/sft_throughput.py [--quick] [--json FILE]

One model of random weights and one set of made-up rows whose lengths differ as those of chats do
(log-normal, a median of 100 tokens), trained

- by our trainer, in each batching;
- by a plain TRL script, SFTTrainer with its own data preparation: padding, and packing "bfd";
- on a GPU, by a hand-written torch loop over our packed rows with the same model and kernels.

LLaMA-Factory is not among them: 0.9.5 wants transformers 5.6 and TRL 0.24 at most.

Tokens of text a second leave padding out, prompts in, and the first steps are not counted. On a
CPU a second is one of CPU time on one thread, so that other work on the machine does not count; on
a GPU it is one of the clock, and MFU is 6 x parameters x tokens a second over what a matrix product
in bfloat16 reaches in the same run. Fill is the share of the computed tokens that is text; of
concat, of the room of its packed rows.

Goals: concat fills .97 of its rows, and takes in as many tokens as padding at least on a CPU, .95 /
(padding's fill) times as many on a GPU; there, 45 % MFU and .95 of the hand-written loop.
"""

import contextlib
import io
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from transformers import AutoConfig, AutoModelForCausalLM, TrainerCallback
from trl import SFTConfig, SFTTrainer
from trl.trainer import utils

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.sft_runs import NEVER, command  # noqa: E402  found from the root
from benchmarks.sft_stories import WORDS, tokenizer  # noqa: E402
from tasks.sft.assemble import Assembled, assemble  # noqa: E402
from tasks.sft.labels import IGNORED  # noqa: E402
from tasks.sft.load import tokenizer_of, weights_of  # noqa: E402
from tasks.sft.measure import write_rows  # noqa: E402
from tasks.sft.scoring import precision  # noqa: E402
from tasks.sft.spec import TrainSpec  # noqa: E402

GPU = torch.cuda.is_available()
MODES = ("padding", "concat", "padding_free", "packed")
ROOM = 4_096 if GPU else 1_024  # tokens of a packed row, and of the longest row
STEP_TOKENS = 16 * ROOM if GPU else 4 * ROOM
WARM = 3  # steps that are not counted
AT_ONCE = 8  # rows of a batch
HEAD = 128 if GPU else 32  # width of an attention head
SMALL = {"vocab_size": 2_048, "hidden_size": 128, "num_hidden_layers": 4}
LARGE = {"vocab_size": 32_768, "hidden_size": 2_048, "num_hidden_layers": 16}
SHAPE = LARGE if GPU else SMALL
MATRIX = 8_192  # rows and columns
ITS_OWN = utils._use_triton  # which tasks/sft/head.py changes


class Speed(NamedTuple):
    """What one way of training took in."""

    rate: float  # tokens of text a second
    fill: float  # 0 to 1


def measure(quick: bool) -> dict[str, float]:
    """Print a line for each way of training; return the figures."""
    with tempfile.TemporaryDirectory() as place:
        rows = made_up(Path(place), WARM + (6 if quick else 20))
        start = base(Path(place))
        found = {f"TRL, {mode}": plain(start, rows, mode) for mode in ("padding", "concat")}
        found |= {f"ours, {mode}": ours(start, rows, mode) for mode in MODES}
        return shown(found) | limits(start, rows, found["ours, concat"])


def shown(found: dict[str, Speed]) -> dict[str, float]:
    """Print a line for each way of training and the goals; return ratios of rates, and fill."""
    padding, concat = found["ours, padding"], found["ours, concat"]
    ratios = {name: one.rate / padding.rate for name, one in found.items()}
    print(f"{'trained by':24}{'tokens/s':>12}{'of padding':>12}{'fill':>8}")
    for name, one in found.items():
        print(f"{name:24}{one.rate:>12,.0f}{ratios[name]:>12.2f}{one.fill:>8.1%}")
    print(f"{'LLaMA-Factory':24}not installed: its releases want older libraries than these")
    goal = 0.95 / padding.fill if GPU else 1.0
    print(f"concat takes in {ratios['ours, concat']:.2f} of padding's tokens, goal {goal:.2f}")
    print(f"concat fills {concat.fill:.3f} of its rows, goal .97")
    figures = {f"{name}: of padding": round(ratio, 3) for name, ratio in ratios.items()}
    return figures | {f"{name}: fill": round(one.fill, 4) for name, one in found.items()}


def made_up(folder: Path, steps: int) -> Path:
    """Write rows whose lengths are log-normal, enough for so many steps, and return the file."""
    rng, path, left, rows = random.Random(7), folder / "rows.jsonl", steps * STEP_TOKENS, []
    while left > 0:
        prompt, answer = (min(int(rng.lognormvariate(3.6, 1)) + 1, ROOM // 2 - 8) for _ in range(2))
        rows.append(row(rng, prompt, answer))
        left -= prompt + answer + 6
    write_rows(path, rows)
    return path


def row(rng: random.Random, prompt: int, answer: int) -> dict[str, Any]:
    """Return a training row of so many words."""
    said = (("user", prompt), ("assistant", answer))
    messages = [{"role": role, "content": " ".join(rng.choices(WORDS, k=n))} for role, n in said]
    return {"prompt": messages[:1], "completion": messages[1:]}


def base(folder: Path) -> Path:
    """Write a model of random weights, of 1B parameters on a GPU, and return its folder."""
    made, ids = tokenizer(), tokenizer().convert_tokens_to_ids
    told = {"pad_token_id": ids("<|pad|>"), "eos_token_id": ids("<|im_end|>"), "bos_token_id": None}
    width = SHAPE["hidden_size"]
    told |= {"intermediate_size": 4 * width, "num_attention_heads": width // HEAD}
    config = AutoConfig.for_model("llama", **SHAPE, **told, max_position_embeddings=ROOM)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder / "base")
    made.save_pretrained(folder / "base")
    return folder / "base"


def ours(start: Path, rows: Path, mode: str) -> Speed:
    """Train by our trainer."""
    with tempfile.TemporaryDirectory() as out:
        trainer = assembled(start, rows, mode, Path(out)).trainer
        return timed(trainer, trainer.at_once * ROOM if mode == "concat" else None)


def assembled(start: Path, rows: Path, mode: str, out: Path) -> Assembled:
    """Assemble a run of an epoch whose steps have STEP_TOKENS tokens on average."""
    told = {"base_model": str(start), "rows": rows, "out": out, "threads": 1, "max_tokens": ROOM}
    is_cut = mode in {"concat", "packed"}  # into packed rows
    told |= {"batch_rows": 1 if is_cut else AT_ONCE, "accumulate": accumulated(rows, is_cut)}
    return assemble(TrainSpec(**told, batching=mode, epochs=1, save_every=NEVER))


def accumulated(rows: Path, is_cut: bool) -> int:
    """Return how many batches a step has."""
    if is_cut:
        return STEP_TOKENS // ROOM
    given = [json.loads(line) for line in rows.read_text().splitlines()]
    words = [len(f"{one['prompt']} {one['completion']}".split()) for one in given]
    return round(STEP_TOKENS / mean(words) / AT_ONCE)


def plain(start: Path, rows: Path, mode: str) -> Speed:
    """Train by TRL alone, as a script does that follows its documentation."""
    utils._use_triton = ITS_OWN  # our trainer changes it
    is_cut = mode == "concat"
    with tempfile.TemporaryDirectory() as out:
        told: dict[str, Any] = {"output_dir": out, "max_length": ROOM, "packing": is_cut}
        told |= {"per_device_train_batch_size": 1 if is_cut else AT_ONCE, "num_train_epochs": 1}
        told |= {"gradient_accumulation_steps": accumulated(rows, is_cut), "learning_rate": 1e-5}
        told |= {"bf16": GPU, "use_cpu": not GPU, "activation_checkpointing": GPU}
        told |= {"report_to": "none", "disable_tqdm": True, "save_strategy": "no"}
        given = Dataset.from_list([json.loads(line) for line in rows.read_text().splitlines()])
        model, made = weights_of(str(start), torch.float32), tokenizer_of(str(start))
        trainer = SFTTrainer(model, SFTConfig(**told), train_dataset=given, processing_class=made)
        return timed(trainer, ROOM if is_cut else None)


def timed(trainer: Any, room: int | None) -> Speed:
    """Train to the end; `room` is that of the packed rows of a batch."""
    clock, count = Clock(trainer), Count(trainer.data_collator, room)
    trainer.data_collator = count
    trainer.add_callback(clock)
    with contextlib.redirect_stdout(io.StringIO()):  # trainers print their log
        trainer.train()
    (first, begun), *_, (last, ended) = clock.marks[WARM - 1 :]
    return Speed((last - first) / (ended - begun), count.text / count.computed)


def now() -> float:
    """Return seconds: of the clock on a GPU, of CPU time elsewhere."""
    if not GPU:
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


class Clock(TrainerCallback):
    """Notes after each step how many tokens of text a trainer has taken in, and when."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer
        self.marks: list[tuple[int, float]] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Note it."""
        self.marks.append((self.trainer._total_train_tokens, now()))


class Count:
    """A collator that counts the tokens of its batches, and those that are text."""

    def __init__(self, collate: Any, room: int | None) -> None:
        self.collate, self.room = collate, room
        self.text = self.computed = 0

    def __call__(self, rows: Any) -> Any:
        """Collate."""
        batch = self.collate(rows)
        size = batch["input_ids"].numel()
        self.text += int(batch["attention_mask"].sum()) if "attention_mask" in batch else size
        self.computed += self.room or size
        return batch


def limits(start: Path, rows: Path, concat: Speed) -> dict[str, float]:
    """Print what a GPU could do: MFU, and the hand-written loop."""
    if not GPU:
        print("MFU and hand-written loop: no GPU")
        return {}
    hand, ceiling = by_hand(start, rows), matmul()
    mfu = 6 * count_of(start) * concat.rate / ceiling
    print(f"matrix products reach {ceiling / 1e12:.0f} TFLOP/s, MFU of concat {mfu:.1%}, goal 45 %")
    print(f"concat takes in {concat.rate / hand:.2f} of a hand-written loop, goal .95")
    return {"concat: MFU": mfu, "concat: of a hand-written loop": concat.rate / hand}


def by_hand(start: Path, rows: Path) -> float:
    """Train on our packed rows in a plain loop of torch; return tokens of text a second."""
    with tempfile.TemporaryDirectory() as out:
        trainer = assembled(start, rows, "concat", Path(out)).trainer
    every, batches = trainer.args.gradient_accumulation_steps, trainer.batches.epochs[0]
    model = weights_of(str(start), torch.float32).to(trainer.model.device).train()
    if GPU:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0, fused=GPU)
    marks = [(0, now())]
    for first in range(0, len(batches), every):
        given = [[trainer.train_dataset[one] for one in b] for b in batches[first : first + every]]
        step = [trainer.data_collator(batch) for batch in given]
        labels = sum(int((batch["labels"] != IGNORED).sum()) for batch in step)
        for batch in step:
            (summed_loss(model, batch) / labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        marks.append((marks[-1][0] + sum(one["input_ids"].numel() for one in step), now()))
    (begin, begun), *_, (end, ended) = marks[WARM:]
    return (end - begin) / (ended - begun)


def summed_loss(model: Any, batch: dict[str, Any]) -> torch.Tensor:
    """Return the loss of the labels of packed rows; only their positions are scored."""
    ids, labels, places = (
        batch[name].to(model.device) for name in ("input_ids", "labels", "position_ids")
    )
    with precision(model.device):
        hidden = model.model(input_ids=ids, position_ids=places, use_cache=False)[0][:, :-1]
        is_label = labels[:, 1:] != IGNORED
        scores = model.lm_head(hidden[is_label])
    wanted = labels[:, 1:][is_label]
    return torch.nn.functional.cross_entropy(scores.float(), wanted, reduction="sum")


def count_of(start: Path) -> int:
    """Count the parameters of a model."""
    return sum(one.numel() for one in weights_of(str(start), torch.float32).parameters())


def matmul() -> float:
    """Return the operations a second of a product of large matrices in bfloat16, on a GPU."""
    one = torch.randn(MATRIX, MATRIX, dtype=torch.bfloat16, device="cuda")
    for _ in range(5):
        one @ one
    begun = now()
    for _ in range(50):
        one @ one
    return 50 * 2 * MATRIX**3 / (now() - begun)


if __name__ == "__main__":
    command(__doc__, measure)
