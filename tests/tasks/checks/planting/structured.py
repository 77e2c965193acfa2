"""Defects of answers that programs read: JSON that does not parse, or not what was asked."""

import json
import random
from typing import Any

from tests.tasks.checks.planting.material import Planted, Words

Json = dict[str, Any]

_ONLY = {
    "en": [
        "Take the keys {keys} from this text. Reply with JSON only.\n\n{text}",
        "{text}\n\nTurn this into a JSON object with the keys {keys}. Output nothing but the JSON.",
        "Return only valid JSON with the fields {keys} for this text: {text}",
        "Give me a JSON object ({keys}), no explanation and no other text. {text}",
    ],
    "zh": [
        "从下面的文字中提取信息，只输出JSON，键为{keys}。\n\n{text}",
        "{text}\n\n把它转成JSON对象，包含{keys}，不要输出任何其他内容。",
        "请仅返回合法的JSON，字段为{keys}：{text}",
        "用JSON格式输出（{keys}），不要解释。{text}",
    ],
    "ko": [
        "아래 글에서 정보를 뽑아 JSON만 출력하세요. 키는 {keys}입니다.\n\n{text}",
        "{text}\n\n이 내용을 {keys} 키를 가진 JSON 객체로 바꿔 주세요. 다른 말은 쓰지 마세요.",
        "유효한 JSON만 반환하세요. 필드는 {keys}: {text}",
        "JSON 형식으로만 답해 줘 ({keys}), 설명 없이. {text}",
    ],
}
_FREE = {
    "en": [
        "Give me the answer as JSON with the keys {keys}. {text}",
        "Convert to JSON ({keys}): {text}",
    ],
    "zh": ["请用JSON格式给出答案，键为{keys}。{text}", "转换成JSON（{keys}）：{text}"],
    "ko": [
        "{keys} 키로 JSON 형식으로 정리해 주세요. {text}",
        "JSON으로 변환해 줘 ({keys}): {text}",
    ],
}
_TALK = {
    "en": ["Here is the JSON:", "Sure! The object looks like this:", "I hope this helps!"],
    "zh": ["以下是JSON：", "好的，结果如下：", "希望对您有帮助！"],
    "ko": ["JSON은 다음과 같습니다.", "네, 결과입니다.", "도움이 되셨기를 바랍니다!"],
}
_BY_SCHEMA = {
    "en": [
        "Fill this JSON schema from the text.\n\n{schema}\n\nText: {text}",
        "{text}\n\nAnswer with JSON that follows this schema:\n```json\n{schema}\n```",
    ],
    "zh": [
        "按照下面的JSON Schema提取信息。\n\n{schema}\n\n文本：{text}",
        "{text}\n\n请输出符合以下JSON Schema的JSON：\n```json\n{schema}\n```",
    ],
    "ko": [
        "아래 JSON 스키마에 맞게 정보를 추출하세요.\n\n{schema}\n\n글: {text}",
        "{text}\n\n다음 JSON 스키마를 따르는 JSON으로 답하세요.\n```json\n{schema}\n```",
    ],
}
_SYSTEM = {
    "en": "You reply with JSON that matches this schema:\n{schema}",
    "zh": "你只回复符合以下JSON Schema的JSON：\n{schema}",
    "ko": "다음 JSON 스키마에 맞는 JSON으로만 답하세요:\n{schema}",
}
_KEYS = [
    ["topic", "tools", "count"],
    ["title", "items", "first_step", "number"],
    ["name", "things", "tip"],
]
_SHOW = {"en": ", ", "zh": "、", "ko": ", "}


def invalid_json(w: Words) -> Planted:
    value, text = _record(w)
    only = w.rng.random() < 0.7
    good = _written(w, value)
    prompt = w.rng.choice((_ONLY if only else _FREE)[w.language])
    prompt = prompt.format(keys=_SHOW[w.language].join(value), text=text)
    bad = _broken(w, value)
    if only and w.rng.random() < 0.3:
        before, after = w.rng.sample(_TALK[w.language], 2)
        bad = w.rng.choice(
            [f"{before}\n\n{good}", f"{good}\n\n{after}", f"{before}\n{good}\n{after}"]
        )
    fenced = f"```json\n{good}\n```"
    good = good if only else w.rng.choice([good, fenced, f"{_TALK[w.language][0]}\n\n{fenced}"])
    return Planted(prompt, bad, good, kind="extraction/fields_to_json")


def schema_mismatch(w: Words) -> Planted:
    value, text = _record(w)
    if w.rng.random() < 0.35:
        prompt = w.rng.choice(_ONLY[w.language][1:] + _FREE[w.language])
        prompt = prompt.format(keys=_SHOW[w.language].join(value), text=text)
        bad = _written(w, _without_a_key(value, w.rng))
        return Planted(prompt, bad, _written(w, value), kind="extraction/fields_to_json")
    schema = json.dumps(_schema(value), indent=w.rng.choice([None, 2]), ensure_ascii=False)
    bad, good = _written(w, _violating(value, w.rng)), _written(w, value)
    kind = "extraction/fields_to_json"
    if w.rng.random() < 0.3:
        return Planted(text, bad, good, kind, system=_SYSTEM[w.language].format(schema=schema))
    prompt = w.rng.choice(_BY_SCHEMA[w.language]).format(schema=schema, text=text)
    return Planted(prompt, bad, good, kind)


def _record(w: Words) -> tuple[Json, str]:
    """Return an object and a text that it could be taken from."""
    topic = w.topic()
    things = w.rng.sample(topic["things"], w.rng.randint(2, 4))
    n = w.rng.randint(2, 9)
    values = (
        [topic["name"], things, n] if w.rng.random() < 0.5 else [topic["name"], things, None, n]
    )
    keys = next(k for k in w.rng.sample(_KEYS, 3) if len(k) == len(values))
    filled = [topic["tips"][0] if v is None else v for v in values]
    if keys[-1] == "tip":
        filled[-1] = topic["tips"][0]
    text = f"{topic['name']}: {_SHOW[w.language].join(things)} ({n}). {topic['tips'][0]}"
    return dict(zip(keys, filled, strict=True)), text


def _written(w: Words, value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=w.rng.choice([None, 2, 2, 4]))


def _broken(w: Words, value: Json) -> str:
    """Write an object in one of the ways that look like JSON and do not parse."""
    flat, tall = (
        json.dumps(value, ensure_ascii=False),
        json.dumps(value, ensure_ascii=False, indent=2),
    )
    first = next(iter(value))
    return w.rng.choice(
        [
            flat[:-1] + ",}",
            tall[:-2] + ",\n}",
            tall[:-1],
            flat[: w.rng.randint(len(flat) // 2, len(flat) - 2)],
            repr(value),
            repr({**value, "checked": True}),
            flat.replace(f'"{first}"', first, 1),
            tall.replace("{\n", "{\n  // from the text\n", 1),
            tall.replace(",\n", "\n", 1),
            flat.replace('"', "“", 1).replace('"', "”", 1),
            flat.replace(":", " =", 1),
            f"{flat}\n{flat}",
            f"```json\n{flat[:-1]},}}\n```",
            "\n".join(f"{key}: {text}" for key, text in value.items()),
            flat.replace("]", "", 1),
            flat[:-1] + ', "note": undefined}',
        ]
    )


def _schema(value: Json) -> Json:
    kinds = {str: {"type": "string"}, int: {"type": "integer"}}
    array = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    return {
        "type": "object",
        "properties": {
            k: array if isinstance(v, list) else kinds[type(v)] for k, v in value.items()
        },
        "required": list(value),
        "additionalProperties": False,
    }


def _without_a_key(value: Json, rng: random.Random) -> Any:
    gone = rng.choice(list(value))
    rest = {key: item for key, item in value.items() if key != gone}
    return rng.choice(
        [rest, {**rest, f"{gone}_value": value[gone]}, {**rest, gone[:-1]: value[gone]}]
    )


def _violating(value: Json, rng: random.Random) -> Any:
    listed = next(key for key, item in value.items() if isinstance(item, list))
    text = next(iter(value))
    return rng.choice(
        [
            _without_a_key(value, rng),
            {**value, listed: ", ".join(value[listed])},
            {**value, listed: []},
            {**value, listed: [1, 2]},
            {**value, text: None},
            {**value, text: [value[text]]},
            {**value, "comment": "more"},
            [value],
            {"result": value},
        ]
    )
