"""Tiny base models of six families, with the kinds of tokenizers that base models come with.

Random weights, nothing is downloaded. For benchmarks/sft_stop.py and the tests of families.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

WIDTH, LAYERS, HEADS = 64, 2, 4
SHAPE = {
    **{"hidden_size": WIDTH, "intermediate_size": 3 * WIDTH, "num_hidden_layers": LAYERS},
    **{"num_attention_heads": HEADS, "num_key_value_heads": HEADS, "head_dim": WIDTH // HEADS},
    **{"max_position_embeddings": 512, "initializer_range": 0.08},
}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", SHAPE),
    "qwen2": ("qwen2", SHAPE),
    "qwen3": ("qwen3", SHAPE),
    "mistral": ("mistral", {**SHAPE, "sliding_window": 64}),
    "gemma3": ("gemma3_text", {**SHAPE, "sliding_window": 64, "query_pre_attn_scalar": 16}),
    "gpt2": (
        "gpt2",
        {
            **{"n_embd": WIDTH, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 512},
            **{"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "initializer_range": 0.08},
        },
    ),
}
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA2 = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content }}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}"
)
PHI3 = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% else %}{{ eos_token }}{% endif %}"
)
OUTSIDE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% generation %}{{ m.content }}"
    "{% endgeneration %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_level(texts: Iterable[str], special: list[str], **roles: str) -> PreTrainedTokenizerFast:
    """Learn a byte-level BPE, as GPT-2, Llama 3 and Qwen have: no text is unknown to it."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    _learn(bpe, texts, special, pre_tokenizers.ByteLevel.alphabet())
    return PreTrainedTokenizerFast(tokenizer_object=bpe, **roles)


def sentencepiece(
    texts: Iterable[str], special: list[str], **roles: str
) -> PreTrainedTokenizerFast:
    """Learn a BPE over words with bytes to fall back to and a bos before every text: Llama 2."""
    bpe = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    bpe.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    bpe.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    _learn(bpe, texts, [*special, *(f"<0x{byte:02X}>" for byte in range(256))], [])
    bos = roles["bos_token"]
    bpe.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, bpe.token_to_id(bos))]
    )
    return PreTrainedTokenizerFast(tokenizer_object=bpe, **roles)


def _learn(bpe: Tokenizer, texts: Iterable[str], special: list[str], alphabet: list[str]) -> None:
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)


Make = Callable[[Iterable[str]], PreTrainedTokenizerFast]
_TEXT, _IM = "<|endoftext|>", ["<|im_start|>", "<|im_end|>"]
_PHI = ["<|user|>", "<|assistant|>", "<|end|>", "<|placeholder1|>"]
_PIECES = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def _with(template: str | None, tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    tokenizer.chat_template = template
    return tokenizer


TOKENIZERS: dict[str, tuple[str, Make]] = {  # family it usually comes with, how it is made
    "qwen base: pad = eos = end of text, turns end otherwise": (
        "qwen2",
        lambda t: _with(CHATML, byte_level(t, [_TEXT, *_IM], eos_token=_TEXT, pad_token=_TEXT)),
    ),
    "qwen chat: pad of its own": (
        "qwen3",
        lambda t: _with(
            CHATML, byte_level(t, [_TEXT, *_IM], eos_token="<|im_end|>", pad_token=_TEXT)
        ),
    ),
    "pad = eos = end of turn": (
        "llama",
        lambda t: _with(CHATML, byte_level(t, _IM, eos_token="<|im_end|>", pad_token="<|im_end|>")),
    ),
    "llama 3: no pad, tokens in reserve": (
        "llama",
        lambda t: _with(
            CHATML,
            byte_level(t, [*_IM, "<|reserved_special_token_0|>"], eos_token="<|im_end|>"),
        ),
    ),
    "llama 2: no pad, unk, bos before every text": (
        "mistral",
        lambda t: _with(LLAMA2, sentencepiece(t, ["<unk>", "<s>", "</s>"], **_PIECES)),
    ),
    "gemma: own pad, turns end otherwise": (
        "gemma3",
        lambda t: _with(
            GEMMA,
            sentencepiece(
                t,
                ["<pad>", "</s>", "<s>", "<unk>", "<start_of_turn>", "<end_of_turn>"],
                **{**_PIECES, "pad_token": "<pad>"},
            ),
        ),
    ),
    "phi 3: end of text after the end of turn": (
        "llama",
        lambda t: _with(PHI3, byte_level(t, [_TEXT, *_PHI], eos_token=_TEXT, pad_token=_TEXT)),
    ),
    "gpt-2: no template, no pad, unk = bos = eos": (
        "gpt2",
        lambda t: byte_level(t, [_TEXT], eos_token=_TEXT, bos_token=_TEXT, unk_token=_TEXT),
    ),
    "sentencepiece without a template": (
        "llama",
        lambda t: sentencepiece(t, ["<unk>", "<s>", "</s>"], **_PIECES),
    ),
    "end outside the generation markers": (
        "llama",
        lambda t: _with(OUTSIDE, byte_level(t, _IM, eos_token="<|im_end|>")),
    ),
}


def make(folder: Path, family: str, tokenizer: PreTrainedTokenizerFast, seed: int = 1) -> Path:
    """Write a base model of random weights and its tokenizer to `folder`, and return it."""
    kind, shape = FAMILIES[family]
    ids = {
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **shape, **ids))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
