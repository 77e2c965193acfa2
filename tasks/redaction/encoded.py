"""Private text behind Base64: files in content parts, Kubernetes secrets, headers.

What cannot be read after decoding (pictures, sound) is not looked into.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from tasks.redaction.spans import Span

_RUN = re.compile(r"[A-Za-z0-9+/_-]{24,}+={0,2}")
_MIXES = (re.compile("[a-z]"), re.compile("[A-Z]"))
_PROBE = 64  # characters that tell text from a picture
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def encoded_texts(text: str) -> Iterator[tuple[Span, str]]:
    """Yield stretches of Base64 with the text they say."""
    for run in _RUN.finditer(text):
        if all(letters.search(run.group()) for letters in _MIXES):
            said = _decoded(run.group()[:_PROBE]) and _decoded(run.group())
            if said:
                yield run.span(), said


def _decoded(run: str) -> str:
    """Return the text that `run` encodes, or nothing."""
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    run = run[: len(run) - (len(run) % 4 == 1)]
    try:
        said = b64decode(run + "=" * (-len(run) % 4), validate=True)
        # a probe may end within a character
        whole = said.decode("utf-8", "strict" if len(run) > _PROBE else "ignore")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    is_text = len(whole.encode()) + 3 >= len(said) and not _NOT_TEXT.search(whole)
    return whole if is_text else ""
