"""Addresses and keys of crypto wallets."""

import re
from collections.abc import Iterator
from hashlib import sha256

from tasks.redaction.spans import Span
from tasks.redaction.surroundings import follows

_START, _END = "(?<![0-9A-Za-z].)", "(?![0-9A-Za-z])"  # looks back from the first character on
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_DIGIT = "[1-9A-HJ-NP-Za-km-z]"
_CHECKED = re.compile(rf"[13LMDTXAt]{_START}{_DIGIT}{{25,34}}{_END}")
_SEGWIT = re.compile(rf"(?<![0-9A-Za-z])(?:bc|tb|ltc)1[0-9a-zA-Z]{{11,87}}{_END}", re.IGNORECASE)
_ETHEREUM = re.compile(rf"0{_START}x[0-9a-fA-F]{{40}}{_END}")
_SOLANA = re.compile(
    r"(?i:(?<![A-Za-z])(?:sol(?:ana)?|phantom|索拉纳|솔라나))[^\n]{0,24}?(?<![0-9A-Za-z])"
    rf"({_DIGIT}{{32,44}}){_END}"
)
_KEY = re.compile(rf"[5KLxyz]{_START}(?:{_DIGIT}{{50,51}}|(?<=[xyz])prv{_DIGIT}{{107,108}}){_END}")
_HASH_WORDS = re.compile(
    r"(?:sha-?1|hash|commit|digest|blob|tx(?:id)?|checksum|哈希|提交|해시|커밋)[\s:=是는은\"']{0,4}\Z",
    re.IGNORECASE,
)
SEGWIT_HINT, ETHEREUM_HINT = "(?i)(?:bc|tb|ltc)1[0-9a-z]{11}", "0x[0-9a-fA-F]{8}"
SOLANA_HINT = "(?i)(?:sol|phantom|索拉纳|솔라나)"
_KEY_BYTES = (33, 34, 78)  # WIF, WIF of a compressed key, BIP 32


def coin_addresses(text: str) -> Iterator[Span]:
    """Yield addresses of Bitcoin, TRON and kin whose Base58Check sum is right."""
    for found in _CHECKED.finditer(text):
        if len(_payload(found.group())) == 21:
            yield found.span()


def segwit_addresses(text: str) -> Iterator[Span]:
    """Yield bc1... addresses whose Bech32 sum is right."""
    for found in _SEGWIT.finditer(text):
        if _is_bech32(found.group().lower()):
            yield found.span()


def ethereum_addresses(text: str) -> Iterator[Span]:
    """Yield 0x and 40 hexadecimal digits that no word before them calls a hash.

    The sum of EIP-55 is in the capitals, which many drop. 0x000...0 belongs to nobody.
    """
    for found in _ETHEREUM.finditer(text):
        if "0" * 12 not in found.group() and not follows(_HASH_WORDS, text, found.start()):
            yield found.span()


def solana_addresses(text: str) -> Iterator[Span]:
    """Yield 32 bytes in Base58, where a word says whose they are: there is no checksum."""
    for found in _SOLANA.finditer(text):
        if len(_decoded(found.group(1))) == 32:
            yield found.span(1)


def wallet_keys(text: str) -> Iterator[Span]:
    """Yield private keys as wallets export them: WIF and BIP 32."""
    for found in _KEY.finditer(text):
        if len(_payload(found.group())) in _KEY_BYTES:
            yield found.span()


def _payload(address: str) -> bytes:
    """Return what a Base58Check text holds, or nothing if its checksum is wrong."""
    raw = _decoded(address)
    payload, check = raw[:-4], raw[-4:]
    return payload if sha256(sha256(payload).digest()).digest()[:4] == check else b""


def _decoded(text: str) -> bytes:
    number = 0
    for char in text:
        number = number * 58 + _BASE58.index(char)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _is_bech32(address: str) -> bool:
    """Check the sum of BIP 173 (1) or, since Taproot, BIP 350 (0x2BC830A3)."""
    prefix, _, data = address.rpartition("1")
    if set(data) - set(_BECH32):
        return False
    digits = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    sum_ = 1
    for digit in digits + [_BECH32.index(c) for c in data]:
        top, sum_ = sum_ >> 25, (sum_ & 0x1FFFFFF) << 5 ^ digit
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            sum_ ^= generator if top >> bit & 1 else 0
    return sum_ in (1, 0x2BC830A3)
