"""Cut a text into overlapping pieces; their set is what Jaccard similarity compares."""

import numpy as np
import numpy.typing as npt

U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]

LONG, SHORT = 5, 3  # characters per shingle: alphabets; Han, Kana and Hangul
SHORT_ABOVE_PERCENT = 30  # of the characters that are not blank; an integer, so no rounding

# Han, Kana and Hangul, first and last code point, as far as NFKC leaves them. Jamo are among
# them: NFKC turns the ㅋ of a Korean laugh into one.
_DENSE_BLOCKS = (
    (0x1100, 0x11FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3038, 0x303B),
    (0x3041, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97C),
    (0xAC00, 0xD7FB),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFD),
)


def shingles(text: str) -> list[str]:
    """Cut a comparable text; one shorter than a shingle, the empty one too, is one shingle."""
    size = shingle_size(text)
    return [text[i : i + size] for i in range(max(1, len(text) - size + 1))]


def shingle_size(text: str) -> int:
    """Return how many characters a shingle of this text has.

    Measured on 4,500 true pairs: sizes by script find .98 of the Chinese and .84 of the Korean
    ones at Jaccard .7; 5 for every text finds .92 and .68.
    """
    codes = code_points(text)
    return int(shingle_sizes(codes, np.array([0, len(codes)]))[0])


def shingle_sizes(codes: U32, bounds: I64) -> I64:
    """Return the shingle size of each text; text i is `codes[bounds[i]:bounds[i + 1]]`."""
    dense = _count(DENSE[codes], bounds)
    solid = _count(codes != ord(" "), bounds)  # the only white space in a comparable text
    return np.where(100 * dense > SHORT_ABOVE_PERCENT * solid, SHORT, LONG)


def code_points(text: str) -> U32:
    """Return the text as one number per character, UTF-32."""
    return np.frombuffer(text.encode("utf-32-le"), "<u4")


def _count(flags: npt.NDArray[np.bool_], bounds: I64) -> I64:
    total: I64 = np.concatenate([np.zeros(1, np.int64), np.cumsum(flags)])
    return total[bounds[1:]] - total[bounds[:-1]]


def _dense() -> npt.NDArray[np.bool_]:
    dense = np.zeros(0x110000, np.bool_)
    for first, last in _DENSE_BLOCKS:
        dense[first : last + 1] = True
    return dense


DENSE = _dense()
