"""Addresses of machines on the internet."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from tasks.redaction.spans import Span
from tasks.redaction.surroundings import follows

HINT = r"(?:[0-9]{1,3}\.){3}[0-9]|[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]"
# A slash behind a letter is a user agent or a path: Chrome/120.0.6099.109, releases/1.2.3.4.
_IPV4 = re.compile(
    r"[0-9](?<![0-9A-Za-z_.].)(?<![A-Za-z]/.)[0-9]{0,2}\.(?:[0-9]{1,3}\.){2}[0-9]{1,3}(?![0-9A-Za-z_]|\.[0-9]|-[A-Za-z])"
)
# Global unicast is 2000::/3 (RFC 4291); without that, a::b of a program would be an address.
_IPV6 = re.compile(
    r"[23](?<![0-9A-Za-z:.].)[0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:]|\.[0-9])"
)
_VERSION_WORDS = re.compile(
    r"(?:version|ver\.?|release|build|section|chapter|clause|firmware|driver|kernel|sdk|jdk"
    r"|numpy|pandas|torch|tensorflow|cuda|python|java|node|nginx|chrome|chromium|firefox|edge|android"
    r"|ios|macos|windows|linux|ubuntu|office|wechat|微信|카카오톡"
    r"|版本号?|版|章节|第|버전|릴리스|[=<>~^]=|\^)[\s:=\"']{0,3}(?:is|是|为|는|은|이)?\s?\Z",
    re.IGNORECASE,
)


def ip_addresses(text: str) -> Iterator[Span]:
    """Yield global addresses; private, reserved and documentation ones name nobody."""
    for found in _IPV4.finditer(text):
        if _is_global(found.group()) and not follows(_VERSION_WORDS, text, found.start()):
            yield found.span()
    for found in _IPV6.finditer(text):
        if _is_global(found.group()):
            yield found.span()


def _is_global(address: str) -> bool:
    try:
        ip = IPv6Address(address) if ":" in address else IPv4Address(address)
    except AddressValueError:
        return False
    return ip.is_global and not ip.is_multicast
