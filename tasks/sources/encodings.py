"""Tell how a file writes its characters, and read it as UTF-8 whatever it is."""

import codecs
from collections.abc import Callable
from io import BufferedReader
from itertools import islice

from schemas.conversation import Unreadable
from tasks.sources.pieces import buffered

BOM = b"\xef\xbb\xbf"
UTF_8, GB18030 = "utf-8", "gb18030"
_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MIN_NULS = 0.01  # share of bytes; the rest of ASCII characters, which no UTF-16 is without
_MIN_COMMON = 0.8  # share of common characters below which bytes are not taken for Chinese
_SAMPLE = 1_000  # characters looked at
_CONTINUATION = bytes(range(0x80, 0xC0))
_BELOW_FOUR_BYTES = bytes(range(0xF0))


def encoding_of(head: bytes) -> str:
    """Return utf-8, utf-16-le, utf-16-be or gb18030, going by how a file begins.

    GB18030 it is when most lines that are not ASCII look like it; a few broken lines do not make
    UTF-8 something else.
    """
    utf16 = _BOMS.get(head[:2]) or _utf16_by_nuls(head)
    if utf16:
        return utf16
    lines = [line for line in head.split(b"\n") if not line.isascii()]
    return GB18030 if sum(map(_looks_chinese, lines)) * 2 > len(lines) else UTF_8


def decode(raw: bytes, encoding: str) -> str:
    """Return the text of a line or value of a file in `encoding`, which it may not keep to.

    Raises:
        Unreadable: bad_encoding.
    """
    text, problem = _strict(raw, UTF_8)
    if encoding == GB18030 and (text is None or (_may_be_chance(text) and _is_common(raw))):
        text = _strict(raw, GB18030)[0] or text
    elif text is None and _looks_chinese(raw):
        text = _strict(raw, GB18030)[0]
    if text is None:
        raise Unreadable("bad_encoding", f"not UTF-8: {problem}, and not GB18030 either")
    return text


def as_utf8(stream: BufferedReader, encoding: str) -> BufferedReader:
    """Return the stream as UTF-8; bytes that `encoding` does not know are left as they are."""
    if encoding == UTF_8:
        return stream
    errors = "surrogateescape" if encoding == GB18030 else "surrogatepass"
    decoder = codecs.getincrementaldecoder(encoding)(errors)

    def read(size: int) -> bytes:
        while piece := stream.read1(size):
            if text := decoder.decode(piece):
                return text.encode("utf-8", errors)
        return b""

    return buffered(read)


def size_in(encoding: str) -> Callable[[bytes], int]:
    """Return what tells how many bytes of the file a piece of `as_utf8` takes."""
    return _utf16_size if is_utf16(encoding) else len


def is_utf16(encoding: str) -> bool:
    """Tell whether characters take two bytes or four."""
    return encoding.startswith("utf-16")


def _utf16_size(piece: bytes) -> int:
    """Count code units: one for each character, two for those that take four bytes in UTF-8."""
    characters = len(piece.translate(None, _CONTINUATION))
    return 2 * (characters + len(piece.translate(None, _BELOW_FOUR_BYTES)))


def _utf16_by_nuls(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by its ASCII: the first character, and enough of the others.

    NULs that a crash left in a log are in both halves, and Chinese has some in the other half.
    """
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) < max(2, len(head) * _MIN_NULS):
        return None
    if second > 2 * first and head[0] and not head[1]:
        return "utf-16-le"
    return "utf-16-be" if first > 2 * second and head[1] and not head[0] else None


def _strict(raw: bytes, encoding: str) -> tuple[str | None, str]:
    try:
        return raw.decode(encoding), ""
    except UnicodeDecodeError as error:
        return None, f"{error.reason} at byte {error.start}"


def _may_be_chance(text: str) -> bool:
    """Tell whether Chinese in GB18030 may have passed for UTF-8: so may one word in five or 30.

    Of three characters it is less than one in a hundred.
    """
    return 0 < sum(not character.isascii() for character in text) < 3


def _looks_chinese(raw: bytes) -> bool:
    """Tell GB18030 from UTF-8 with a broken byte: of UTF-8, most characters can be read."""
    text = raw[: 4 * _SAMPLE].decode("utf-8", "replace")
    unknown = text.count("\ufffd")
    known = sum(not character.isascii() for character in text) - unknown
    return unknown > known and _is_common(raw)


def _is_common(raw: bytes) -> bool:
    """Tell whether `raw`, read as GB18030, is made of everyday characters: two of them at least.

    Those are the punctuation and the 3,755 common characters of GB 2312, level 1. What UTF-8, a
    broken UTF-8 or Latin-1 look like in GB18030 are rare ones.
    """
    decoder = codecs.getincrementaldecoder(GB18030)()  # a sample may end within a character
    try:
        text = decoder.decode(raw[: 4 * _SAMPLE])
    except UnicodeDecodeError:
        return False
    found = list(islice((c.encode(GB18030) for c in text if not c.isascii()), _SAMPLE))
    common = sum(len(pair) == 2 and _in_level_1(*pair) for pair in found)
    return common > 1 and common >= _MIN_COMMON * len(found)


def _in_level_1(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and (0xA1 <= lead <= 0xA9 or 0xB0 <= lead <= 0xD7)
