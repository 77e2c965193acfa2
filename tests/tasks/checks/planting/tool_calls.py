"""Defects of tool calls, as JSON, in a tag or as OpenAI's API returns them."""

import json
from typing import Any

from tests.tasks.checks.planting.material import Planted, Words

Json = dict[str, Any]

_TOOLS: dict[str, tuple[str, Json, list[str]]] = {
    "get_weather": (
        "Look up the weather of a city",
        {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
        ["city"],
    ),
    "set_alarm": (
        "Set an alarm",
        {"hour": {"type": "integer"}, "minute": {"type": "integer"}, "label": {"type": "string"}},
        ["hour", "minute"],
    ),
    "send_mail": (
        "Send an e-mail",
        {"to": {"type": "array", "items": {"type": "string"}}, "subject": {"type": "string"}},
        ["to", "subject"],
    ),
    "find_train": (
        "Find trains",
        {"start": {"type": "string"}, "end": {"type": "string"}, "seats": {"type": "integer"}},
        ["start", "end"],
    ),
}
_CALLS: dict[str, dict[str, list[tuple[str, Json]]]] = {
    "en": {
        "get_weather": [
            ("What is the weather in Leeds?", {"city": "Leeds", "unit": "c"}),
            ("Do I need a coat in Oslo?", {"city": "Oslo"}),
        ],
        "set_alarm": [
            ("Wake me at 6:30.", {"hour": 6, "minute": 30}),
            ("Alarm at 7:15 for the bus", {"hour": 7, "minute": 15, "label": "bus"}),
        ],
        "send_mail": [("Mail Ann that lunch is off.", {"to": ["Ann"], "subject": "Lunch is off"})],
        "find_train": [
            ("Trains from York to Hull for 2?", {"start": "York", "end": "Hull", "seats": 2})
        ],
    },
    "zh": {
        "get_weather": [
            ("成都今天天气怎么样？", {"city": "成都", "unit": "c"}),
            ("去大连要带外套吗", {"city": "大连"}),
        ],
        "set_alarm": [
            ("早上6点30分叫我。", {"hour": 6, "minute": 30}),
            ("7点15分提醒我坐车", {"hour": 7, "minute": 15, "label": "坐车"}),
        ],
        "send_mail": [("给小林发邮件说午饭取消了。", {"to": ["小林"], "subject": "午饭取消"})],
        "find_train": [
            ("从西安到兰州有车吗？两个人。", {"start": "西安", "end": "兰州", "seats": 2})
        ],
    },
    "ko": {
        "get_weather": [
            ("부산 날씨 어때?", {"city": "부산", "unit": "c"}),
            ("강릉 가는데 외투 필요해?", {"city": "강릉"}),
        ],
        "set_alarm": [
            ("6시 30분에 깨워 줘.", {"hour": 6, "minute": 30}),
            ("7시 15분에 버스 알림", {"hour": 7, "minute": 15, "label": "버스"}),
        ],
        "send_mail": [
            ("민지에게 점심이 취소됐다고 메일 보내 줘.", {"to": ["민지"], "subject": "점심 취소"})
        ],
        "find_train": [
            ("서울에서 대전 가는 기차 2명", {"start": "서울", "end": "대전", "seats": 2})
        ],
    },
}
_OFFER = {
    "en": "You can call these tools:\n{tools}",
    "zh": "你可以调用以下工具：\n{tools}",
    "ko": "다음 도구를 호출할 수 있습니다:\n{tools}",
}


def invalid_tool_call(w: Words) -> Planted:
    name = w.rng.choice(list(_TOOLS))
    prompt, arguments = w.rng.choice(_CALLS[w.language][name])
    others = w.rng.sample([tool for tool in _TOOLS if tool != name], w.rng.randint(0, 2))
    tools = json.dumps([_definition(tool) for tool in sorted([name, *others])])
    shape = w.rng.choice(["bare", "tag", "openai", "tag"])
    good = _call(shape, name, arguments)
    bad = _spoilt(w, shape, name, arguments)
    kind, system = "tool_use/function_call", _OFFER[w.language].format(tools=tools)
    if w.rng.random() < 0.2:
        return Planted(prompt, bad, good, kind, system=system)
    return Planted(prompt, bad, good, kind, tools=tools)


def _definition(name: str) -> Json:
    about, properties, required = _TOOLS[name]
    parameters = {"type": "object", "properties": properties, "required": required}
    parameters["additionalProperties"] = False
    function = {"name": name, "description": about, "parameters": parameters}
    return {"type": "function", "function": function}


def _call(shape: str, name: str, arguments: Any) -> str:
    called = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    if shape == "openai":
        text = (
            arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        )
        function = {"name": name, "arguments": text}
        return json.dumps(
            [{"id": "call_1", "type": "function", "function": function}], ensure_ascii=False
        )
    return f"<tool_call>\n{called}\n</tool_call>" if shape == "tag" else called


def _spoilt(w: Words, shape: str, name: str, arguments: Json) -> str:
    _, properties, required = _TOOLS[name]
    gone = w.rng.choice(required)
    wrong = {"string": 7, "integer": "soon", "array": "all"}[properties[gone]["type"]]
    spoilt: list[tuple[str, Any]] = [
        (f"{name}_now", arguments),
        ("look_up", arguments),
        (name, {key: value for key, value in arguments.items() if key != gone}),
        (name, {**arguments, gone: wrong}),
        (name, {**arguments, gone: None}),
        (name, {**arguments, "urgent": True}),
        (name, {}),
        (name, "soon"),
    ]
    if name == "get_weather":
        spoilt.append((name, {**arguments, "unit": "kelvin"}))
    called = _call(shape, *w.rng.choice(spoilt))
    if shape == "tag" and w.rng.random() < 0.15:
        return _call(shape, name, arguments).replace("}\n</tool", "\n</tool", 1)
    return called
