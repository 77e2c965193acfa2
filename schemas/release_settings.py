"""The knobs of a release: what is trained on, how, and when a model takes over."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.settings_base import Settings
from schemas.trait_names import TRAIT_NAMES

Batching = Literal["padding", "concat", "packed", "padding_free"]
Attention = Literal["auto", "flash_attention_2", "sdpa", "eager"]
Turns = Literal["last", "all"]
# why a row cannot be trained on
DropReason = Literal[
    "too_long",
    "empty_answer",
    "template_refuses",
    "prompt_not_kept",
    "call_not_rendered",
    "stop_in_answer",
]

EXTRA = "extra"  # area of the rows of such sets


class ExtraSettings(Settings):
    """A general set that is mixed in against forgetting: a `[[dataset.extra]]` block."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", description="Part of ids and of its task type: never rename"
    )
    path: Path = Field(description="File or folder of chats, in any format that logs may have")
    license: str = Field(min_length=1, description="Of the set: SPDX id, or words; for cards")
    rows: int | None = Field(
        None, ge=1, description="Rows to train on at most, beside dataset.rows; unset: all"
    )
    turns: Turns = Field(
        "last", description="Answers of a chat to learn; all: but those marked with weight = 0"
    )
    validation_share: float = Field(
        0.0, ge=0, lt=1, description="Share of its chats that are only measured"
    )


class DatasetSettings(Settings):
    """What a dataset is made of."""

    seed: int = Field(7, description="Chooses which rows a quota keeps and which get a copy more")
    rows: int | None = Field(
        None,
        ge=1,
        description="Rows to train on, copies aside, shared out among task types by difficulty x "
        "weight; unset: all there are",
    )
    min_rows: int = Field(0, ge=0, description="Rows wanted of each task type at least")
    max_rows: int | None = Field(None, ge=1, description="Rows of each task type at most")
    validation_share: float = Field(
        0.05, ge=0, lt=1, description="Share of users (else chats) whose rows are only measured"
    )
    validation_shares: Mapping[str, Annotated[float, Field(ge=0, lt=1)]] = Field(
        {}, description='That share of other task types, as {"maths/algebra" = 0.2}'
    )
    min_validation_rows: int = Field(
        5, ge=0, description="Validation rows of a task type below which a warning names it"
    )
    min_short_share: float = Field(
        0.03, ge=0, lt=1, description="Share of label tokens that a short-answer task type gets"
    )
    max_copies: int = Field(8, ge=1, description="Copies of a row at most to reach that share")
    loss_shares: Mapping[str, Annotated[float, Field(ge=0, lt=1)]] = Field(
        {}, description='Least share of the loss of other task types, as {"maths/algebra" = 0.1}'
    )
    quotas: Mapping[str, Annotated[int, Field(ge=0)]] = Field(
        {}, description='Rows of a task type to train on at most, as {"writing/email" = 500}'
    )
    trait_quotas: Mapping[str, Annotated[int, Field(ge=0)]] = Field(
        {}, description="Rows with a trait at most, beside the quotas of task types"
    )
    max_source_share: float = Field(
        0.9, gt=0, le=1, description="Share of rows of one teacher or template to be warned of"
    )
    license: str = Field(
        "unknown: ask who collected the logs",
        min_length=1,
        description="What the card of an export says of the rights in the logs: SPDX id, or words",
    )
    keep_out: tuple[Path, ...] = Field(
        (), description="Files or folders of more eval prompts that nothing is trained on"
    )
    extra: tuple[ExtraSettings, ...] = Field(
        (), description="General sets that are mixed in: `[[dataset.extra]]` blocks"
    )
    max_pending: float = Field(
        0.01, ge=0, le=1, description="Share of units not done yet above which no dataset is made"
    )

    @model_validator(mode="after")
    def _leave_room(self) -> Self:
        if self.max_rows is not None and self.min_rows > self.max_rows:
            raise ValueError(f"min_rows = {self.min_rows} is over max_rows = {self.max_rows}")
        return self

    @field_validator("extra")
    @classmethod
    def _have_own_names(cls, sets: tuple[ExtraSettings, ...]) -> tuple[ExtraSettings, ...]:
        names = [one.name for one in sets]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two sets are named {twice!r}; give each a name of its own")
        return sets

    @field_validator("trait_quotas")
    @classmethod
    def _are_traits(cls, quotas: Mapping[str, int]) -> Mapping[str, int]:
        unknown = next((name for name in quotas if name not in TRAIT_NAMES), None)
        if unknown is not None:
            near = get_close_matches(unknown, TRAIT_NAMES, n=1, cutoff=0)[0]
            raise ValueError(f"there is no trait {unknown!r}; the nearest known one is {near!r}")
        return quotas

    @field_validator("loss_shares")
    @classmethod
    def _fit_together(cls, shares: Mapping[str, float]) -> Mapping[str, float]:
        if sum(shares.values()) > 1:
            raise ValueError("the shares add up to more than 1; lower some of them")
        return shares


class LoraSettings(Settings):
    """Training of small matrices beside the frozen weights of the base model."""

    rank: int = Field(0, ge=0, description="Of the matrices; 0: no LoRA, all weights are trained")
    alpha: float = Field(32.0, gt=0, description="What is learned counts alpha / rank times")
    dropout: float = Field(0.0, ge=0, lt=1, description="Of what the matrices are given")
    target_modules: Literal["all-linear"] | tuple[str, ...] = Field(
        "all-linear", description='all-linear, or names of modules, as ["q_proj", "v_proj"]'
    )
    merge: bool = Field(
        True, description="Save whole weights; false: an adapter, which needs its base to be loaded"
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
    attention: Attention = Field(
        "auto", description="auto: flash attention where installed, else the model's default"
    )
    length_alpha: float = Field(
        0.0,
        ge=0,
        le=1,
        description="0: every label token weighs the same; 1: every answer",
    )
    save_every: int = Field(100, ge=1, description="Steps between checkpoints")
    log_every: int = Field(10, ge=1, description="Steps between rows of training_metrics")
    tensorboard: bool = Field(
        False, description="Write TensorBoard's event files into the run's folder too"
    )
    seed: int = Field(7, description="Order of rows and dropout")
    pad_token: str | None = Field(
        None, min_length=1, description="Unset: the tokenizer's own, else one that is free"
    )
    lora: LoraSettings = LoraSettings()
    processes: int = Field(
        1, ge=1, description="Processes that share a step, each with batches of its own; one a GPU"
    )
    accelerate_config: Path | None = Field(
        None, description="File for `accelerate launch`, which then starts the processes"
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
