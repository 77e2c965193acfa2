"""Which token pads and which token stops, agreed between tokenizer, chat template and model.

Three things make a fine-tuned model talk on for ever: a padding token that is also the end token
(a collator that masks by id then hides every end from the loss: stop rate 100 % to 0 % within 50
steps), a chat template that ends turns with another token than `tokenizer.eos_token` (vLLM obeys
the tokenizer) or the generation config (`generate` obeys that), and an end outside the template's
{% generation %} markers. `agree` mends what has one right answer and refuses the rest.
"""

import json
import re
from hashlib import sha256
from typing import Any, NamedTuple

from schemas.errors import StopTokenUnclear
from tasks.sft import pad
from tasks.sft.chat import REFUSALS
from tasks.sft.embeddings import copy_row, grow

_PROBE = "b"
_SAID = ({"role": "user", "content": "a"}, {"role": "assistant", "content": _PROBE})
_MARKERS = re.compile(r"{%-?\s*generation")


class Agreed(NamedTuple):
    """What tokenizer, chat template and model agree on."""

    stop: str
    padding: pad.Padding


def agree(tokenizer: Any, model: Any, pad_token: str | None = None) -> Agreed:
    """Make tokenizer and model agree on padding and stopping.

    Raises:
        PadEqualsEos: `pad_token` is an end token; the message names one to take instead.
        StopTokenUnclear: the chat template does not end an answer with one special token.
    """
    padding = pad.choose(tokenizer, agree_on_stop(tokenizer, model), pad_token)
    pad.apply(tokenizer, model, padding)
    if wrong := disagreements(tokenizer, model):
        raise StopTokenUnclear(
            f"{'; '.join(wrong)}.",
            "Save the base model with a chat template and a generation config that agree.",
        )
    return Agreed(str(tokenizer.eos_token), padding)


def agree_on_stop(tokenizer: Any, model: Any) -> set[int]:
    """Make the template's end of turn the end token of tokenizer and model; return all ends.

    An end of turn that the model has no embeddings for begins as its end of text.

    Raises:
        StopTokenUnclear: the chat template does not end an answer with one special token.
    """
    stop = terminator(tokenizer)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(stop)
    known = _generation_ends(model)
    is_new = stop >= model.get_input_embeddings().weight.shape[0]
    grow(model, tokenizer)
    if is_new and known:
        copy_row(model, min(known), stop)
    if stop not in known:
        model.generation_config.eos_token_id = [stop, *sorted(known)] if known else stop
    _text_config(model).eos_token_id = stop
    return {stop, *known}


def ends(tokenizer: Any, model: Any) -> set[int]:
    """Return the ids of all tokens that end an answer."""
    return {tokenizer.eos_token_id, *_generation_ends(model)}


def disagreements(tokenizer: Any, model: Any) -> list[str]:
    """Say in words what is wrong with padding and stopping; empty when all is well."""
    stop, known = terminator(tokenizer), _generation_ends(model)
    padding = tokenizer.pad_token_id
    embeddings = model.get_input_embeddings().weight.shape[0]
    checks = {
        f"the template ends answers with {_shown(tokenizer, stop)}, tokenizer.eos_token is "
        f"{tokenizer.eos_token!r}: servers would not stop": stop == tokenizer.eos_token_id,
        f"generation_config.eos_token_id {sorted(known)} lacks {stop}, the end of an answer: "
        "generate() would not stop": stop in known,
        "there is no padding token": padding is not None,
        "the padding token is an end token": padding is None or padding not in {stop, *known},
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
        StopTokenUnclear: there is no template, it refuses a chat, or what follows an answer is not
            a special token; others may come after it, as in Phi-3's `<|end|>\n<|endoftext|>`.
    """
    if not tokenizer.chat_template:
        raise StopTokenUnclear(
            "the tokenizer has no chat template, so nothing says how an answer ends.",
            "Save one with the model (chat_template.jinja) or take an instruction-tuned base "
            "model.",
        )
    after = _rendered(tokenizer).rpartition(_PROBE)[2].strip()
    ids = tokenizer(after, add_special_tokens=False)["input_ids"]
    is_end = bool(ids) and ids[0] in tokenizer.added_tokens_decoder
    if not is_end or tokenizer.decode(ids[1:], skip_special_tokens=True).strip():
        raise StopTokenUnclear(
            f"the chat template ends an answer with {after!r}, not with one special token; "
            "without one a model cannot learn to stop.",
            "Let the template end every turn with a special token of the tokenizer, such as "
            "<|im_end|>.",
        )
    return int(ids[0])


def digest(tokenizer: Any) -> str:
    """Return the sha256 of what decides the tokens of a chat: the tokenizer and its template."""
    known = getattr(tokenizer, "backend_tokenizer", None)
    told = known.to_str() if known else json.dumps(tokenizer.get_vocab(), sort_keys=True)
    return sha256(f"{told}\n{tokenizer.chat_template}".encode()).hexdigest()


def _rendered(tokenizer: Any) -> str:
    try:
        return str(tokenizer.apply_chat_template(_SAID, tokenize=False))
    except REFUSALS as error:
        raise StopTokenUnclear(
            "the chat template refuses a chat of one question and its answer: "
            f"{str(error).splitlines()[0]}.",
            "Mend chat_template.jinja of the base model, or take another one.",
        ) from error


def _generation_ends(model: Any) -> set[int]:
    known = model.generation_config.eos_token_id
    return set() if known is None else {known} if isinstance(known, int) else set(known)


def _text_config(model: Any) -> Any:
    return model.config.get_text_config()


def _shown(tokenizer: Any, token: int) -> str:
    return repr(tokenizer.convert_ids_to_tokens(token))


def _marks_the_end(tokenizer: Any, stop: int) -> bool:
    """Look inside the template's markers; a template without them promises nothing."""
    if not _MARKERS.search(tokenizer.get_chat_template()):
        return True
    encoded = tokenizer.apply_chat_template(
        _SAID, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = zip(encoded["input_ids"], encoded["assistant_masks"], strict=True)
    return stop in [token for token, is_marked in marked if is_marked]
