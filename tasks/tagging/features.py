"""A prompt as counts of character n-grams, hashed into a fixed number of columns."""

from collections.abc import Sequence

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer

from tasks.similarity.normalise import comparable

# Characters looked at: the request opens a prompt or closes it; its material only confuses
# (benchmarks/tag.py: macro-F1 .60 with 400 + 100 of them, .64 with these).
HEAD, TAIL = 240, 60
COLUMNS = 2**18
_hashed = HashingVectorizer(
    analyzer="char", ngram_range=(1, 5), n_features=COLUMNS, norm=None, alternate_sign=False
)


def counts(prompts: Sequence[str]) -> csr_matrix:
    """Return [prompts, COLUMNS]: how often each n-gram stands in the ends of each prompt.

    Begin and end of a prompt are marked, so that "what" at its start is an n-gram of its own.
    """
    return _hashed.transform(_ends(prompt) for prompt in prompts)


def _ends(prompt: str) -> str:
    head = comparable(prompt[:HEAD])
    tail = comparable(prompt[HEAD:][-TAIL:])
    return f"\x02{head}\x03" + (f"{tail}\x03" if tail else "")
