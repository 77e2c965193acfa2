"""What to do about rows that are left out, where none remains to train on."""

from collections import Counter

from schemas.errors import TrainingError
from schemas.release_settings import DropReason
from tasks.sft.spec import DroppedRow, TrainSpec

_FIXES: dict[DropReason, str] = {
    "too_long": "Raise `max_tokens` ({max_tokens}) under [train].",
    "empty_answer": "Choose rows whose answers say something or call a tool.",
    "template_refuses": "Mend the base model's chat_template.jinja, which raises at these chats (a "
    "system turn, two turns of the user in a row), or set another `base_model` under [train].",
    "prompt_not_kept": "Mend the base model's chat_template.jinja, which must render a prompt the "
    "same once an answer follows, or set another `base_model` under [train].",
    "stop_in_answer": "Take the token that ends answers out of their texts, or set another "
    "`base_model` under [train].",
    "call_not_rendered": "Set a `base_model` under [train] whose chat template renders "
    "`tool_calls`.",
}


def nothing_left(spec: TrainSpec, dropped: tuple[DroppedRow, ...]) -> TrainingError:
    """Count the reasons why rows are left out and name the fix of each, the most common first."""
    seen = f"no row of {spec.rows} is left to train on:"
    if not dropped:
        return TrainingError(f"{seen} the file is empty.", "Choose more days for the dataset.")
    reasons = Counter(row.reason for row in dropped).most_common()
    counts = ", ".join(f"{count} {reason}" for reason, count in reasons)
    fixes = [_FIXES[reason].format(max_tokens=spec.max_tokens) for reason, _ in reasons]
    return TrainingError(f"{seen} {counts}.", " ".join(fixes))
