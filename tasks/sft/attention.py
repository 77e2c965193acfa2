"""Which attention kernel a model is trained with."""

from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig
from transformers.utils import is_flash_attn_2_available

from schemas.release_settings import Attention

_FLASH: Attention = "flash_attention_2"


def kernel(model: str, wanted: Attention) -> str | None:
    """Return the attention of transformers to load a model with; None: its default, sdpa if it can.

    `auto` is flash attention where it is installed, there is a GPU and the model has it: only then
    does concat put several rows side by side.
    """
    if wanted != "auto":
        return wanted
    return _FLASH if is_flash_attn_2_available() and _has_flash(model) else None


def _has_flash(model: str) -> bool:
    try:
        kind = MODEL_FOR_CAUSAL_LM_MAPPING.get(type(AutoConfig.from_pretrained(model)), None)
    except (OSError, ValueError):
        return False  # whoever loads the model says what is wrong with it
    return bool(getattr(kind, "_supports_flash_attn", False))
