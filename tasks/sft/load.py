"""Load a tokenizer or a model, or say in one line why that cannot be; for children only."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from schemas.errors import TrainingError
from tasks.sft import chatml
from tasks.sft.incomplete import lack
from tasks.sft.lora import with_adapter
from tasks.sft.sampling import mend_sampling
from tasks.sft.weights import base_of


def tokenizer_of(model: str, **options: Any) -> Any:
    """Load the tokenizer of a model; one without a chat template gets ChatML.

    Raises:
        TrainingError: there is none to be had.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(model, **options)
    except (OSError, ValueError) as error:
        raise _unusable("tokenizer", model, _why(model, error)) from error
    if not tokenizer.chat_template:
        chatml.set_up(tokenizer)
    return tokenizer


def weights_of(model: str, dtype: torch.dtype | str, attention: str | None = None) -> Any:
    """Load a causal language model that can be saved again; an adapter is merged into its base.

    `attention` is an `attn_implementation` of transformers; unset, the default of the model.

    Raises:
        TrainingError: there is none to be had, or not all of one.
    """
    base = base_of(model)
    if base:
        loaded = with_adapter(weights_of(base, dtype, attention), model)
    else:
        loaded = _whole(model, dtype, attention)
    mend_sampling(loaded.generation_config)
    return loaded


def _whole(model: str, dtype: torch.dtype | str, attention: str | None) -> Any:
    try:
        loaded, told = AutoModelForCausalLM.from_pretrained(
            model, dtype=dtype, attn_implementation=attention, output_loading_info=True
        )
    except ImportError as error:
        raise TrainingError(
            f"`attention` is {attention!r}, which cannot be imported: {_first_line(error)}",
            'Install it, or set `attention = "auto"` under [train].',
        ) from error
    except (OSError, ValueError) as error:
        raise _unusable("model", model, _why(model, error)) from error
    except SafetensorError as error:
        why = f"its weights are broken, copy them again ({_first_line(error)})."
        raise _unusable("model", model, why) from error
    if wrong := lack(loaded, told["missing_keys"]):
        raise _unusable("model", model, wrong)
    return loaded


def _why(model: str, error: Exception) -> str:
    is_folder = model.startswith(("/", "./", "../", "~")) or model.count("/") > 1  # hub: owner/name
    return (
        "there is no such folder." if is_folder and not Path(model).exists() else _first_line(error)
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _unusable(what: str, model: str, why: str) -> TrainingError:
    return TrainingError(
        f"no {what} can be loaded from {model!r}: {why}",
        "Set `base_model` under [train] in flywheel.toml to the folder of a Hugging Face model, "
        "from that file, or to its name on a hub that can be reached.",
    )
