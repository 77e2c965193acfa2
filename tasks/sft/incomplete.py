"""What a folder that loads as a causal language model may lack to be one."""

from collections.abc import Iterable
from typing import Any

_NAMED = 3  # of the weights that are missing


def lack(model: Any, missing: Iterable[str]) -> str | None:
    """Say what is wrong with a loaded model; None if nothing is.

    Weights that its files do not have are random: `lm_head` of one that was saved without its head.
    """
    if absent := sorted({name for name, _ in model.named_parameters()} & set(missing)):
        named = ", ".join(absent[:_NAMED])
        return f"its files lack {len(absent)} of its weights, which would be random: {named}."
    if _is_encoder(model):
        return (
            f"it is an encoder ({model.config.model_type}): every token sees what follows, so it "
            "cannot write an answer."
        )
    return None


def _is_encoder(model: Any) -> bool:
    """Ask config and attention: GPT-NeoX says `is_decoder` false too, yet its attention is causal.

    Families that only decode have no `is_decoder`.
    """
    causal = {module.is_causal for module in model.modules() if hasattr(module, "is_causal")}
    return causal == {False} and getattr(model.config, "is_decoder", None) is False
