"""The student of the demo: a tiny Llama with random weights, and a tokenizer trained on the spot.

Nothing is downloaded. What comes out is a normal Hugging Face model folder, which the training
half treats like any other base model. Needs the [train] extra.
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tasks.demo.skills.date_calculation import WEEKDAYS

_NAME_COUNT = 50  # of a few thousand texts; a merge that is seen more often comes first
END, PAD = "<|end|>", "<|pad|>"
_ROLES = ("<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
# The end of turn stands inside {% generation %}: outside, no loss would ever teach it.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}"
    "<|assistant|>{% generation %}{{ message['content'] }}<|end|>{% endgeneration %}"
    "{% else %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


class StudentShape(BaseModel):
    """How big the student is; benchmarks/student.py prints what the defaults learn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocabulary: int = 2_048  # 256 bytes, 6 special tokens, the rest learned merges
    width: int = 64
    layers: int = 2
    heads: int = 2
    max_tokens: int = 1_024


def make_base(
    folder: Path, texts: Iterable[str], seed: int, shape: StudentShape | None = None
) -> Path:
    """Write tokenizer and random weights to `folder` and return it.

    The same texts, seed and shape write the same weights. `texts` should be training text only:
    the merges of the vocabulary are learned from it, and from the names of the weekdays, which
    any real tokenizer knows. Nothing is trained: the weights have seen no text at all.
    """
    shape = shape or StudentShape()
    tokenizer = _tokenizer([*texts, *_weekday_names()], shape)
    torch.manual_seed(seed)
    model = LlamaForCausalLM(_config(tokenizer, shape))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _weekday_names() -> list[str]:
    """List each name often enough to become one token, with and without a space before it."""
    names = [name for names in WEEKDAYS.values() for name in names]
    return [said for name in names for said in (name, f" {name}")] * _NAME_COUNT


def _tokenizer(texts: Iterable[str], shape: StudentShape) -> PreTrainedTokenizerFast:
    """Learn byte-level merges, so no script is unknown; each digit is a token of its own.

    A number that is one token has to be learned by heart; digits can be calculated with.
    """
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=shape.vocabulary,
        special_tokens=[END, PAD, *_ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=END, pad_token=PAD)
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _config(tokenizer: PreTrainedTokenizerFast, shape: StudentShape) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        intermediate_size=shape.width * 3,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=shape.max_tokens,
        tie_word_embeddings=True,
        initializer_range=0.08,  # the usual 0.02 suits thousands of dimensions
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
