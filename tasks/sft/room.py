"""How many tokens a model can still say after a prompt."""

from collections.abc import Sequence
from typing import Any


def by_room(model: Any, prompt_tokens: Sequence[int], limit: int) -> dict[int, list[int]]:
    """Group prompts by the new tokens that each may get, `limit` at most.

    Where positions are learned, as in GPT-2, one too many raises. A prompt that leaves room for no
    token is in no group.
    """
    known = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    groups: dict[int, list[int]] = {}
    for number, used in enumerate(prompt_tokens):
        room = min(limit, known - used) if known else limit
        if room > 0:
            groups.setdefault(room, []).append(number)
    return groups
