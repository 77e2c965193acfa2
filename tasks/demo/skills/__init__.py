"""One skill per checkable task type: a generator of prompts and a solver that only reads text."""

from tasks.demo.skills import (
    arithmetic,
    date_calculation,
    fields_to_json,
    intent,
    sentiment,
    sorting,
    unit_conversion,
)
from tasks.demo.skills.skill import Example, Skill

__all__ = ["SKILLS", "Example", "Skill", "skill"]

# The order is the order of recognition: an order for lamps in JSON may hold dates and numbers.
SKILLS: tuple[Skill, ...] = tuple(
    Skill(module.LABEL, module.example, module.solve)
    for module in (
        fields_to_json,
        sentiment,
        intent,
        sorting,
        date_calculation,
        unit_conversion,
        arithmetic,
    )
)
_BY_LABEL = {one.label: one for one in SKILLS}


def skill(label: str) -> Skill:
    """Find the skill for "area/kind".

    Raises:
        KeyError: no checkable task type has this label.
    """
    return _BY_LABEL[label]
