"""The checks of `preflight`, in order: each looks at a run that is ready to begin."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import isfinite

import numpy as np

from tasks.sft import probes, resources, tokens
from tasks.sft.assemble import Assembled
from tasks.sft.labels import Labels, last_words
from tasks.sft.scoring import is_half
from tasks.sft.spec import Check, DroppedRow

_ISOLATED = 1e-4  # of log-probabilities; TRL's packed batches are within 5e-7 in fp32
_ISOLATED_HALF = 5e-2  # in bfloat16, which rounds each of them to 8 bits; a leak is .14 and more


def padding_token(run: Assembled) -> Check:
    """Ask that the collator pads with the token that was agreed on, and that it ends no answer."""
    ends = tokens.ends(run.tokenizer, run.trainer.model)
    pad = run.trainer.data_collator.pad_token_id
    return Check(
        name="padding_token",
        passed=pad == run.tokenizer.pad_token_id and pad not in ends,
        finding=f"{run.agreed.padding.token} ({pad}): {run.agreed.padding.reason}",
        fix="Leave `pad_token` under [train] unset.",
    )


def stop_token(run: Assembled) -> Check:
    """Ask that template, tokenizer, generation config and embeddings agree."""
    wrong = tokens.disagreements(run.tokenizer, run.trainer.model)
    return Check(
        name="stop_token",
        passed=not wrong,
        finding="; ".join(wrong) or f"{run.agreed.stop} ends every answer",
        fix="Save the base model with a chat template and a generation config that agree.",
    )


def embeddings(run: Assembled) -> Check:
    """Ask that every token has a row of embeddings, as many as the config says."""
    rows = run.trainer.model.get_input_embeddings().weight.shape[0]
    told = run.trainer.model.config.get_text_config().vocab_size
    return Check(
        name="embeddings",
        passed=len(run.tokenizer) <= rows == told,
        finding=f"{len(run.tokenizer)} tokens, {rows} rows of embeddings, vocab_size {told}",
        fix="Save the base model with embeddings for each token: resize_token_embeddings.",
    )


def positions(run: Assembled) -> Check:
    """Ask that the longest row fits the positions that the model knows."""
    known = getattr(run.trainer.model.config.get_text_config(), "max_position_embeddings", None)
    longest = max(encoded.tokens for _, encoded in run.kept)
    return Check(
        name="positions",
        passed=known is None or longest <= known,
        finding=f"the longest row has {longest} tokens, the model knows {known or 'any'}",
        fix=f"Set `max_tokens` under [train] to {known} or less.",
    )


def rows_left_out(run: Assembled) -> Check:
    """Count the rows that are left out whole: nothing is cut, and every prompt is kept as it is."""
    found = f"{len(run.kept)} rows to train on; left out: {_reasons(run.dropped)}"
    if run.not_measured:
        found += f"; of the rows to validate with {_reasons(run.not_measured)}"
    return Check(name="rows_left_out", passed=True, finding=found, fix="")


def _reasons(dropped: Sequence[DroppedRow]) -> str:
    reasons = Counter(row.reason for row in dropped)
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or "none"


def every_row_ends(run: Assembled) -> Check:
    """Ask that the last words of every row are its stop token, and that it carries loss."""
    rows = Labels.of(run.trainer.train_dataset)
    last = last_words(rows, run.tokenizer)
    without = int((last != run.tokenizer.eos_token_id).sum())
    is_cut = run.spec.batching == "packed"
    return Check(
        name="every_row_ends",
        passed=without == 0 or is_cut,
        finding=f"{without} of {len(rows)} {'cut rows' if is_cut else 'rows'} do not end in "
        f"{run.agreed.stop} with loss",
        fix="The chat template may end its last turn in another way than the others: mend it.",
    )


def only_answers_are_learned(run: Assembled) -> Check:
    """Ask that loss is on the tokens of answers, all of them, and on no other."""
    rows = Labels.of(run.trainer.train_dataset)
    wanted = run.counts["label_tokens"]
    found = int(rows.counts.sum())
    lost = wanted - found if run.spec.batching == "packed" else 0  # of a row that a cut begins
    answers = sum((1 + len(encoded.earlier)) * row.copies for row, encoded in run.kept)
    changed = int((rows.labels[rows.is_label] != rows.ids[rows.is_label]).sum())
    return Check(
        name="only_answers_are_learned",
        passed=found == wanted - max(lost, 0) and not changed,
        finding=f"{found} tokens carry loss, the {answers} answers to learn have {wanted}; "
        f"{changed} are not the text",
        fix="This is a mistake of the flywheel: please report it.",
    )


def batches_keep_labels(run: Assembled) -> Check:
    """Ask that the collator keeps every label, and that no padding is attended to."""
    seen = probes.first_batches(run.trainer)
    return Check(
        name="batches_keep_labels",
        passed=seen.labels == seen.wanted and not seen.attended,
        finding=f"{seen.labels} of {seen.wanted} labels of the first {seen.batches} batches are "
        f"kept; {seen.attended} padding tokens are attended to",
        fix="This is a mistake of the flywheel: please report it.",
    )


def rows_are_alone(run: Assembled) -> Check:
    """Ask that a row in a batch has the log-probabilities it has alone, on this very model."""
    found = probes.difference(run.trainer)
    limit = _ISOLATED_HALF if is_half(run.trainer.model) else _ISOLATED
    attention = getattr(run.trainer.model.config, "_attn_implementation", "unknown attention")
    return Check(
        name="rows_are_alone",
        passed=found <= limit or run.spec.batching == "packed",
        finding=f"log-probabilities differ by {found:.1e} from those alone ({attention})",
        fix='Set `batching = "padding"` under [train]: this attention lets rows see one another.',
    )


def first_loss(run: Assembled) -> Check:
    """Ask that the loss of the first batch is a number; beside it, what guessing would give."""
    loss = probes.loss(run.trainer)
    guess = float(np.log(len(run.tokenizer)))
    return Check(
        name="first_loss",
        passed=isfinite(loss),
        finding=f"{loss:.3f}; {guess:.1f} by guessing",
        fix="The weights of the base model are broken, or not in this precision: load another.",
    )


def lengths(run: Assembled) -> Check:
    """Say how long rows are per task type, and which share of the tokens carries loss."""
    counts = run.counts
    share = counts["label_tokens"] / counts["tokens"]
    said = ", ".join(_percentiles(run))
    return Check(
        name="lengths",
        passed=True,
        finding=f"{share:.0%} of the tokens carry loss; tokens p50/p99: {said}",
        fix="",
    )


def steps(run: Assembled) -> Check:
    """Say how many steps there are and how full batches are."""
    batches = run.trainer.batches.epochs[0]
    per_step = run.trainer.args.gradient_accumulation_steps
    count = -(-len(batches) // per_step)
    fill = probes.fill(run.trainer)
    return Check(
        name="steps",
        passed=True,
        finding=f"{count} steps an epoch, {len(run.trainer.train_dataset) / count:.1f} rows each; "
        f"{fill:.0%} of what is computed is text",
        fix="",
    )


def _percentiles(run: Assembled) -> Iterator[str]:
    types = sorted({row.task_type for row, _ in run.kept})
    for name in types:
        known = [encoded.tokens for row, encoded in run.kept if row.task_type == name]
        half, most = np.percentile(known, [50, 99])
        yield f"{name or 'all'} {half:.0f}/{most:.0f}"


def disk(run: Assembled) -> Check:
    """Ask for room for the checkpoints that are kept, one more and the model."""
    return resources.disk(run.trainer.model, run.spec)


def memory(run: Assembled) -> Check:
    """Ask for memory for weights, gradients and the optimizer."""
    return resources.memory(run.trainer.model)


CHECKS: tuple[Callable[[Assembled], Check], ...] = (
    *(padding_token, stop_token, embeddings, positions, rows_left_out, every_row_ends),
    *(only_answers_are_learned, batches_keep_labels, rows_are_alone, first_loss),
    *(lengths, steps, disk, memory),
)
