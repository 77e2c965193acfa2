"""Embeddings among the calls: a vector is kept as the text of a reply.

It is written in the letters a to p, a half byte each: there is nothing in it that a rule for
numbers, keys or addresses could find, and redaction leaves it as it is.
"""

from base64 import b64decode
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from tasks.adapters.completion import NotACompletion
from tasks.adapters.request import Request

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_DIGITS = str.maketrans("abcdefghijklmnop", "0123456789abcdef")

Vector = npt.NDArray[np.float32]  # [dimensions]


def request(text: str) -> Request:
    """Return the call for the vector of a text."""
    return Request("embed", [{"role": "user", "content": text}], {"encoding_format": "base64"})


def parsed(content: bytes) -> dict[str, Any]:
    """Read the body of a reply into the shape of a completion: its text is the vector.

    Servers may answer with a list of numbers all the same. Kept are its direction, in half
    precision: two bytes a dimension, and cosines that are right to three digits.

    Raises:
        NotACompletion: there is no first vector, or one that is empty or not finite.
    """
    got: Any = None
    try:
        got = orjson.loads(content)
        sent = got["data"][0]["embedding"]
        numbers = np.frombuffer(b64decode(sent), "<f4") if isinstance(sent, str) else sent
        halves = _unit(np.array(numbers, np.float64)).astype("<f2")
        used = {**(got.get("usage") or {}), "completion_tokens": 0}
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        what = f"the reply is no embedding ({type(error).__name__})"
        raise NotACompletion(what, got) from None
    said = {"role": "assistant", "content": halves.tobytes().hex().translate(_LETTERS)}
    choices = [{"message": said, "finish_reason": "stop"}]
    return {"model": got.get("model"), "choices": choices, "usage": used}


def _unit(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    length = np.linalg.norm(numbers)
    if numbers.ndim != 1 or not 0 < length < np.inf:
        raise ValueError("no vector")
    return numbers / length


def vector(text: str) -> Vector:
    """Return the vector of length 1 that the text of a reply stands for."""
    return np.frombuffer(bytes.fromhex(text.translate(_DIGITS)), "<f2").astype(np.float32)
