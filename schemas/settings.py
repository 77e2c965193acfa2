"""Every knob of the flywheel, declared once: name, type, default, limits, meaning."""

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.answer_settings import AnswerSettings
from schemas.check_names import CHECK_NAMES
from schemas.filter_settings import FilterSettings
from schemas.model_settings import ModelSettings
from schemas.release_settings import (
    DatasetSettings,
    EvaluateSettings,
    PromoteSettings,
    TrainSettings,
)
from schemas.settings_base import Settings


class SourceSettings(Settings):
    """One place that logs come from: a `[[sources]]` block."""

    name: str = Field(
        "logs", pattern=r"^[a-z0-9_-]+$", description="Part of every id: never rename"
    )
    kind: Literal["files", "sql"] = Field("files", description="How records are fetched")
    path: str = Field("logs", description="File, folder, glob or URL, as s3://bucket/logs")
    url: str = Field(
        "", description="Database, as postgresql://me:${PASSWORD}@host/db; ${NAME} is a variable"
    )
    url_env: str = Field("", description="Name of the environment variable that holds the url")
    query: str = Field(
        "", description="SELECT of the records from :day_start up to :day_end; without them, of all"
    )
    since: date | None = Field(
        None, description="First UTC day to ask a query for; unset: late_days before the first pull"
    )
    format: str = Field("auto", description="Record format, or auto: look at each record")
    votes_on: str = Field(
        "", description="Name of the source whose chats its votes speak of; unset: its own"
    )
    default_day: date | None = Field(
        None,
        description="UTC day of records without a time; unset: that in the file name, else today",
    )

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, url: str) -> str:
        password = re.search(r"://[^/?]*:([^/?]*)@|[?&]password=([^&]*)", url)
        if password and re.sub(r"\$\{\w+\}", "", password[1] or password[2] or ""):
            raise ValueError("holds a password; put it into the environment and write ${NAME}")
        return url

    @model_validator(mode="after")
    def _says_what_to_ask(self) -> Self:
        if self.kind == "sql" and not (self.query and bool(self.url) != bool(self.url_env)):
            raise ValueError('kind = "sql" needs `query`, and either `url` or `url_env`')
        if self.kind == "files" and (self.query or self.url or self.url_env):
            raise ValueError('`query`, `url` and `url_env` need kind = "sql"')
        return self


class PullSettings(Settings):
    """How log records become chats."""

    max_record_bytes: int = Field(
        4_000_000, ge=1_000, description="Larger records are quarantined, in bytes"
    )
    late_days: int = Field(
        7, ge=0, description="A run also refreshes stale days this near to its own, in days"
    )


class RedactionSettings(Settings):
    """What counts as private, besides what tasks/redaction knows."""

    custom: str = Field(
        "", description='Your detector, as "package.module:function": text -> (start, end, KIND)...'
    )
    keep: tuple[str, ...] = Field(
        (), description='Kinds of personal data that stay, as ["IP"]; secrets always go'
    )


ResponseFormat = Literal["json_schema", "json_object", "text"]


class TagSettings(Settings):
    """How prompts get their task type."""

    use_model: bool = Field(
        True, description="Ask the strong model where keywords and classifier are not sure"
    )
    max_prompt_chars: int = Field(
        4_000, ge=100, description="Characters of a prompt shown to the strong model"
    )
    pack: int = Field(8, ge=1, le=32, description="Prompts that share a call at most; 1: none do")
    precision: float = Field(
        0.9, gt=0, le=1, description="How often the classifier must be right to spare a call"
    )
    response_format: ResponseFormat = Field(
        "json_schema", description="What the server can be held to; text: nothing"
    )
    min_tags: int = Field(
        500, ge=100, description="Tags of the strong model that `flywheel tag train` needs"
    )


class DedupeSettings(Settings):
    """When two texts of one task type count as the same."""

    threshold: float = Field(0.8, gt=0, le=1, description="Exact Jaccard that a drop needs")
    recall: float = Field(
        0.995, gt=0.5, lt=1, description="Chance that a pair at the threshold becomes a candidate"
    )
    max_length_difference: float = Field(
        0.2, ge=0, le=1, description="Longer differences in length are never duplicates, as a share"
    )
    min_chars: int = Field(
        32, ge=1, description="Shorter prompts merge only when equal up to width and outer space"
    )
    min_answer_chars: int = Field(
        64, ge=1, description="Shorter answers are never compared across prompts"
    )
    max_per_template: int = Field(
        20, ge=1, description="Answers kept per template and task type, in rows"
    )
    max_prompts_per_template: int | None = Field(
        None, ge=1, description="Prompts kept per template and task type, in rows; unset: all"
    )


class CheckSettings(Settings):
    """Limits used by tasks/checks."""

    min_answer_chars: int = Field(1, ge=1, description="Shorter answers count as empty")
    length_slack: float = Field(
        0.35, ge=0, le=1, description="How far `about 200 words` may be missed, as a share"
    )
    repair: bool = Field(True, description="Ask once more for an answer with a defect")
    backfit: bool = Field(
        False,
        description="Rewrite the prompt of an answer that misses only a length, count or form",
    )
    off: tuple[str, ...] = Field((), description="Names of checks that are not made")

    @field_validator("off")
    @classmethod
    def _are_checks(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = next((name for name in names if name not in CHECK_NAMES), None)
        if unknown is not None:
            near = get_close_matches(unknown, CHECK_NAMES, n=1, cutoff=0)[0]
            raise ValueError(f"there is no check {unknown!r}; the nearest known one is {near!r}")
        return names


class CapSettings(Settings):
    """When to stop buying: per run and per UTC day, over all stages. Nothing bought is lost."""

    max_calls: int | None = Field(None, ge=0, description="Calls per run")
    max_usd: float | None = Field(None, ge=0, description="Spend per run, in USD; needs prices")
    max_tokens: int | None = Field(
        None, ge=0, description="Prompt and answer tokens together, per run"
    )
    max_calls_per_day: int | None = Field(None, ge=0, description="Calls of all runs of a UTC day")
    max_usd_per_day: float | None = Field(
        None, ge=0, description="Spend of all runs of a UTC day, in USD; needs prices"
    )
    max_tokens_per_day: int | None = Field(
        None, ge=0, description="Prompt and answer tokens of all runs of a UTC day"
    )


class FlywheelSettings(Settings):
    """Everything in flywheel.toml."""

    profile: Literal["development", "production"] = Field(
        "development", description="production refuses the scripted demo teacher"
    )
    var: Path = Field(
        Path("var"), description="Folder of the warehouse, journal and published file"
    )
    task_types: Path | None = Field(
        None, description="Your own task_types.toml; unset: the one that ships"
    )
    sources: tuple[SourceSettings, ...] = Field(
        (SourceSettings(),), description="Where logs come from"
    )
    pull: PullSettings = PullSettings()
    redaction: RedactionSettings = RedactionSettings()
    filter: FilterSettings = FilterSettings()
    tag: TagSettings = TagSettings()
    dedupe: DedupeSettings = DedupeSettings()
    answer: AnswerSettings = AnswerSettings()
    check: CheckSettings = CheckSettings()
    llm: ModelSettings = ModelSettings()
    caps: CapSettings = CapSettings()
    dataset: DatasetSettings = DatasetSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    promote: PromoteSettings = PromoteSettings()

    @property
    def root(self) -> Path:
        """The folder of flywheel.toml, as long as `var` lies in it."""
        return self.var.parent

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that only the pipeline opens."""
        return self.var / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The DuckDB file that analysts open."""
        return self.var / "published" / "analytics.duckdb"
