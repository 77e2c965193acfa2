"""Fields of an order, as compact JSON with English keys in the order they were asked for."""

import json
import re
from random import Random

from tasks.demo import private
from tasks.demo.languages import Language, language_of
from tasks.demo.skills.skill import PLACEHOLDER, Example, plain

LABEL = "extraction/fields_to_json"

_GIVEN: dict[Language, str] = {
    "en": "Alice Bruno Carla Daniel Elena Farid Grace Henry Irene Jonas Karim Laura Nadia Oscar",
    "zh": "小明 丽华 建国 思远 雨桐 子轩 海燕 志强 晓芳 文博 佳怡 俊杰",
    "ko": "민준 서연 지호 하은 도윤 수아 예준 지우 시우 채원 현우 다은",
}
_FAMILY: dict[Language, str] = {
    "en": "Adler Brooks Costa Duarte Evans Fischer Gupta Holm Ito Jansen Keller Lopez Moreau Novak",
    "zh": "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙",
    "ko": "김 이 박 최 정 강 조 윤 장 임 한 오",
}
_CITIES: dict[Language, str] = {
    "en": "Lisbon Oslo Boston Dublin Denver Leeds Porto Turin Austin Bergen Cairo Lyon",
    "zh": "北京 上海 广州 杭州 成都 武汉 西安 南京 青岛 厦门 苏州 昆明",
    "ko": "서울 부산 대구 인천 광주 대전 울산 수원 전주 제주 춘천 강릉",
}
_ITEMS: dict[Language, str] = {
    "en": "lamps chairs mugs tents kettles pillows radios mirrors ladders umbrellas scarves clocks",
    "zh": "台灯 椅子 杯子 帐篷 水壶 枕头 收音机 镜子 梯子 雨伞 围巾 闹钟",
    "ko": "램프 의자 머그컵 텐트 주전자 베개 라디오 거울 사다리 우산 목도리 시계",
}
_TEXTS: dict[Language, tuple[str, ...]] = {
    "en": (
        "{name} from {city} ordered {quantity} {item}.",
        "{quantity} {item} go to {name} in {city}.",
        "Order of {name}: {quantity} {item}, ship to {city}.",
    ),
    "zh": (
        "{city}的{name}订购了{quantity}个{item}。",
        "把{quantity}个{item}寄给{city}的{name}。",
        "客户{name}，商品{item}，{quantity}个，送到{city}。",
    ),
    "ko": (
        "{city}에 사는 {name} 님이 {item} {quantity}개를 주문했습니다.",
        "{name} 고객님, {item} {quantity}개, 배송지는 {city}입니다.",
        "{item} {quantity}개를 {city}의 {name} 님께 보내 주세요.",
    ),
}
_CONTACT: dict[Language, dict[str, str]] = {
    "en": {"email": " Email: {}.", "phone": " Phone: {}."},
    "zh": {"email": "邮箱：{}。", "phone": "电话：{}。"},
    "ko": {"email": " 이메일: {}.", "phone": " 전화: {}."},
}
_ASK: dict[Language, tuple[str, ...]] = {
    "en": ("Extract {} as JSON: ", "Give me {} as JSON: ", "JSON with {}: "),
    "zh": ("提取{}，输出JSON：", "用JSON给出{}：", "JSON（{}）："),
    "ko": ("{} 항목을 JSON으로: ", "JSON으로 {} 추출해 줘: ", "JSON ({}): "),
}
_HAN = r"[\u4e00-\u9fff]"
_SHAPE = {"name": r"(?P<name>{word})", "city": r"(?P<city>{word})", "item": r"(?P<item>{word})"}
_WORD: dict[Language, dict[str, str]] = {
    "en": {"name": r"[A-Z]\w+ [A-Z]\w+", "city": r"[A-Z]\w+", "item": r"[a-z]+"},
    "zh": {"name": rf"{_HAN}{{2,3}}", "city": rf"{_HAN}{{2}}", "item": rf"{_HAN}{{2,3}}"},
    "ko": {"name": r"[가-힣]{3}", "city": r"[가-힣]{2}", "item": r"[가-힣]+"},
}
_REQUEST = re.compile(r"JSON|제이슨", re.IGNORECASE)
_KEYS = re.compile(r"(?<![A-Za-z])(name|city|item|quantity|email|phone)(?![A-Za-z])")
_PATTERN_OF = {
    "email": re.compile(rf"{PLACEHOLDER}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII),
    "phone": re.compile(rf"{PLACEHOLDER}|[+(]?\d[\d() -]{{7,}}\d", re.ASCII),
}


def example(rng: Random, language: Language) -> Example:
    """Ask for two to four fields of one order; about one order in four holds e-mail or phone."""
    values: dict[str, str | int] = {
        "name": _name(rng, language),
        "city": rng.choice(_CITIES[language].split()),
        "quantity": rng.randint(2, 60),
        "item": rng.choice(_ITEMS[language].split()),
    }
    text = rng.choice(_TEXTS[language]).format(**values)
    asked = rng.sample(list(values), rng.randint(2, 3))
    if rng.random() < 0.25:
        field = rng.choice(("email", "phone"))
        contact = private.email(rng) if field == "email" else private.phone(rng, language)
        values[field] = contact
        text += _CONTACT[language][field].format(contact)
        asked.append(field)
    ask = rng.choice(_ASK[language]).format(", ".join(asked))
    return Example(ask + text, _compact({field: values[field] for field in asked}))


def _name(rng: Random, language: Language) -> str:
    given, family = rng.choice(_GIVEN[language].split()), rng.choice(_FAMILY[language].split())
    return f"{given} {family}" if language == "en" else family + given


def _compact(fields: dict[str, str | int | None]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def solve(prompt: str) -> str | None:
    """Read the order as one of the known sentences; a field that is not there becomes null."""
    text = plain(prompt)
    language = language_of(text)
    order = next((found for regex in _SENTENCES[language] if (found := regex.search(text))), None)
    if order is None or not _REQUEST.search(text[: order.start()]):
        return None
    asked = dict.fromkeys(_KEYS.findall(text[: order.start()]))
    values = {**order.groupdict(), "quantity": int(order["quantity"])}
    for field in _CONTACT[language]:
        values[field] = _contact(text[order.end() :], field, language)
    return _compact({field: values[field] for field in asked}) if asked else None


def _contact(text: str, field: str, language: Language) -> str | None:
    _, _, said = text.partition(plain(_CONTACT[language][field].partition("{")[0]))
    found = _PATTERN_OF[field].search(said)
    return found[0] if found else None


def _sentence(template: str, language: Language) -> re.Pattern[str]:
    """Turn a sentence into a regex: words become groups, and its end may be anything."""
    regex = re.escape(plain(template).rstrip(".。")).replace(r"\{quantity\}", r"(?P<quantity>\d+)")
    for field, word in _WORD[language].items():
        regex = regex.replace(rf"\{{{field}\}}", _SHAPE[field].replace("{word}", word))
    return re.compile(regex)


_SENTENCES = {
    language: tuple(_sentence(template, language) for template in templates)
    for language, templates in _TEXTS.items()
}
