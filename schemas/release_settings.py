"""The knobs of a release: what is trained on, how, and when a model takes over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from schemas.settings_base import Settings

Batching = Literal["padding", "concat", "packed", "padding_free"]


class DatasetSettings(Settings):
    """What a dataset is made of."""

    seed: int = Field(7, description="Chooses which rows a quota keeps")
    validation_share: float = Field(
        0.05, ge=0, lt=1, description="Share of users (else chats) whose rows are only measured"
    )
    min_short_share: float = Field(
        0.03, ge=0, lt=1, description="Share of label tokens that a short-answer task type gets"
    )
    max_copies: int = Field(8, ge=1, description="Copies of a row at most to reach that share")
    quotas: Mapping[str, Annotated[int, Field(ge=0)]] = Field(
        {}, description='Rows of a task type to train on at most, as {"writing/email" = 500}'
    )
    license: str = Field(
        "unknown: ask who collected the logs",
        min_length=1,
        description="What the card of an export says of the rights in the logs: SPDX id, or words",
    )
    keep_out: tuple[Path, ...] = Field(
        (), description="Files or folders of more eval prompts that nothing is trained on"
    )
    max_pending: float = Field(
        0.01, ge=0, le=1, description="Share of units not done yet above which no dataset is made"
    )


class TrainSettings(Settings):
    """Supervised fine-tuning."""

    base_model: str = Field("", description="Folder of a Hugging Face model, or its name on a hub")
    max_tokens: int = Field(1_024, ge=8, description="Longer rows are left out, never cut")
    epochs: float = Field(2.0, gt=0, description="Times that every row is seen, copies aside")
    learning_rate: float = Field(1e-5, gt=0, description="Peak of the cosine schedule")
    warmup: float = Field(0.03, ge=0, lt=1, description="Share of the steps")
    weight_decay: float = Field(0.0, ge=0, description="Of AdamW")
    batch_rows: int = Field(8, ge=1, description="Rows in memory at once")
    accumulate: int = Field(1, ge=1, description="Batches of one optimizer step")
    batching: Batching = Field(
        "padding",
        description="padding: a row per sequence; concat: whole rows side by side, blind to each "
        "other; padding_free: a batch as one sequence; packed: cut anywhere, to compare with only",
    )
    length_alpha: float = Field(
        0.0,
        ge=0,
        le=1,
        description="0: every label token weighs the same; 1: every answer",
    )
    save_every: int = Field(100, ge=1, description="Steps between checkpoints")
    log_every: int = Field(10, ge=1, description="Steps between rows of training_metrics")
    seed: int = Field(7, description="Order of rows and dropout")
    pad_token: str | None = Field(
        None, description="Unset: the tokenizer's own, else one that is free"
    )
    processes: int = Field(
        1, ge=1, description="Processes that share a step, each with batches of its own; one a GPU"
    )
    threads: int | None = Field(None, ge=1, description="CPU threads of torch; unset: its choice")


class EvaluateSettings(Settings):
    """How models are compared."""

    eval_set: str = Field("", description="Name of the eval set; `flywheel eval add` makes one")
    max_new_tokens: int = Field(256, ge=1, description="Longest answer, in tokens")
    batch_rows: int = Field(64, ge=1, description="Prompts answered at once")


class PromoteSettings(Settings):
    """When a candidate takes the champion's place."""

    alpha: float = Field(
        0.05, gt=0, lt=1, description="Chance of error allowed when calling a model better or worse"
    )
    min_stop_rate: float = Field(
        0.99, ge=0, le=1, description="Share of answers that must end by themselves"
    )
