"""Make the special tokens of chat templates harmless where they are only text.

A user who writes `<|im_end|>` must not end a turn when the text is trained on. Which model a
dataset will train is not known when a log is pulled, so the tokens of all families count:
ChatML, Llama, Mistral, Gemma, GLM, DeepSeek, InternLM, Cohere, Phi, StarCoder, T5 and the
sentence marks of SentencePiece and BERT. A space before the last character is enough: a
tokenizer looks for the exact text. Unlike a zero-width character it outlives every normalizer, and
`<s >` is still HTML.
"""

import re

from schemas.conversation import Message
from tasks.redaction.json_text import is_json, map_values

TRAIT = "control_tokens"

_ANGLED = (
    r"/?s|unk|pad|eos|bos|mask|sep|cls|sop|eop|gmask|eod|eot|bot|[eb]o[hamu]"
    r"|(?:bos|eos|eop|mask)_token|(?:start|end)_of_(?:turn|image|utterance)"
    r"|fim_(?:prefix|middle|suffix|pad)|file_sep|tokens_unused_[0-9]{1,3}"
    r"|extra_id_[0-9]{1,4}|(?:unused|reserved)_?[0-9]{1,4}"
)
_BRACKETED = (
    r"/?INST|/?SYSTEM_PROMPT|/?TOOL_(?:CALLS|RESULTS|CONTENT)|/?AVAILABLE_TOOLS|/?THINK|CALL_ID"
    r"|IMG(?:_BREAK|_END)?|BEGIN_AUDIO|UNUSED_TOKEN_[0-9]{1,3}"
    r"|[gs]?MASK|CLS|SEP|PAD|UNK|BOS|EOS"
)
_TOKEN = re.compile(
    r"<\|[^\s<>|][^<>|\n]{0,60}\|>"  # <|im_end|>, <|start_header_id|>
    r"|<｜[^<>｜\n]{1,60}｜>"  # DeepSeek writes them with full-width bars
    rf"|<(?i:{_ANGLED})>|<</?SYS>>"
    rf"|\[(?:{_BRACKETED})\]"  # capitals only: values[mask] is code
)


def neutralised(text: str) -> str:
    """Return `text` in which no special token is left; doing so again changes nothing."""
    return _TOKEN.sub(lambda found: f"{found.group()[:-1]} {found.group()[-1]}", text)


def harmless(message: Message) -> Message:
    """Return the message without special tokens in its text and in all JSON text it holds."""
    return Message(
        role=message["role"],
        content=neutralised(message["content"]),
        parts=_harmless_json(message["parts"]),
        name=_in_text(message["name"]),
        tool_call_id=_in_text(message["tool_call_id"]),
        tool_calls=_harmless_json(message["tool_calls"]),
    )


def harmless_json(text: str) -> str:
    """Return JSON text in whose values no token is left, also behind escapes and in JSON in it."""
    return map_values(text, lambda value, _key: _in_value(value))


def _harmless_json(text: str | None) -> str | None:
    return None if text is None else harmless_json(text)


def _in_value(value: str) -> str:
    is_nested = value.lstrip()[:1] in ("{", "[") and is_json(value)
    return harmless_json(value) if is_nested else neutralised(value)


def _in_text(text: str | None) -> str | None:
    return None if text is None else neutralised(text)
