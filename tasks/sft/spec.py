"""What a training run is told, and what it tells afterwards."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.release_settings import Attention, Batching, DropReason, LoraSettings
from tasks.sft.weights import digest

Sharding = Literal["fsdp", "deepspeed"]

_NOT_WEIGHTS = {
    *("base_model", "rows", "validation", "out", "accelerate_config"),  # files count, not places
    *("threads", "log_every", "tensorboard"),
}


class Frozen(BaseModel):
    """Base of what passes between the flow and its children: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TrainSpec(Frozen):
    """One training run; everything it needs is in here and in the files named.

    `rows` is JSON lines: {"prompt": [message, ...], "completion": [message], "copies": n, "id":
    any text, "task_type": "area/kind",
    "tools": [function, ...], "learned_turns": [place, ...]}, of which all but the first two may be
    absent. The completion carries loss, and so do the answers in the prompt at these places, from
    0. `out` receives `model/`, `metrics.jsonl`, `result.json`, `log.txt` and, until the end,
    `checkpoints/`.
    """

    base_model: str = Field(description="Folder of a Hugging Face model, or its name on the hub")
    rows: Path
    validation: Path | None = Field(None, description="Rows that are only measured")
    out: Path
    max_tokens: int = Field(1_024, ge=8, description="Longer rows are dropped, never cut")
    epochs: float = Field(2.0, gt=0)
    learning_rate: float = Field(1e-5, gt=0)
    warmup: float = Field(0.03, ge=0, lt=1, description="Share of the steps")
    weight_decay: float = Field(0.0, ge=0)
    batch_rows: int = Field(8, ge=1, description="Rows that are in memory at once")
    accumulate: int = Field(1, ge=1, description="Batches of one optimizer step")
    batching: Batching = "padding"
    attention: Attention = "auto"
    length_alpha: float = Field(0.0, ge=0, le=1, description="Of the loss; 0 is TRL's own")
    save_every: int = Field(100, ge=1, description="Steps between checkpoints")
    log_every: int = Field(10, ge=1, description="Steps between lines of metrics.jsonl")
    tensorboard: bool = Field(False, description="Write event files to `out`/tensorboard too")
    seed: int = 7
    pad_token: str | None = Field(
        None, description="Unset: the tokenizer's own, else one that is free"
    )
    lora: LoraSettings = LoraSettings()
    processes: int = Field(1, ge=1, description="That share a step, each with its own batches")
    threads: int | None = Field(None, ge=1, description="CPU threads of torch; unset: its choice")
    accelerate_config: Path | None = Field(
        None, description="File of `accelerate launch`; its processes and sharding are below"
    )
    sharding: Sharding | None = Field(None, description="Who splits the weights, if anybody does")

    @property
    def checkpoints(self) -> Path:
        """Where a run that dies leaves what it goes on from."""
        return self.out / "checkpoints"

    def fingerprint(self) -> str:
        """Hash what decides the weights; checkpoints of another fingerprint are not resumed.

        Where things lie does not, and the base model counts by its files. Validation rows choose
        the best checkpoint, so they and the steps between checkpoints count.
        """
        said = self.model_dump_json(exclude=_NOT_WEIGHTS)
        hashed = hashlib.sha256(f"{said}{digest(self.base_model)}".encode())
        for path in (self.rows, self.validation, *filter(None, [self.accelerate_config])):
            hashed.update(path.read_bytes() if path else b"none")
        return hashed.hexdigest()


class DroppedRow(Frozen):
    """A row that was not trained on."""

    row: int  # 0-based line of the file
    id: str | None
    reason: DropReason
    tokens: int


class Progress(Frozen):
    """One logged step; the lines of `metrics.jsonl` are these."""

    step: int
    steps: int  # of the whole run
    epoch: float
    loss: float  # mean over the label tokens since the line before, weighed by length_alpha
    learning_rate: float
    grad_norm: float
    token_accuracy: float
    tokens: int  # seen so far, prompts included, over all attempts


class Check(Frozen):
    """One thing that preflight looked at."""

    name: str
    passed: bool
    finding: str
    fix: str  # what to do if it failed; "" = it cannot


class TypeLoss(Frozen):
    """The loss of one task type on validation rows."""

    task_type: str  # area/kind
    rows: int
    label_tokens: int
    loss: float  # mean over the label tokens


class StopRate(Frozen):
    """How many answers of a model ended by themselves."""

    step: int  # that the model was trained for; 0 = the base model
    prompts: int
    stopped: int


class Look(Frozen):
    """What was seen of a model while it was trained, one or the other."""

    step: int
    stops: StopRate | None = None
    validation: tuple[TypeLoss, ...] = ()


class TrainResult(Frozen):
    """What a finished run did; `result.json` is this."""

    fingerprint: str
    model: Path
    rows: int  # distinct ones trained on
    rows_with_copies: int
    dropped: tuple[DroppedRow, ...]
    label_tokens: int  # in one epoch, copies included
    tokens: int  # in one epoch, prompts and copies included
    steps: int
    resumed_from: int  # step of the checkpoint that the last attempt began with; 0 = none
    seconds: float  # of the last attempt, imports included
    loss: float  # of the last logged step
    validation_loss: float | None  # mean over the label tokens of the validation rows
    best_step: int | None = None  # of the weights that were kept; None = the last
    stop_rates: tuple[StopRate, ...] = ()  # the last one is of the kept weights
    validated: tuple[Look, ...] = ()  # the last one is of all rows, with these weights
    notes: tuple[str, ...] = ()  # what is odd
    pad_token: str
    pad_reason: str = ""  # why this one
    stop_token: str
    versions: Mapping[str, str]
    checks: tuple[Check, ...] = ()
