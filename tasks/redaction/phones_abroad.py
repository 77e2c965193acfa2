"""Phone numbers of all countries: behind a plus sign, or where a word says which country's.

phonenumbers decides, which knows the lengths and leading digits of every country.
"""

import re
from collections.abc import Iterator

import phonenumbers

from tasks.redaction.spans import Span
from tasks.redaction.surroundings import is_quantity

SEVEN_DIGITS = r"[0-9](?:[ ().-]{0,2}[0-9]){6}"  # what every phone number has
PLUS_HINT = r"\+[1-9](?:[ ().-]{0,2}[0-9]){6}"
_PLUS = re.compile(r"(?<![0-9A-Za-z+])(?<![0-9]\))\+[1-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9])")
_ZONE = re.compile(r"(?:UTC|GMT)\s?\Z")
_COUNTRIES = {
    "GB": "uk|british|britain|england|london|英国|영국",
    "DE": "germany?|berlin|德国|독일",
    "FR": "france|french|paris|法国|프랑스",
    "JP": "japan(?:ese)?|tokyo|日本|일본",
    "IN": "india[n]?|mumbai|delhi|印度|인도",
    "AU": "australian?|sydney|澳大利亚|澳洲|호주",
    "TW": "taiwan(?:ese)?|taipei|台湾|臺灣|台灣|대만",
    "HK": "hong ?kong|香港|홍콩",
    "SG": "singaporean?|新加坡|싱가포르",
    "MY": "malaysian?|马来西亚|말레이시아",
    "VN": "vietnam(?:ese)?|越南|베트남",
    "TH": "thai(?:land)?|bangkok|泰国|태국",
    "ID": "indonesian?|jakarta|印尼|印度尼西亚|인도네시아",
    "PH": "philippines?|filipino|manila|菲律宾|필리핀",
    "BR": "brazil(?:ian)?|巴西|브라질",
    "MX": "mexican?|mexico|墨西哥|멕시코",
    "ES": "spain|spanish|madrid|西班牙|스페인",
    "IT": "ital(?:y|ian)|rome|意大利|이탈리아",
    "NL": "netherlands|dutch|荷兰|네덜란드",
    "RU": "russian?|moscow|俄罗斯|러시아",
    "CN": "china|chinese|中国|중국",
    "KR": "korean?|seoul|韩国|한국",
}
_PHONE_WORDS = "phone|number|mobile|cell|tel|call|whatsapp|手机|电话|号|致电|전화|번호|휴대폰|연락"
_COUNTRY = "|".join(f"(?P<{region}>{words})" for region, words in _COUNTRIES.items())
COUNTRY_HINT = "(?i)" + "|".join(_COUNTRIES.values())
_OF_COUNTRY = re.compile(
    rf"(?<![A-Za-z])(?:{_COUNTRY})(?![A-Za-z])[^0-9\n]{{0,16}}?(?:{_PHONE_WORDS})[^0-9\n]{{0,16}}?"
    r"(\(?[0-9](?:[ ().-]{0,2}[0-9]){6,13})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def phones_abroad(text: str) -> Iterator[Span]:
    """Yield numbers behind a plus sign that are long enough for their country."""
    for found in _PLUS.finditer(text):
        start = found.start()
        if not _ZONE.search(text, max(0, start - 5), start):
            span = start, start + len(_longest_number(found.group()))
            if span[0] < span[1] and not is_quantity(text, span):
                yield span


def phones_of_countries(text: str) -> Iterator[Span]:
    """Yield numbers written as at home: Japanese phone 090-1234-5678, 英国电话020 7946 0958."""
    for found in _OF_COUNTRY.finditer(text):
        number = found[len(_COUNTRIES) + 1]
        region = next(name for name in _COUNTRIES if found[name])
        if is_valid(number, region):
            yield found.span(len(_COUNTRIES) + 1)


def is_valid(number: str, region: str | None = None) -> bool:
    """Tell whether phonenumbers takes `number` for one that a country may have given."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _longest_number(digits: str) -> str:
    """Return `digits` without the groups at its end that belong to something else; or ""."""
    number = digits
    while number and not is_valid(number):
        number = re.sub(r"[ ().-]*[0-9]+\Z|\+\Z", "", number)
    return number or (digits if _is_possible(digits) else "")


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False
