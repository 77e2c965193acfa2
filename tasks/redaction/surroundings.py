"""What stands beside a run of digits and says that it belongs to nobody.

People ask about order numbers, sums and prices with as many digits as a phone number or a card.
Doubt is settled for privacy: bold marks, list numbers and dashes before a name are no sums.
"""

import re

from tasks.redaction.spans import Span

_LOOK_BACK = 32  # characters
_LOOK_AHEAD = 16
_SERIAL = (
    r"(?<![a-z])(?:order|invoice|tracking|shipment|parcel|package|waybill|serial|sku|isbn|issn|ean|upc|barcode|ticket"
    r"|reference|ref|part|item|model|timestamp|epoch|seed|arxiv|pmid|version|commit|batch)"
    r"|订单|单号|编号|序号|流水|快递|运单|发票|条码|条形码|型号|货号|时间戳|案号"
    r"|주문|송장|일련|상품|품번|모델|바코드|타임스탬프"
)
_NUMBER_WORD = r"(?:no\.?|num|numbers?|ids?|code|号码|号|번호|코드)"
_LINK = r"[\s:=#\"'_-]{0,4}(?:is|was|是|为|는|은|가|이)?[\s:=#\"']{0,4}"
_BEFORE = (
    rf"(?:{_SERIAL})[\s_-]?{_NUMBER_WORD}?{_LINK}",
    r"(?:[$¥€£₩￦]|(?<![a-z])(?:usd|rmb|krw|eur))\s?",  # money
    r"[0-9)]\s?[*×÷^]\s?|[0-9)]\*\*|[0-9]\s?\+\s?|√\s?",  # arithmetic
    r"(?<![a-z_0-9])[0-9][0-9.,]*\s?=\s?-?",
    r"(?:计算|分解|计算一下|calculate|compute|factori[sz]e|factor|sqrt\(?|sum of|계산:?)\s?",
)
_AFTER = (
    r"\s?(?:元|块|美元|日元|韩元|달러|dollars?|yuan|bytes?)",
    r"\s?원(?:을|이|은|짜리|입니다|(?![가-힣]))",
    r"\s?(?:[×÷^%]|\*\s?[0-9(]|\*\*[0-9(]|=\s?[0-9?])",
    r"\s?[/+-]\s?[0-9]{1,6}(?![0-9-]|[年月楼号室년월층호])|\s\+\s[0-9(]",
    r"\s?(?:除以|乘以|(?:乘|加|减|加上|减去)\s?[0-9]|(?:mod|times|plus|minus|divided)(?![a-z]))",
    r"\s?(?:을|를|에|에서)?\s?(?:[0-9]+(?:으로|로|을|를)?\s?)?(?:곱하|곱한|나누|나눈|더하|더한|빼|뺀)",
    r"\s?(?:是|是不是|是否|是否是|是否为|은|는|이|가|is)?\s?(?:an?\s)?(?:质数|素数|소수|prime)",
)
_ROW_BEFORE = re.compile(r"[0-9]{2} \Z")
_ROW_AFTER = re.compile(r"(?: [0-9]+){3}")
_SAYS_BEFORE = re.compile(rf"(?:{'|'.join(_BEFORE)})\Z", re.IGNORECASE)
_SAYS_AFTER = re.compile("|".join(_AFTER), re.IGNORECASE)


def is_quantity(text: str, span: Span) -> bool:
    """Tell whether the digits at `span` are a serial number, a sum of money or a term."""
    start, end = span
    before = text[max(0, start - _LOOK_BACK) : start]
    after = text[end : end + _LOOK_AHEAD]
    return bool(_SAYS_BEFORE.search(before) or _SAYS_AFTER.match(after))


def is_in_row(text: str, span: Span) -> bool:
    """Tell whether the groups of digits at `span` go on before or after it, as in lists to sort."""
    start, end = span
    before = _ROW_BEFORE.search(text, max(0, start - 3), start)
    return " " in text[start:end] and bool(before or _ROW_AFTER.match(text, end))


def follows(words: re.Pattern[str], text: str, start: int) -> bool:
    """Tell whether one of `words` stands in the few characters before `start`."""
    return words.search(text, max(0, start - _LOOK_BACK), start) is not None
