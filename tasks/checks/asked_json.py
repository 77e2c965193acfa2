"""Where JSON was asked for: does it parse, and has it the keys or the schema that were named?"""

import re
from typing import Any

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.checks.embedded import around_fences, fenced, objects, parsed
from tasks.checks.schemas import violation

_ASKED = re.compile(
    "|".join(
        (
            r"(?:as|in|into|return|output|respond|reply|answer|produce|generate|give|provide"
            r"|format|valid|only|using|with|to|convert|write|extract|create|make|build"
            r"|send)\b[^.\n]{0,40}\bjson\b",
            r"\bjson (?:object|array|only|format|output|list)\b",
            r"(?:输出|返回|格式|以|用|为|成|生成|按|给出|整理|转换)[^。\n]{0,12}json",
            r"json\s?(?:格式|对象|数组|形式|输出)",
            r"json\s?(?:으로|로|형식|형태|객체|배열|만)",
        )
    ),
    re.IGNORECASE | re.ASCII,
)
_TOPIC = re.compile(
    r"\b(?:what is|explain|difference between|how (?:do|can|to)|parse|function|script|program"
    r"|python|javascript|typescript|java|code|endpoint|api)\b|什么是|代码|函数|脚本|解析|코드"
    r"|함수|스크립트|파싱|무엇",
    re.IGNORECASE | re.ASCII,
)
_ONLY = re.compile(
    r"\bonly (?:the |valid |a |with )*(?:\w+ )?json|json only|(?:just|nothing (?:else )?(?:but"
    r"|other than)) (?:the |a )?(?:\w+ )?json|no (?:other |additional |extra )?(?:text"
    r"|explanation|prose|words|commentary)|nothing else|without (?:any )?(?:explanation|other"
    r"|additional|extra)|只(?:需)?(?:输出|返回|给|要|回复|用)|仅(?:输出|返回|给出)"
    r"|不要(?:有|输出|加|包含|添加)?(?:任何)?(?:其他|其它|多余|解释|额外)|json만|만 (?:출력"
    r"|반환|답|응답)"
    r"|설명 ?없이|다른 (?:말|텍스트|설명)",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"(?:keys?|fields?|properties|attributes|json with|containing|包含|字段|键名?|键值|属性|키"
    r"|필드|항목)"
    r"(?: (?:named|called|are|should be|must be|like|such as|exactly)| ?(?:为|是|有|包括|包含"
    r"|分别为|는|은))?\s*(?:\((?=[\w\"'`]))?[:：]?\s*"
    r"(?P<list>[\"'`“]?[A-Za-z_][A-Za-z0-9_]*[\"'`”]?(?:\s*(?:,\s*and|,\s*or|,|，|、|and|和|与"
    r"|및|과|와|/"
    r"|그리고)\s*[\"'`“]?[A-Za-z_][A-Za-z0-9_]*[\"'`”]?){0,40})",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(
    r"json[^(（\n]{0,24}[(（](?P<list>[A-Za-z_]\w*(?:\s?[,，、]\s?[A-Za-z_]\w*){1,40})[)）]",
    re.IGNORECASE | re.ASCII,
)
_BEFORE = re.compile(
    r"(?<!\w)(?P<list>[A-Za-z_]\w*(?:\s?[,，、]\s?[A-Za-z_]\w*){1,40})\s?(?:등의 )?"
    r"(?:키|필드|字段|属性|keys?\b|fields?\b)",
    re.IGNORECASE | re.ASCII,
)
_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NO_KEY = frozenset(
    {"and", "or", "the", "a", "an", "in", "for", "as", "with", "of", "only", "json"}
)
_TEMPLATE_KEY = re.compile(r"[\"“']([\w\- ]+)[\"”']\s*[:：]")


_LONGEST = 20_000  # characters of a prompt that are searched for keys and schemas


def _speaks_of_json(cfg: CheckSettings) -> pl.Expr:
    said = pl.concat_str("prompt", pl.lit("\n"), "system")
    named = said.str.contains_any(["json", '"properties"'], ascii_case_insensitive=True)
    return named & (pl.col("area") != "code")


def _system(row: Answered) -> str:
    """Return what the system messages say, but for tools: those have schemas of their own."""
    return "" if '"parameters"' in row.system else row.system


def _asks(row: Answered) -> bool:
    said = f"{row.instructions}\n{_system(row)}"
    return bool(_ASKED.search(said)) and not _TOPIC.search(said)


@gated(_speaks_of_json)
def invalid_json(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers that are no JSON where JSON was asked for, or more than it where only it was."""
    if not _asks(row):
        return None
    if _ONLY.search(row.prompt) and not _is_all_json(row.answer):
        return "only JSON was asked for; the answer does not parse as JSON"
    if not _values(row.answer):
        return "JSON was asked for; nothing in the answer parses as JSON"
    return None


@gated(_speaks_of_json)
def schema_mismatch(row: Answered, cfg: CheckSettings) -> str | None:
    """Find JSON that lacks keys that were asked for, or breaks a schema in the prompt."""
    values = _values(row.answer)
    if not values or not (_asks(row) or '"properties"' in row.prompt + _system(row)):
        return None
    said = f"{row.prompt}\n{_system(row)}"[:_LONGEST]
    schemas = [each for each in objects(said) if _is_schema(each)]
    if schemas:
        wrong = violation(values[0], schemas[0])
        return f"the JSON breaks the schema: {wrong}" if wrong else None
    rows = _rows(values[0])
    missing = [key for key in asked_keys(said) if any(key not in each for each in rows)]
    return f"the JSON lacks {', '.join(missing)}" if missing else None


def asked_keys(prompt: str) -> list[str]:
    """Return the keys that a prompt names, as a list or by an object to fill in."""
    lists = [each for way in (_KEYS, _IN_BRACKETS, _BEFORE) for each in way.finditer(prompt)]
    named = [_KEY.findall(match["list"]) for match in lists]
    keys = [key for keys in named if len(keys) > 1 or '"' in prompt for key in keys]
    template = re.search(r"\{[^{}]*[\"“'][\w\- ]+[\"”']\s*[:：][^{}]*\}", prompt)
    if not keys and template and re.search(r"\.\.\.|…|<|string|int|null|\"\"|字符串", template[0]):
        keys = _TEMPLATE_KEY.findall(template[0])
    return [key for key in dict.fromkeys(keys) if key.casefold() not in _NO_KEY]


def _is_all_json(answer: str) -> bool:
    blocks = fenced(answer)
    text = blocks[0] if len(blocks) == 1 and not around_fences(answer) else answer
    return parsed(text)[0]


def _values(answer: str) -> list[Any]:
    """Return the JSON of an answer: the whole, that of a fence, or what stands in the text."""
    for text in (answer, *fenced(answer)):
        is_json, value = parsed(text)
        if is_json and isinstance(value, dict | list):
            return [value]
    broken = any(re.match(r"\s*[{\[]", block) for block in fenced(answer))
    if broken or re.match(r"\s*[{\[]", answer):
        return []  # it was meant to be JSON; an inner part that parses does not mend it
    return [each for each in objects(around_fences(answer)) if each and each != [None]]


def _rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects that should have the keys: those of a list, or of a single wrapper."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return [value] if isinstance(value, dict) else []


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("properties"), dict)
