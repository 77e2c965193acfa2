"""ChatML for a base model that has no chat template: its tokens, its template, its end of turn."""

from pathlib import Path
from typing import Any

START, END = "<|im_start|>", "<|im_end|>"
TEMPLATE = Path(__file__).with_name("chatml.jinja")


def set_up(tokenizer: Any) -> None:
    """Give a tokenizer ChatML; its end of turn becomes the end token.

    The token that begins every text the base model has seen begins every chat too. Embeddings of
    the new tokens are `tokens.agree`'s business, and so is the generation config.
    """
    bos = tokenizer.bos_token_id
    begins_texts = bos is not None and tokenizer("a")["input_ids"][0] == bos
    tokenizer.add_tokens([START, END], special_tokens=True)
    tokenizer.eos_token = END
    begin = "{{- bos_token }}" if begins_texts else ""
    tokenizer.chat_template = begin + TEMPLATE.read_text(encoding="utf-8")
