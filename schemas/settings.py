"""Every knob of the flywheel, declared once: name, type, default, limits, meaning."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of all settings: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceSettings(Settings):
    """One place that logs come from: a `[[sources]]` block."""

    name: str = Field(
        "logs", pattern=r"^[a-z0-9_-]+$", description="Part of every id: never rename"
    )
    kind: Literal["files"] = Field("files", description="How records are fetched")
    path: str = Field("logs", description="File, folder or glob; .jsonl .json .gz .zst")
    format: str = Field("auto", description="Record format, or auto: look at each record")
    default_day: date | None = Field(
        None, description="UTC day of records without a time; unset: the day they are first seen"
    )


class PullSettings(Settings):
    """How log records become chats."""

    max_record_bytes: int = Field(
        4_000_000, ge=1_000, description="Larger records are quarantined, in bytes"
    )
    late_days: int = Field(
        7, ge=0, description="A run also refreshes stale days this near to its own, in days"
    )


class FilterSettings(Settings):
    """Limits used by tasks/rules."""

    min_chars: int = Field(4, ge=0, description="Shorter prompts are dropped, in characters")
    min_chars_cjk: int = Field(
        2, ge=0, description="The same where Han, Kana or Hangul prevail: two can be a task"
    )
    max_chars: int = Field(20_000, ge=1, description="Longer prompts are dropped, in characters")
    languages: tuple[str, ...] = Field(
        ("en", "zh", "ko"), description="ISO 639-1 codes to keep; und always passes; () keeps all"
    )


class TagSettings(Settings):
    """How prompts get their task type."""

    use_model: bool = Field(True, description="Ask the strong model where keyword rules are silent")
    max_prompt_chars: int = Field(
        4_000, ge=100, description="Characters of a prompt shown to the strong model"
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


class AnswerSettings(Settings):
    """What is asked of the strong model for every prompt."""

    samples: int = Field(1, ge=1, le=16, description="Answers per prompt")
    temperature: float = Field(0.2, ge=0, le=2, description="Sampling temperature")
    max_tokens: int = Field(1_024, ge=1, description="Longest answer, in tokens")


class CheckSettings(Settings):
    """Limits used by tasks/checks."""

    min_answer_chars: int = Field(1, ge=1, description="Shorter answers count as empty")


class ModelSettings(Settings):
    """The strong model: any server that speaks OpenAI's chat completions."""

    base_url: str = Field("", description="Address up to /v1; empty = no strong model")
    model: str = Field("", description="Model name the server knows")
    api_key_env: str = Field(
        "FLYWHEEL_API_KEY", description="Name of the environment variable with the key"
    )
    group: str = Field(
        "", description="Name shared by endpoints that serve one model; default: model"
    )
    concurrency: int = Field(32, ge=1, le=1_024, description="Calls in flight at once")
    timeout_s: float = Field(120.0, gt=0, description="Longest wait for one reply, in seconds")
    max_attempts: int = Field(6, ge=1, description="Tries per call")
    input_usd_per_mtok: float | None = Field(None, ge=0, description="Price of 1M prompt tokens")
    output_usd_per_mtok: float | None = Field(None, ge=0, description="Price of 1M answer tokens")


class CapSettings(Settings):
    """When to stop buying: per run, over all stages. Nothing bought is lost."""

    max_calls: int | None = Field(None, ge=0, description="Calls sent to the strong model")
    max_usd: float | None = Field(None, ge=0, description="Spend, in USD; needs prices in [llm]")
    max_tokens: int | None = Field(None, ge=0, description="Prompt and answer tokens together")


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
    filter: FilterSettings = FilterSettings()
    tag: TagSettings = TagSettings()
    dedupe: DedupeSettings = DedupeSettings()
    answer: AnswerSettings = AnswerSettings()
    check: CheckSettings = CheckSettings()
    llm: ModelSettings = ModelSettings()
    caps: CapSettings = CapSettings()

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
