"""10,000 answers of a model that reasons in six styles, or not at all."""

import random
from dataclasses import dataclass

import polars as pl
import pytest

from schemas.settings import CheckSettings
from tasks.checks import apply_checks
from tasks.checks.reasoning import split_reasoning

ANSWERS = 10_000

PROMPTS = {
    "en": ["How many eggs fit in {n} boxes of six?", "Which bus reaches the harbour by {n}?"],
    "zh": ["{n}个纸箱一共能装多少个鸡蛋？", "坐哪路车能在{n}点前到码头？"],
    "ko": [
        "상자 {n}개에 달걀이 몇 개 들어가나요?",
        "{n}시 전에 항구에 도착하는 버스는 무엇인가요?",
    ],
}
# Sentences that only reasoning holds, each with a number that no answer holds.
THOUGHTS = {
    "en": [
        "Six eggs go in a box, so {n} boxes need a product.",
        "Wait, I should check whether {n} counts the broken ones.",
        "That would be {n} if the first box is full.",
        "Maybe they mean the small box of {n}; no, the large one is usual.",
        "1. Multiply by {n}.\n2. Take away the rest.",
    ],
    "zh": [
        "一个箱子装六个，那么{n}个箱子要用乘法。",
        "等一下，{n}里面有没有算上坏掉的？",
        "如果第一箱是满的，就应该是{n}。",
        "也可能指的是小箱{n}号，不过一般是大箱。",
        "1. 先乘以{n}。\n2. 再减去剩下的。",
    ],
    "ko": [
        "상자 하나에 여섯 개씩이니 {n}개는 곱셈으로 구한다.",
        "잠깐, {n}에 깨진 것도 들어가는지 확인해야 한다.",
        "첫 상자가 가득 찼다면 {n}이 된다.",
        "작은 상자 {n}호일 수도 있지만 보통은 큰 상자이다.",
        "1. {n}을 곱한다.\n2. 나머지를 뺀다.",
    ],
}
REPLIES = {
    "en": [
        "Forty-two eggs fit.",
        "Take line four and get off at the market.",
        "Put the eggs in the **large** box:\n\n- two rows\n- three in each\n\nThen close the lid.",
        "Use this:\n\n```python\ndef think(boxes):\n    return boxes * 6  # Answer: eggs\n```",
        "Let me explain. A box holds six eggs, and a crate holds seven boxes.",
        "I think the harbour line is safer.\n\n| line | stop |\n|---|---|\n| four | pier |",
    ],
    "zh": [
        "一共能装四十二个鸡蛋。",
        "坐四路车，在菜市场站下车。",
        "请用**大箱**：\n\n- 两排\n- 每排三个\n\n最后盖好盖子。",
        "可以这样写：\n\n```python\ndef think(boxes):\n    return boxes * 6\n```",
        "我来解释一下：一个纸箱装六个，七箱正好装满。",
    ],
    "ko": [
        "달걀이 모두 마흔두 개 들어갑니다.",
        "사 번 버스를 타고 시장에서 내리세요.",
        "**큰 상자**를 쓰세요.\n\n- 두 줄\n- 줄마다 세 개\n\n그다음 뚜껑을 닫습니다.",
        "이렇게 쓰면 됩니다.\n\n```python\ndef think(boxes):\n    return boxes * 6\n```",
        "설명해 드릴게요. 상자 하나에 여섯 개가 들어가므로 일곱 상자면 충분합니다.",
    ],
}
# Answers that look like reasoning and are none; with the prompt that asked for them.
PLAIN = [
    (None, "Answer: forty-two.\n\nAnswer in full: there are seven boxes of six."),
    (None, "## Answer\n\nForty-two eggs.\n\n## Explanation\n\nSeven boxes hold six each."),
    (None, "Question: how many?\nAnswer: forty-two.\n\n---\n\nTell me if the boxes differ."),
    (None, "Let me know how large the boxes are; I think six is usual."),
    (None, "My reasoning would be wrong for small boxes. Use the large one."),
    (
        "How do <think> tags work?",
        "Wrap it so:\n\n```xml\n<think>\nsums\n</think>\n42\n```\n\nDone.",
    ),
    ("How do <think> tags work?", "Text between `<think>` and `</think>` is not shown."),
    ("What is a reasoning fence?", "````md\n```thinking\nsums\n```\n````\n\nIt hides the sums."),
    (
        "Show your steps: 6 * 7",
        "Step 1: 6 * 7 is 6 * 5 + 6 * 2.\nStep 2: 30 + 12.\n\n**Answer:** 42",
    ),
    (
        "Think step by step: 6 * 7?",
        "Let's think step by step.\n\n6 * 5 = 30, and 12 more.\n\nAnswer: 42",
    ),
    ("请写出解题过程：6乘7", "解题过程：6乘5得30，再加12。\n\n答案：42"),
    (None, "答案：四十二个。\n\n理由：每箱六个，一共七箱。"),
    (None, "首先，把鸡蛋擦干净；其次，每箱放六个。"),
    ("풀이 과정을 보여 주세요: 6 곱하기 7", "풀이 과정: 6에 5를 곱하고 12를 더한다.\n\n정답: 42"),
    (None, "정답: 마흔두 개입니다.\n\n해설: 상자마다 여섯 개씩 들어갑니다."),
    (None, "먼저 달걀을 닦고, 상자마다 여섯 개씩 넣으세요."),
]
TALK = {
    "en": [
        "Let me think about this step by step.",
        "Okay, let me think.",
        "Hmm, that depends.",
        "Okay, so the user wants a number.",
        "The user is asking about boxes.",
        "First, let me analyze the question.",
        "I need to figure out what counts.",
        "Let's think this through.",
    ],
    "zh": [
        "首先让我分析一下这个问题。",
        "首先让我分析题目。",
        "让我想想。",
        "好的，让我一步一步地思考。",
        "嗯，用户想知道数量。",
        "我需要先思考一下。",
        "让我们先分析题意。",
    ],
    "ko": [
        "먼저 차근차근 생각해 보겠습니다.",
        "음, 한번 생각해 보자.",
        "사용자는 개수를 묻고 있다.",
        "우선 문제를 분석해 보겠습니다.",
        "단계별로 따져 보겠습니다.",
    ],
}
MARKS = {
    "en": ["Answer:", "Final answer:", "**Answer**", "**Final Answer:**", "---\n\nAnswer:", "---"],
    "zh": ["答案：", "最终答案：", "回答：", "**答案：**", "最终回答：", "---"],
    "ko": ["답:", "정답:", "최종 답변:", "**정답:**", "답변:", "---"],
}
HEADS = {
    "en": ["Reasoning", "Thought process", "Thinking", "Chain of thought"],
    "zh": ["思考", "思考过程", "推理过程", "分析过程"],
    "ko": ["풀이 과정", "사고 과정", "추론 과정", "생각 과정"],
}
ENDS = {"en": ["Answer", "Final Answer"], "zh": ["答案", "最终答案"], "ko": ["답", "최종 답변"]}
TAGS = ["think", "thinking", "reasoning", "THINK", "Thinking", "Reasoning"]
RESIDUE = ("<think", "</think", "<reasoning", "</reasoning", "```thinking", "```reasoning")


@dataclass
class Said:
    style: str
    prompt: str
    text: str
    reply: str
    thoughts: list[str]


def thoughts_of(rng, language, *, prose):
    """Two to five sentences of reasoning; prose has no lists, as a rule across it needs."""
    pool = [text for text in THOUGHTS[language] if not (prose and "\n" in text)]
    return [
        rng.choice(pool).format(n=rng.randrange(1_000, 9_999)) for _ in range(rng.randint(2, 5))
    ]


def in_tags(rng, language, inner, reply):
    tag = rng.choice(TAGS)
    about = rng.choice(["", "", ' type="x"', ' effort="high" n="2"'])
    opened = f"<{tag}{about}>"
    first, _, rest = inner.partition("\n")
    mark = rng.choice([mark for mark in MARKS[language] if mark != "---"])
    return rng.choice(
        [
            f"{opened}\n{inner}\n</{tag}>\n\n{reply}",
            f"{opened}{inner}</{tag}>{reply}",
            f"\n{opened}\n\n{inner}\n\n</{tag}>\n\n\n{reply}\n",
            f"{opened}{first}\n<{tag}>{rest}</{tag}>\n</{tag}>\n{reply}",
            f"{opened}\nI open <{tag}> here.\n{inner}\n</{tag}>\n{reply}",
            f"{opened}\n{inner}\n\n{mark}\n{reply}",
            f"{opened}\n{inner}\n</{tag}>\n<answer>\n{reply}\n</answer>",
            f"{inner}\n</{tag}>\n\n{reply}",
            f"{opened}\n{first}\n</{tag}>\n\n<{tag}>\n{rest}\n</{tag}>\n\n{reply}",
            f"{opened}\n{inner}\n```python\n6 * 7\n</{tag}>\n\n{reply}",
        ]
    )


def in_fences(rng, language, inner, reply):
    name = rng.choice(["thinking", "reasoning", "Thinking"])
    return rng.choice(
        [
            f"```{name}\n{inner}\n```\n\n{reply}",
            f"``` {name}\n{inner}\n```\n{reply}",
            f"```{name}\n{inner}\n```python\n6 * 7\n```\n```\n\n{reply}",
            f"~~~{name}\n{inner}\n~~~\n\n{reply}",
        ]
    )


def aloud(rng, language, inner, reply):
    mark, gap = rng.choice(MARKS[language]), rng.choice(["\n", "\n\n"])
    same_line = (
        mark != "---" and not mark.startswith("**") and "\n" not in reply and rng.random() < 0.5
    )
    return f"{inner}\n\n{mark}{' ' if same_line else gap}{reply}"


def headed(rng, language, inner, reply):
    head, end = rng.choice(HEADS[language]), rng.choice(ENDS[language])
    form = rng.choice(
        ["## {}\n\n", "### {}\n", "**{}**\n\n", "**{}:**\n", "【{}】\n", "【{}】", "{}:\n"]
    )
    return f"{form.format(head)}{inner}\n\n{form.format(end)}{reply}"


STYLES = {
    "tags": (in_tags, ("en", "zh", "ko")),
    "fences": (in_fences, ("en", "zh", "ko")),
    "let me think": (aloud, ("en",)),
    "首先让我分析": (aloud, ("zh",)),
    "풀이 과정": (aloud, ("ko",)),
    "headed": (headed, ("en", "zh", "ko")),
    "none": (None, ("en", "zh", "ko")),
    "never marked": (None, ("en", "zh", "ko")),
}


def said(rng):
    style = rng.choice(list(STYLES))
    write, languages = STYLES[style]
    language = rng.choice(languages)
    prompt = rng.choice(PROMPTS[language]).format(n=rng.randrange(100))
    reply = rng.choice(REPLIES[language])
    if style == "none":
        asked, text = rng.choice([*PLAIN, (None, reply), (None, f"  {reply}\n")])
        return Said(style, asked or prompt, text, text, [])
    thoughts = thoughts_of(rng, language, prose=write is aloud)
    if write in (aloud, None):
        thoughts.insert(0, rng.choice(TALK[language]))
    if style == "풀이 과정" and rng.random() < 0.5:
        thoughts[0] = rng.choice(["풀이 과정: 달걀을 센다.", "**풀이 과정**\n달걀을 센다."])
    inner = rng.choice(["\n", "\n\n"]).join(thoughts)
    text = write(rng, language, inner, reply) if write else f"{inner}\n\n{reply}"
    return Said(style, prompt, text, reply, [line for t in thoughts for line in t.split("\n")])


@pytest.fixture(scope="module")
def answers():
    """(what was said, the answer, the reasoning, the defects), for each of 10,000."""
    rng = random.Random(7)
    everything = [said(rng) for _ in range(ANSWERS)]
    split = [split_reasoning(one.text, one.prompt) for one in everything]
    unset = {"finish_reason": "stop", "language": "en", "area": "qa", "kind": "how_to"}
    unset |= {"messages": None, "tools": None}
    frame = pl.DataFrame(
        [
            {"prompt": one.prompt, "answer": answer, "reasoning": thought, **unset}
            for one, (answer, thought) in zip(everything, split, strict=True)
        ],
        infer_schema_length=None,
    )
    found = [
        [name for name in names if name == "reasoning_residue"]
        for names in apply_checks(frame, CheckSettings())["defects"].to_list()
    ]
    return [
        (one, answer, thought, defects)
        for one, (answer, thought), defects in zip(everything, split, found, strict=True)
    ]


def of_style(answers, *styles, but=()):
    rows = [row for row in answers if (not styles or row[0].style in styles)]
    return [row for row in rows if row[0].style not in but]


def test_no_answer_to_train_on_has_a_trace_of_reasoning(answers):
    for one, answer, _, defects in of_style(answers, but=("none",)):
        assert defects or not [thought for thought in one.thoughts if thought in answer], one.text
        assert defects or not [mark for mark in RESIDUE if mark in answer.lower()], one.text


def test_all_reasoning_that_was_taken_out_is_in_its_column(answers):
    marked = of_style(answers, but=("none", "never marked"))
    heads = ("풀이 과정: ", "**풀이 과정**")
    for one, _, thought, defects in marked:
        wanted = [text.removeprefix(heads[0]) for text in one.thoughts if text != heads[1]]
        assert defects or not [text for text in wanted if text not in thought], one.text


def test_marked_reasoning_is_split_and_the_answer_kept_to_the_letter(answers):
    marked = of_style(answers, but=("none", "never marked"))
    assert len(marked) > 7_000
    for style in STYLES.keys() - {"none", "never marked"}:
        rows = of_style(answers, style)
        kept = [one for one, answer, _, _ in rows if answer == one.reply]
        assert len(kept) >= 0.99 * len(rows), (style, len(kept), len(rows))


def test_answers_without_reasoning_stay_byte_for_byte(answers):
    for one, answer, thought, defects in of_style(answers, "none"):
        assert (answer, thought, defects) == (one.text, None, [])


def test_reasoning_that_nothing_marks_stays_whole_and_is_found(answers):
    for one, answer, thought, defects in of_style(answers, "never marked"):
        assert (answer, thought, defects) == (one.text, None, ["reasoning_residue"])
