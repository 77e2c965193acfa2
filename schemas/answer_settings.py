"""How the strong model is asked for answers, and where a task type differs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from schemas.settings_base import Overrides, Settings


class StyleSettings(Settings):
    """What may differ from task type to task type."""

    teacher: Literal["model", "logged", "logged_only"] = Field(
        "model",
        description="Who answers: model, the strong model; logged, up-voted answers of the log "
        "where there are some; logged_only, those and none else",
    )
    template: str = Field(
        "",
        pattern=r"^([A-Za-z0-9_-]+\.v[0-9]+)?$",
        description="Template, as tea_short.v2; empty: one that ships, by answer style",
    )
    temperature: float = Field(0.2, ge=0, le=2, description="Sampling temperature")
    top_p: float | None = Field(
        None, gt=0, le=1, description="Nucleus sampling; unset: not sent, the server decides"
    )
    max_tokens: int = Field(
        1_024, ge=1, description="Longest answer, its reasoning included, in tokens"
    )
    samples: int = Field(1, ge=1, le=16, description="Answers per prompt")
    few_shot: int = Field(0, ge=0, le=16, description="Examples of the few-shot pool to show")
    reasoning: bool | None = Field(
        None, description="Ask it to think first; unset: what the task type says"
    )
    endpoint: str = Field("", description="Name under [llm.endpoints]; empty: [llm] itself")


class KindSettings(StyleSettings, Overrides):
    """One task type, or all of an area: a `[answer.kinds."AREA/NAME"]` or `"AREA/*"` section."""


class AnswerSettings(StyleSettings):
    """What is asked of the strong model for every prompt."""

    templates: Path | None = Field(
        None, description="Folder of your own templates, files NAME.vN.txt"
    )
    kinds: Mapping[str, KindSettings] = Field(
        {}, description='What differs by task type: sections [answer.kinds."area/name"]'
    )

    @property
    def named_templates(self) -> list[str]:
        """Every template that is named here."""
        sections = [self, *self.kinds.values()]
        return sorted({section.template for section in sections if section.template})

    def style(self, label: str) -> StyleSettings:
        """Return what holds for a task type: its own keys, then its area's, then these."""
        area = label.partition("/")[0]
        sections = [self.kinds[key] for key in (f"{area}/*", label) if key in self.kinds]
        changes = {key: value for section in sections for key, value in section.given.items()}
        shared = {name: getattr(self, name) for name in StyleSettings.model_fields}
        return StyleSettings.model_construct(**{**shared, **changes})
