"""data-juicer: its document_minhash_deduplicator on characters, a run per task type."""

from data_juicer.core.data import NestedDataset
from data_juicer.ops.deduplicator.document_minhash_deduplicator import (
    DocumentMinhashDeduplicator,
)
from told import Rows, by_kind, keep


def kept(rows: Rows) -> list[int]:
    """Return the rows that the operator leaves."""
    operator = DocumentMinhashDeduplicator(
        tokenization="character", window_size=5, jaccard_threshold=0.8, num_permutations=128
    )
    given = NestedDataset.from_list([{"n": n, "text": text} for n, text in rows])
    left, _ = operator.process(given.map(operator.compute_hash))
    return left["n"][:]


keep(n for rows in by_kind() for n in kept(rows))
