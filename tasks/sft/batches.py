"""Which rows are in memory at once, batch by batch, for every epoch of a run."""

from collections.abc import Iterator, Sequence
from math import ceil

from tasks.sft.order import epoch_order
from tasks.sft.packing import Packed, pack, split_to
from tasks.sft.spec import TrainSpec


def plan_epochs(spec: TrainSpec, lengths: Sequence[int], at_once: int) -> list[Packed]:
    """Return the batches of each epoch: as many in each, and every row once.

    Args:
        spec: its batching, seed, epochs and, for concat, max_tokens.
        lengths: of the rows, in tokens.
        at_once: rows of a batch; packed rows, for concat.
    """
    epochs = range(ceil(spec.epochs))
    if spec.batching != "concat":
        size = at_once, spec.accumulate
        orders = [epoch_order(lengths, *size, spec.seed, epoch) for epoch in epochs]
        return [_chunks(order, at_once) for order in orders]
    packed = [pack(lengths, spec.max_tokens, spec.seed, epoch) for epoch in epochs]
    most = max(map(len, packed))
    return [_joined(split_to(rows, most), at_once) for rows in packed]


class Batches:
    """A batch sampler for torch's DataLoader: the batches of the epoch it was last told.

    Processes take batches in turn. So that each has as many, some of `blank`, the number of a row
    without labels, are added: a repeated row would count twice.
    """

    def __init__(self, epochs: Sequence[Packed], processes: int = 1, blank: int = 0) -> None:
        self.epochs = epochs
        self.epoch = 0
        self.blanks = [[blank]] * (-len(epochs[0]) % processes)

    def begin(self, epoch: int) -> None:
        """Be told the epoch, from 0.

        Not named set_epoch: transformers and accelerate call that too, but neither reaches a batch
        sampler inside both of their wrappers, for several processes and for a resumed epoch.
        """
        self.epoch = epoch

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return len(self.epochs[0]) + len(self.blanks)

    def __iter__(self) -> Iterator[list[int]]:
        """Go through the batches of the epoch."""
        return iter([*self.epochs[min(self.epoch, len(self.epochs) - 1)], *self.blanks])


def _chunks(order: list[int], size: int) -> Packed:
    return [order[start : start + size] for start in range(0, len(order), size)]


def _joined(packed: Packed, size: int) -> Packed:
    starts = range(0, len(packed), size)
    return [[row for rows in packed[s : s + size] for row in rows] for s in starts]
