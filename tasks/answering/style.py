"""How each task type is asked: template, sampling, examples, endpoint."""

from dataclasses import dataclass
from typing import Any

from schemas.answer_settings import StyleSettings
from schemas.settings import FlywheelSettings
from schemas.settings_file import check_kinds
from schemas.task_types import TaskTypes, load
from tasks.templates import answer_template


@dataclass(frozen=True, slots=True)
class Style:
    """How prompts of one task type are asked."""

    label: str
    template: str  # name and version
    system: str  # its text
    thinks: bool  # whether the model is asked to think first
    params: dict[str, Any]  # sampling parameters, as sent
    samples: int
    teacher: str  # model, logged or logged_only
    few_shot: int  # examples wanted
    endpoint: str  # name of it; empty: [llm] itself


class Styles:
    """The style of every task type, former ones and `unknown/unknown` too."""

    def __init__(self, cfg: FlywheelSettings, types: TaskTypes) -> None:
        """Look at the names that the settings use.

        Raises:
            SettingsError: a task type, an endpoint or a template that does not exist.
        """
        check_kinds(cfg)
        self._cfg, self._types = cfg.answer, types
        self._made: dict[str, Style] = {}
        self._shared = {
            name: answer_template(name, self._cfg.templates) for name in self._cfg.named_templates
        }

    def of(self, area: str, kind: str) -> Style:
        """Return the style of a task type; one that left the list gets the general one."""
        label = f"{area}/{kind}"
        if label not in self._made:
            self._made[label] = self._make(label)
        return self._made[label]

    def _make(self, label: str) -> Style:
        known = self._types.resolve(label) or label
        chosen = self._cfg.style(known)
        thinks = self._thinks(known, chosen)
        name = chosen.template or self._usual(known, thinks=thinks)
        return Style(
            label=label,
            template=name,
            system=self._shared.get(name) or answer_template(name, None),
            thinks=thinks,
            params=_params(chosen),
            samples=chosen.samples,
            teacher=chosen.teacher,
            few_shot=chosen.few_shot,
            endpoint=chosen.endpoint,
        )

    def _thinks(self, label: str, chosen: StyleSettings) -> bool:
        """Return what the settings say, else the task type."""
        if chosen.reasoning is not None:
            return chosen.reasoning
        kind = self._types.kinds.get(label)
        return kind is not None and kind.reasoning

    def _usual(self, label: str, *, thinks: bool) -> str:
        """Return the template that ships for a task type; unknown ones get the long style."""
        length = "short" if label in self._types.short else "long"
        return f"answer_{length}{'_think' if thinks else ''}.v1"


def styles_of(cfg: FlywheelSettings) -> Styles:
    """Return the styles of the settings' own list of task types.

    Raises:
        SettingsError: as of `Styles`.
        TaxonomyError: the list cannot be read.
    """
    return Styles(cfg, load(cfg.task_types))


def _params(chosen: StyleSettings) -> dict[str, Any]:
    params: dict[str, Any] = {"temperature": chosen.temperature, "max_tokens": chosen.max_tokens}
    return params if chosen.top_p is None else params | {"top_p": chosen.top_p}
