"""Batched greedy decoding with left padding; imported by the child of `generate` only."""

import json
from typing import Any

import torch

from schemas.errors import TrainingError
from tasks.sft import tokens
from tasks.sft.chat import REFUSALS, as_rendered, for_template
from tasks.sft.ending import in_words
from tasks.sft.generate import Answer, AnswerSpec
from tasks.sft.load import tokenizer_of, weights_of
from tasks.sft.process import Say
from tasks.sft.room import by_room


@in_words("lower `batch_rows` or `max_new_tokens` under [evaluate], and run again.")
def greedy_answers(spec: AnswerSpec, say: Say) -> list[Answer]:
    """Answer every prompt, those of like length together; the order given is kept."""
    if spec.threads:
        torch.set_num_threads(spec.threads)
    tokenizer = tokenizer_of(spec.model, padding_side="left")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = weights_of(spec.model, "auto").to(device).eval()
    ends = tokens.agree_on_stop(tokenizer, model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token  # masked, so any will do
    lines = spec.prompts.read_text(encoding="utf-8").split("\n")  # U+2028 is part of a text
    prompts = [_rendered(tokenizer, json.loads(line), at) for at, line in enumerate(lines, 1)]
    by_length = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    said: dict[int, Answer] = {}
    for start in range(0, len(prompts), spec.batch_rows):
        batch = by_length[start : start + spec.batch_rows]
        texts = [prompts[number] for number in batch]
        new = _new_tokens(model, tokenizer, texts, spec.max_new_tokens)
        found = [_answer(tokenizer, ids, ends) for ids in new]
        said.update(zip(batch, found, strict=True))
        say({"answered": len(said)})
    return [said[number] for number in range(len(prompts))]


def _rendered(tokenizer: Any, messages: list[dict[str, Any]], number: int) -> str:
    given = as_rendered(tokenizer, for_template(messages))
    try:
        return str(tokenizer.apply_chat_template(given, tokenize=False, add_generation_prompt=True))
    except REFUSALS as error:
        raise TrainingError(
            f"the model cannot be asked prompt {number}, as its chat template refuses the turns "
            f"{', '.join(one['role'] for one in given)}: {str(error).splitlines()[0]}.",
            "Take such prompts out of the eval set, or mend chat_template.jinja of the model.",
        ) from error


def _new_tokens(model: Any, tokenizer: Any, texts: list[str], limit: int) -> list[list[int]]:
    """Return what follows each text: nothing where it takes all positions of the model."""
    # the template has already put the special tokens that the model wants
    lengths = [len(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    said: list[list[int]] = [[] for _ in texts]
    for room, group in by_room(model, lengths, limit).items():
        new = _generate(model, tokenizer, [texts[number] for number in group], room)
        for number, ids in zip(group, new, strict=True):
            said[number] = ids
    return said


def _generate(model: Any, tokenizer: Any, texts: list[str], max_new_tokens: int) -> list[list[int]]:
    padded = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    with torch.inference_mode():
        out = model.generate(
            input_ids=padded["input_ids"].to(model.device),
            attention_mask=padded["attention_mask"].to(model.device),
            max_new_tokens=max_new_tokens,
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
        )
    return [list(ids) for ids in out[:, padded["input_ids"].shape[1] :].tolist()]


def _answer(tokenizer: Any, ids: list[int], ends: set[int]) -> Answer:
    """Cut at the end of turn; what follows it in a batch is padding."""
    end = next((place for place, token in enumerate(ids) if token in ends), None)
    text = tokenizer.decode(ids[:end], skip_special_tokens=True)
    return Answer(text, end is not None, len(ids) if end is None else end + 1)
