"""Checks that read what was asked for: every promise of the prompt that an answer can break."""

import json

import polars as pl
import pytest

from schemas.settings import CheckSettings
from schemas.task_types import load
from tasks.checks import apply_checks

USER = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
SCHEMA = json.dumps(USER)
TOOLS = json.dumps(
    [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                    "required": ["city"],
                },
            },
        }
    ]
)
WORDS = "one two three four five six seven eight nine ten "
HAN = "春天来了花都开了我们去公园里散步吧"
HANGUL = "봄이 와서 꽃이 피었으니 공원에 산책하러 가자 "
STEPS = "1. Wash it.\n2. Cut it.\n3. Fry it."

# check, prompt, a bad answer, a good one
ASKED = [
    (
        "wrong_language",
        "How do I boil an egg?",
        "先把水烧开，再煮六分钟就好了。",
        "Boil it for six.",
    ),
    (
        "wrong_language",
        "鸡蛋怎么煮才好吃？",
        "Put the egg into boiling water for six minutes.",
        "煮六分钟。",
    ),
    (
        "wrong_language",
        "달걀은 어떻게 삶나요?",
        "Put the egg into boiling water for six minutes.",
        "물에 삶으세요.",
    ),
    (
        "wrong_language",
        "How do I boil an egg?",
        "Faites bouillir de l'eau et plongez l'oeuf dans la casserole.",
        "Boil water and put the egg into the pan.",
    ),
    (
        "equals_prompt",
        "Explain how tides work",
        "explain how tides work.",
        "The moon pulls at the sea.",
    ),
    ("equals_prompt", "请解释一下潮汐是怎么回事", "请解释一下潮汐是怎么回事。", "月亮吸引海水。"),
    (
        "invalid_json",
        "Return the name and age as JSON: Ann is 30.",
        '{"name": "Ann", "age": 30',
        '{"name": "Ann", "age": 30}',
    ),
    (
        "invalid_json",
        "Return the name as JSON. Only return JSON.",
        'Sure! {"name": "Ann"}',
        '{"name": "Ann"}',
    ),
    (
        "invalid_json",
        "请以JSON格式输出姓名和年龄：小红30岁。",
        "姓名：小红，年龄：30",
        '{"姓名": "小红", "年龄": 30}',
    ),
    (
        "invalid_json",
        "이름과 나이를 JSON으로 출력해 줘: 민수, 30",
        '{"이름": "민수", "나이": 30,}',
        '{"이름": "민수", "나이": 30}',
    ),
    (
        "schema_mismatch",
        "Give me JSON with the keys name and age. Ann is 30.",
        '{"name": "Ann"}',
        '{"name": "Ann", "age": 30}',
    ),
    (
        "schema_mismatch",
        "请输出JSON，包含字段：name、age。小红30岁。",
        '{"name": "小红"}',
        '{"name": "小红", "age": 30}',
    ),
    (
        "schema_mismatch",
        f"Extract JSON that fits this schema: {SCHEMA}\nAnn is 30.",
        '{"name": "Ann", "age": "30"}',
        '{"name": "Ann", "age": 30}',
    ),
    (
        "label_not_in_set",
        "Classify as positive, negative or neutral: I like it.",
        "mixed",
        "Positive",
    ),
    ("label_not_in_set", "类别：正面、负面、中性\n这家店真不错。", "开心", "正面"),
    (
        "label_not_in_set",
        "다음 중 하나로 분류하세요: 긍정, 부정, 중립\n정말 좋아요.",
        "행복",
        "긍정입니다",
    ),
    (
        "label_not_in_set",
        "Labels: billing, delivery, returns\nWhere is my parcel?",
        "The label is shipping, I think.",
        "The label is delivery, I think.",
    ),
    (
        "format_missed",
        "Compare tea and coffee in a table.",
        "Tea is mild, coffee is strong.",
        "| a | b |\n|---|---|\n| mild | strong |",
    ),
    (
        "format_missed",
        "请用表格比较茶和咖啡。",
        "茶清淡，咖啡浓。",
        "| 茶 | 咖啡 |\n|---|---|\n| 淡 | 浓 |",
    ),
    (
        "format_missed",
        "Answer in bullet points: what do I need?",
        "You need flour and eggs.",
        "- flour\n- eggs",
    ),
    ("format_missed", "Is it true? Answer only yes or no.", "It depends on the day.", "No."),
    ("format_missed", "地球是圆的吗？只回答是或否。", "地球大致是圆的。", "是"),
    ("format_missed", "Answer in one word: what colour is grass?", "It is green.", "Green."),
    ("format_missed", "한 단어로 답해 줘: 풀은 무슨 색이야?", "풀은 보통 초록색이에요.", "초록"),
    ("format_missed", "Write a greeting in all caps.", "Hello there", "HELLO THERE"),
    ("count_missed", "Give me three tips for frying an egg.", f"{STEPS}\n4. Eat it.", STEPS),
    ("count_missed", "给我列出三条建议。", "1. 多睡\n2. 多动", "1. 多睡\n2. 多动\n3. 多喝水"),
    ("count_missed", "건강 팁 3가지를 알려 줘.", "1. 잠\n2. 물", "1. 잠\n2. 물\n3. 운동"),
    (
        "count_missed",
        "Explain it in two sentences.",
        "It works. It is good. It is cheap.",
        "It works. It is good.",
    ),
    ("count_missed", "用两句话介绍一下。", "它很好。", "它很好。也很便宜。"),
    ("count_missed", "두 문장으로 설명해 줘.", "좋아요. 싸요. 예뻐요.", "좋아요. 싸요."),
    (
        "count_missed",
        "Write two paragraphs about rain.",
        "Rain falls.",
        "Rain falls.\n\nIt is wet.",
    ),
    ("length_missed", "Explain it in at most 20 words.", WORDS * 3, WORDS),
    ("length_missed", "Explain it in at least 30 words.", WORDS, WORDS * 4),
    ("length_missed", "Write about 50 words on rain.", WORDS * 9, WORDS * 5),
    ("length_missed", "Write a 50-word story.", WORDS, WORDS * 5),
    ("length_missed", "请用30字以内说明。", HAN * 3, HAN),
    ("length_missed", "请写一篇不少于四十字的短文。", HAN, HAN * 3),
    ("length_missed", "30자 이내로 설명해 줘.", HANGUL * 3, HANGUL),
    (
        "contradicts_numbers",
        "Summarise: in 2019 sales rose by 14 %.",
        "Sales rose by 41 % in 2019.",
        "Sales rose by 14 %.",
    ),
    (
        "contradicts_numbers",
        "概括：2019年销量增长了14%，达到1.2万台。",
        "销量达到21000台。",
        "销量达到12000台。",
    ),
    (
        "contradicts_numbers",
        "요약: 2019년 매출은 14% 늘었다.",
        "매출은 41% 늘었다.",
        "매출은 14% 늘었다.",
    ),
    (
        "wrong_quotes",
        "What did he say?",
        "He said “come here and left.",
        "He said “come here” and left.",
    ),
    (
        "wrong_quotes",
        "What did he say?",
        "He said «come here» and left.",
        'He said "come here" and left.',
    ),
    ("wrong_quotes", "他说了什么？", "他说“过来，然后走了。", "他说“过来”，然后走了。"),
    (
        "wrong_punctuation",
        "今天天气怎么样？",
        "今天很好,适合出门,带上水.",
        "今天很好，适合出门，带上水。",
    ),
    ("wrong_punctuation", "How is the weather?", "It is fine， go out。", "It is fine, go out."),
    (
        "wrong_punctuation",
        "오늘 날씨 어때?",
        "오늘은 맑아요。 나가세요。",
        "오늘은 맑아요. 나가세요.",
    ),
    (
        "invalid_tool_call",
        "Weather in Rome?",
        '<tool_call>{"name": "get_weather", "arguments": {"town": "Rome"}}</tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Rome"}}</tool_call>',
    ),
    (
        "invalid_tool_call",
        "Weather in Rome?",
        '{"name": "get_forecast", "arguments": {"city": "Rome"}}',
        '{"name": "get_weather", "arguments": {"city": "Rome"}}',
    ),
    (
        "invalid_tool_call",
        "Weather in Rome?",
        '<tool_call>{"name": "get_weather", </tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Rome\\"}"}</tool_call>',
    ),
    (
        "loop",
        "Tell me about rain.",
        "Rain is wet. " + "It falls on the roof and the road. " * 8,
        "Rain is wet. It falls on roofs and roads, and then it runs away into the sea.",
    ),
    ("loop", "说说雨。", "雨下在屋顶上。" * 12, "雨下在屋顶上，也下在路上，最后流进海里去了。"),
    (
        "loop",
        "비에 대해 말해 줘.",
        "비가 옵니다. 비가 옵니다. " * 10,
        "비가 지붕에도 길에도 내리고, 결국 바다로 흘러갑니다.",
    ),
]


def language_of(prompt):
    codes = {"zh": "一-鿿", "ko": "가-힣"}
    found = (
        code for code, signs in codes.items() if pl.Series([prompt]).str.contains(f"[{signs}]")[0]
    )
    return next(found, "en")


KIND_OF = {"label_not_in_set": "classification/sentiment"}
KIND_OF |= {"contradicts_numbers": "summarising/document"}


def defects(prompt, answer, kind="qa/open_qa"):
    row = {
        "prompt": prompt,
        "messages": [{"role": "user", "content": prompt}],
        "tools": TOOLS,
        "answer": answer,
        "finish_reason": "stop",
        "language": language_of(prompt),
        "area": kind.split("/")[0],
        "kind": kind.split("/")[1],
    }
    frame = pl.DataFrame([row])
    return set(apply_checks(frame, CheckSettings(), load())["defects"][0])


@pytest.mark.parametrize(("check", "prompt", "bad", "good"), ASKED)
def test_what_was_asked_for_and_did_not_come_is_named(check, prompt, bad, good):
    kind = KIND_OF.get(check, "qa/open_qa")
    assert check in defects(prompt, bad, kind)
    assert check not in defects(prompt, good, kind)


# prompts that speak of numbers, tables and the like without asking for them
NOT_ASKED = [
    ("What is JSON?", "A way to write data as text."),
    ("Write a Python function that parses JSON.", "```python\nimport json\n```"),
    ("He has 3 dogs and 24 cats. How many pets are there?", "There are 27."),
    ("Set up a table for two at 8.", "Done: two people at eight."),
    ("The sum of two numbers is 10. What may they be?", "They may be 4 and 6, for example."),
    ("List 2 fruits and 3 vegetables.", "- apple\n- pear\n- leek\n- kale\n- chard"),
    ("Give me one or two sentences on rain.", "Rain is wet."),
    ("Write 2-3 tips.", "- sleep\n- drink"),
    ("这三首诗是谁写的？", "都是李白写的。"),
    ("用四字成语形容春天。", "春暖花开"),
    ("写一段话介绍春天。", "春天来了，花都开了。"),
    ("제 강아지 3마리가 아파요.", "병원에 데려가세요."),
    ('How tall is a 12" dog in feet?', 'It is 12" tall, so one foot.'),
    ("Sing the chorus.", "La la la\nHey hey\nLa la la\nHey hey\nLa la la"),
    ("Translate 'hello' into French.", "Bonjour"),
    ("Repeat the word rain 30 times.", "rain " * 30),
    ("두세 문장으로 설명해 줘.", "하나. 둘. 셋. 넷. 다섯."),
    ("用两三句话介绍一下。", "一。二。三。四。五。"),
    ("사다리 50개를 광주로 보내 주세요.", "- 사다리\n- 광주"),
    ("hi there", "Hi there!"),
]


@pytest.mark.parametrize(("prompt", "answer"), NOT_ASKED)
def test_what_was_not_asked_for_is_not_missed(prompt, answer):
    assert defects(prompt, answer) == set()


@pytest.mark.parametrize(
    "prompt",
    [
        "Classify the sentiment: The bakery was dirty and I want to complain.",
        "情感分类：这个外套是星期二定的，物超所值。",
        "意图：今天起密码不对，我只想买闹钟。",
        "의도 분류: 오늘부터 비밀번호가 틀리대요, 우산 사고 싶어요.",
    ],
)
def test_a_text_to_classify_is_no_list_of_labels(prompt):
    assert defects(prompt, "negative", "classification/sentiment") <= {"wrong_language"}


def test_range_and_slack_of_a_length_are_settings():
    answer = " ".join(f"word{n}" for n in range(70))
    row = {"prompt": "Write about 50 words on rain.", "answer": answer, "messages": None}
    row |= {"tools": None, "finish_reason": "stop", "language": "en", "area": "qa", "kind": "x"}
    frame = pl.DataFrame([row])
    assert apply_checks(frame, CheckSettings(length_slack=0.35))["defects"][0].to_list() == [
        "length_missed"
    ]
    assert apply_checks(frame, CheckSettings(length_slack=0.45))["defects"][0].to_list() == []


def test_detail_says_what_was_wanted_and_what_came():
    row = {
        "prompt": "Explain it in at most 20 words.",
        "answer": " ".join(f"word{n}" for n in range(30)),
        "messages": None,
    }
    row |= {"tools": None, "finish_reason": "stop", "language": "en", "area": "qa", "kind": "x"}
    [said] = apply_checks(pl.DataFrame([row]), CheckSettings())["detail"]
    assert said == "at most 20 words were asked for; the answer has 30"


LONG = 20_000  # what took the square of its length would take seconds
EVIL = {
    "blank lines": "\n" * LONG + "“x",
    "dots": "." * LONG + "a",
    "brackets": "(a," * (LONG // 3),
    "braces": '{"a": ' * (LONG // 6),
    "arrays": "[" * LONG,
    "tags": "<" * LONG,
    "backticks": "`" * LONG,
    "fences": "```\n" * (LONG // 4),
    "a long number": "9" * LONG,
    "quotation marks": '"' * LONG,
    "bullets": "- \n" * (LONG // 3),
    "one word": "a" * LONG,
    "many words": "as or and " * (LONG // 10),
    "surrogates": "\ud800".encode("utf-8", "replace").decode() * 9,
}
WANTS = (
    "Classify into labels: a, b, c. Write exactly 9 words, 3 items, in a table, as JSON with keys "
    "a and b, in two sentences, and answer yes or no: "
)


@pytest.mark.sampled(10)
@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("kind", ["classification/sentiment", "summarising/document"])
def test_no_text_stops_or_hangs_a_check(name, kind):
    for prompt, answer in ((WANTS, EVIL[name]), (WANTS + EVIL[name], "Fine."), (EVIL[name],) * 2):
        defects(prompt, answer, kind)
        defects(prompt, answer + '{"a": 1}', kind)


SCHEMAS = [
    {"properties": {"a": 5}},
    {"properties": {"a": {"type": "nonsense"}}},
    {"properties": {"a": {"$ref": "http://127.0.0.1:9/a.json"}}},
    {"properties": {"a": {"$ref": "#/nowhere"}}},
    {"properties": {"a": {"pattern": "(a+)+$"}}},
    {"properties": {}, "required": "a"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=range(len(SCHEMAS)))
def test_a_schema_that_is_none_breaks_no_check(schema):
    said = json.dumps({"a": "a" * 60 + "b"})
    assert defects(f"Return JSON for this schema: {json.dumps(schema)}", said) == set()


@pytest.mark.parametrize("tools", ["", "x", "[]", "{}", "[1]", '[{"name": "f", "parameters": 3}]'])
def test_tools_of_any_shape_break_no_check(tools):
    row = {"prompt": "Do it.", "messages": None, "tools": tools, "finish_reason": "stop"}
    row |= {"answer": '{"name": "f", "arguments": {"a": 1}}', "language": "en"}
    apply_checks(pl.DataFrame([row | {"area": "tool_use", "kind": "x"}]), CheckSettings())
