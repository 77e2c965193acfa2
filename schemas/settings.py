"""Every knob of the flywheel, declared once: name, type, default, limits, meaning."""

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.release_settings import (
    DatasetSettings,
    EvaluateSettings,
    PromoteSettings,
    TrainSettings,
)
from schemas.rule_names import RULE_NAMES
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


class FilterSettings(Settings):
    """Limits used by tasks/rules and tasks/traits.

    "Measured" is on 50,263 public prompts: arena-hard, OASST en and zh, CLINC150, BANKING77,
    MT-bench, BELLE, self-instruct, prompts.chat and the Korean chatbot set.
    """

    off: tuple[str, ...] = Field((), description="Rules that are not asked")
    tag_only: tuple[str, ...] = Field(
        ("jailbreak", "injection", "toxic"), description="Rules that make a trait and drop nothing"
    )
    min_chars: int = Field(4, ge=0, description="Shorter prompts are dropped, in characters")
    min_chars_cjk: int = Field(
        2, ge=0, description="The same where Han, Kana or Hangul prevail: two can be a task"
    )
    max_chars: int = Field(20_000, ge=1, description="Longer prompts are dropped, in characters")
    max_tokens: int = Field(
        8_000, ge=1, description="Prompts of more estimated tokens are dropped, in tokens"
    )
    max_context_tokens: int = Field(
        8_000,
        ge=1,
        description="Oldest messages go until a prompt and its context fit, in estimated tokens",
    )
    languages: tuple[str, ...] = Field(
        ("en", "zh", "ko"), description="ISO 639-1 codes to keep; und always passes; () keeps all"
    )
    # a question about such characters has .1 to .25, a text read in the wrong encoding over .5
    max_undecoded: float = Field(
        0.3, ge=0, le=1, description="Share of characters that could not be decoded"
    )
    keep_continuations: bool = Field(
        False, description='Keep "continue" and "thanks" inside a chat, to have it whole'
    )
    min_gibberish_chars: int = Field(
        10, ge=1, description="Shorter prompts are never called noise, in visible characters"
    )
    # data-juicer's alpaca-cot recipes: alphanumeric_filter min_ratio .1; measured: .05 and .47
    min_alphanumeric: float = Field(
        0.1, ge=0, le=1, description="Less letters and digits, as a share, is noise"
    )
    # measured: .65 is a drawing below a request, then .57
    max_one_character: float = Field(
        0.6, ge=0, le=1, description="More of one character, as a share, is noise"
    )
    min_packed_chars: int = Field(
        200, ge=1, description="Shorter prompts are never compressed, in characters"
    )
    # measured: .17 is the least; .25 would lose three of 50,263, all of them requests
    min_compression: float = Field(
        0.1, ge=0, le=1, description="Less zlib output per input, in bytes, is noise"
    )
    min_repetitive_chars: int = Field(
        60, ge=10, description="Shorter prompts never repeat themselves, in characters"
    )
    # measured: .64 is the most, a list of titles that all begin alike
    max_repetition: float = Field(
        0.8, ge=0, le=1, description="A larger share of repeated 10-grams is noise"
    )
    max_mash: float = Field(0.5, ge=0, le=1, description="A larger share of keyboard runs is noise")
    # LMSYS-Chat-1M keeps at most the 99.99th percentile of identical prompts of its whole log
    max_same_template: int = Field(
        500, ge=1, description="First turns alike but for numbers, per day"
    )
    max_same_template_per_user: int = Field(50, ge=1, description="The same of one user, per day")
    max_wish_chars: int = Field(
        300, ge=1, description="Longer prompts bring the file they speak of, in characters"
    )
    long_context_tokens: int = Field(
        4_000, ge=1, description="Estimated tokens from which a conversation is long_context"
    )
    min_constraints: int = Field(
        3, ge=1, description="Kinds of constraints from which a prompt is complex_instruction"
    )
    toxic_words: tuple[str, ...] = Field(
        (), description="Your word lists for the trait toxic: UTF-8 files, one word per line"
    )

    @field_validator("off", "tag_only")
    @classmethod
    def _are_rules(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = next((name for name in names if name not in RULE_NAMES), None)
        if unknown is not None:
            near = get_close_matches(unknown, RULE_NAMES, n=1, cutoff=0)[0]
            raise ValueError(f"there is no rule {unknown!r}; the nearest known one is {near!r}")
        return names


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
