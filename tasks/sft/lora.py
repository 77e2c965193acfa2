"""LoRA: small matrices that are trained beside the frozen weights of a base model.

An adapter is a folder with nothing but those matrices, and the path of their base.
"""

from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel
from transformers import GenerationConfig

from schemas.errors import ResizedForLora
from tasks.sft.spec import TrainSpec


def lora_config(spec: TrainSpec) -> LoraConfig | None:
    """Say to peft what to train; None if all weights are."""
    lora = spec.lora
    if not lora.rank:
        return None
    targets = lora.target_modules
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        task_type="CAUSAL_LM",
    )


def refuse_resized(rows_before: int, model: Any, tokenizer: Any) -> None:
    """Refuse a base model that was given rows of embeddings: LoRA would not train them.

    Saved whole with the adapter, they make it 19 times as large, and it fits the base no more.

    Raises:
        ResizedForLora: it was; the message names the tokens.
    """
    if model.get_input_embeddings().weight.shape[0] == rows_before:
        return
    new = tokenizer.convert_ids_to_tokens(list(range(rows_before, len(tokenizer))))
    raise ResizedForLora(
        f"the base model has no embeddings for {', '.join(new)}, and LoRA trains none.",
        "Save it with embeddings for each token first (resize_token_embeddings), name a token that "
        "its vocabulary keeps unused as `pad_token` under [train], or train all weights: "
        "`rank = 0` under [train.lora].",
    )


def with_adapter(base: Any, folder: str) -> Any:
    """Return a base model with an adapter merged into its weights."""
    merged = PeftModel.from_pretrained(base, folder).merge_and_unload()
    merged.name_or_path = folder  # whoever trains another adapter on these weights writes it down
    if (Path(folder) / "generation_config.json").is_file():
        merged.generation_config = GenerationConfig.from_pretrained(folder)
    return merged


def save_adapter(model: Any, folder: Path) -> None:
    """Write an adapter, and what pads and what ends an answer, which the base may not know.

    A config.json beside it would make transformers look for whole weights. Embeddings are never
    part of it, so peft need not compare them with those of its base.
    """
    model.save_pretrained(folder, save_embedding_layers=False)
    model.generation_config.save_pretrained(folder)
