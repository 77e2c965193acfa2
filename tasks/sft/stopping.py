"""Whether a model that is being trained still ends its answers."""

from typing import Any

import torch

from tasks.sft.room import by_room
from tasks.sft.rows import Encoded, Kept
from tasks.sft.scoring import precision
from tasks.sft.spec import StopRate
from tasks.sft.tokens import ends

PROMPTS = 20
_LONGEST = 256  # tokens of the answers that are waited for


def sample(rows: Kept, count: int) -> Kept:
    """Take the first rows of every task type in turn: always the same ones, of every type."""
    seen: dict[str, int] = {}
    ranked = []
    for number, (row, _) in enumerate(rows):
        seen[row.task_type] = seen.get(row.task_type, 0) + 1
        ranked.append((seen[row.task_type], number))
    return [rows[number] for _, number in sorted(ranked)[:count]]


def asked(validation: Kept, trained: Kept) -> list[Encoded]:
    """Choose the prompts to ask: of validation rows, then of training rows, if they end soon."""
    chosen = [*sample(_short(validation), PROMPTS), *sample(_short(trained), PROMPTS)]
    return [encoded for _, encoded in chosen[:PROMPTS]]


def _short(rows: Kept) -> Kept:
    return [one for one in rows if one[1].answer_tokens <= _LONGEST] or rows


def stop_rate(model: Any, tokenizer: Any, prompts: list[Encoded], step: int) -> StopRate:
    """Let a model answer, greedily, and count the answers that end by themselves.

    An answer may take twice the tokens of the longest one that is known, as far as the model has
    positions. No random number is drawn, and the model's mode is left as it is.
    """
    limit = 2 * min(max(one.answer_tokens for one in prompts), _LONGEST)
    was_training = model.training
    model.eval()
    stopped = 0
    for room, group in by_room(model, [one.prompt_tokens for one in prompts], limit).items():
        stopped += _stopped(model, tokenizer, [prompts[number] for number in group], room)
    model.train(was_training)
    return StopRate(step=step, prompts=len(prompts), stopped=stopped)


def _stopped(model: Any, tokenizer: Any, prompts: list[Encoded], limit: int) -> int:
    """Count the answers that end by themselves within `limit` tokens."""
    with torch.no_grad(), precision(model.device):
        out = model.generate(
            **_padded(model, prompts, tokenizer.pad_token_id),
            max_new_tokens=limit,
            do_sample=False,
            use_cache=True,
            pad_token_id=tokenizer.pad_token_id,
        )
    known = ends(tokenizer, model)
    longest = max(one.prompt_tokens for one in prompts)
    return sum(not known.isdisjoint(ids[longest:]) for ids in out.tolist())


def _padded(model: Any, prompts: list[Encoded], pad: int) -> dict[str, torch.Tensor]:
    """Pad prompts on the left, to [B, T] of B prompts, T tokens the longest."""
    longest = max(one.prompt_tokens for one in prompts)
    ids = torch.full((len(prompts), longest), pad)
    mask = torch.zeros_like(ids)
    for row, one in enumerate(prompts):
        ids[row, longest - one.prompt_tokens :] = torch.tensor(one.ids[: one.prompt_tokens])
        mask[row, longest - one.prompt_tokens :] = 1
    return {"input_ids": ids.to(model.device), "attention_mask": mask.to(model.device)}
