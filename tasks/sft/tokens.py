"""Which token pads and which token stops, agreed between tokenizer, chat template and model.

Three things make a fine-tuned model talk on for ever: a padding token that is also the end token
(a collator that masks by id then hides every end from the loss: stop rate 100 % to 0 % within 50
steps), a chat template that ends turns with another token than `tokenizer.eos_token` (vLLM obeys
the tokenizer) or the generation config (`generate` obeys that), and an end outside the template's
{% generation %} markers. `agree` mends what has one right answer and refuses the rest.
"""

import re
from typing import Any

from schemas.errors import PadEqualsEos, StopTokenUnclear

ADDED_PAD = "<|pad|>"
# Unused tokens that big tokenizers keep in reserve: no resize, so adapters stay small.
RESERVED = (
    *("<|finetune_right_pad_id|>", "<|fim_pad|>", "<|vision_pad|>", "[PAD]", "<pad>"),
    *("<|reserved_special_token_0|>", "<|placeholder1|>", "[control_8]"),
)
_ROWS_MULTIPLE = 64  # of embedding rows after a resize; matters for speed on a GPU only
_PROBE = "b"
_SAID = ({"role": "user", "content": "a"}, {"role": "assistant", "content": _PROBE})
_MARKERS = re.compile(r"{%-?\s*generation")


def agree(tokenizer: Any, model: Any, pad_token: str | None = None) -> str:
    """Make tokenizer and model agree on padding and stopping; return the stop token.

    Raises:
        PadEqualsEos: the padding token is the stop token; the message names one to take instead.
        StopTokenUnclear: the chat template does not end an answer with one special token.
    """
    agree_on_stop(tokenizer, model)
    _choose_pad(tokenizer, model, pad_token)
    if wrong := disagreements(tokenizer, model):
        raise StopTokenUnclear("; ".join(wrong))
    return str(tokenizer.eos_token)


def agree_on_stop(tokenizer: Any, model: Any) -> set[int]:
    """Make the template's end of turn the end token of tokenizer and model; return all ends.

    Raises:
        StopTokenUnclear: the chat template does not end an answer with one special token.
    """
    stop = terminator(tokenizer)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(stop)
    ends = _generation_ends(model)
    if stop not in ends:
        model.generation_config.eos_token_id = [stop, *sorted(ends)] if ends else stop
    _text_config(model).eos_token_id = stop
    return {stop, *ends}


def disagreements(tokenizer: Any, model: Any) -> list[str]:
    """Say in words what is wrong with padding and stopping; empty when all is well."""
    stop, ends, pad = terminator(tokenizer), _generation_ends(model), tokenizer.pad_token_id
    embeddings = model.get_input_embeddings().weight.shape[0]
    checks = {
        f"the template ends answers with {_shown(tokenizer, stop)}, tokenizer.eos_token is "
        f"{tokenizer.eos_token!r}: servers would not stop": stop == tokenizer.eos_token_id,
        f"generation_config.eos_token_id {sorted(ends)} lacks {stop}, the end of an answer: "
        "generate() would not stop": stop in ends,
        "there is no padding token": pad is not None,
        "the padding token is an end token": pad is None or pad not in {stop, *ends},
        f"{len(tokenizer)} tokens but {embeddings} rows of embeddings": len(tokenizer)
        <= embeddings,
        "the end of an answer is outside the template's {% generation %} markers, so a loss on "
        "marked text never teaches it; move it inside in chat_template.jinja, or take the markers "
        "out": _marks_the_end(tokenizer, stop),
    }
    return [wrong for wrong, is_well in checks.items() if not is_well]


def terminator(tokenizer: Any) -> int:
    """Return the id of the token that the chat template puts after an answer.

    Raises:
        StopTokenUnclear: there is no template, or what follows an answer is no single token.
    """
    if not tokenizer.chat_template:
        raise StopTokenUnclear(
            "the tokenizer has no chat template, so nothing says how an answer ends; save one "
            "with the model (chat_template.jinja) or take an instruction-tuned base model."
        )
    after = _rendered(tokenizer).rpartition(_PROBE)[2].strip()
    ids = tokenizer(after, add_special_tokens=False)["input_ids"]
    if len(ids) != 1 or ids[0] not in tokenizer.added_tokens_decoder:
        raise StopTokenUnclear(
            f"the chat template ends an answer with {after!r}, not with one special token; "
            "without one a model cannot learn to stop. Let the template end every turn with "
            "a special token of the tokenizer, such as <|im_end|>."
        )
    return int(ids[0])


def _rendered(tokenizer: Any) -> str:
    return str(tokenizer.apply_chat_template(_SAID, tokenize=False))


def _choose_pad(tokenizer: Any, model: Any, wanted: str | None) -> None:
    ends = {tokenizer.eos_token_id, *_generation_ends(model)}
    spare = _spare(tokenizer, ends)
    if wanted is None and tokenizer.pad_token_id == tokenizer.eos_token_id:
        raise PadEqualsEos(
            f"the padding token {tokenizer.pad_token!r} is also the end token: wherever padding is "
            "masked the end is too, and the model never learns to stop. Set `pad_token` to "
            f"{spare!r} (unused so far), or save the base model with a padding token of its own."
        )
    own = tokenizer.pad_token if tokenizer.pad_token_id not in ends else None
    pad = wanted or own or spare  # Qwen's own pads, but is also one of the ends of generate()
    tokenizer.add_special_tokens({"pad_token": pad})
    if tokenizer.pad_token_id in ends:
        raise PadEqualsEos(f"`pad_token` {pad!r} is an end token; set it to {spare!r} instead.")
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=_ROWS_MULTIPLE)
    _text_config(model).pad_token_id = tokenizer.pad_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id


def _spare(tokenizer: Any, ends: set[int]) -> str:
    """Name a token to pad with: one that the tokenizer keeps in reserve, else a new one."""
    known = tokenizer.get_vocab()
    return next((name for name in RESERVED if known.get(name) not in {None, *ends}), ADDED_PAD)


def _generation_ends(model: Any) -> set[int]:
    ends = model.generation_config.eos_token_id
    return set() if ends is None else {ends} if isinstance(ends, int) else set(ends)


def _text_config(model: Any) -> Any:
    return model.config.get_text_config()


def _shown(tokenizer: Any, token: int) -> str:
    return repr(tokenizer.convert_ids_to_tokens(token))


def _marks_the_end(tokenizer: Any, stop: int) -> bool:
    """Look inside the template's markers; a template without them promises nothing."""
    if not _MARKERS.search(tokenizer.chat_template):
        return True
    encoded = tokenizer.apply_chat_template(
        _SAID, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = zip(encoded["input_ids"], encoded["assistant_masks"], strict=True)
    return stop in [token for token, is_marked in marked if is_marked]
