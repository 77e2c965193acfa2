"""Texts for the tests of tasks/similarity, made by seed: English, Chinese and Korean requests."""

import random
import unicodedata
from pathlib import Path

import polars as pl
import pytest

from tasks.similarity import compiled

WORDS = {
    "en": """please describe compare explain summarise garden engine river teacher market winter
        quiet broken modern ancient between without because the a of and with for under slowly
        carefully bicycle recipe contract invoice meeting travel planet harbour""",
    "zh": """请 介绍 比较 解释 总结 花园 发动机 河流 老师 市场 冬天 安静 损坏 现代 古老 之间 没有
        因为 的 和 为了 下面 仔细 慢慢 自行车 菜谱 合同 发票 会议 旅行 行星 港口 天气 音乐""",
    "ko": """설명해 비교해 요약해 정원에서 엔진을 강가의 선생님은 시장에 겨울에는 조용한 고장난
        현대적인 오래된 사이에 없이 때문에 그리고 위해 아래 천천히 자전거를 요리법 계약서 청구서""",
}
BLANK = {"en": " ", "zh": "", "ko": " "}


def request(rng: random.Random, language: str) -> str:
    """Make a request of 25 to 60 words that no other request is near to."""
    words = rng.choices(WORDS[language].split(), k=rng.randint(25, 60))
    words.insert(rng.randrange(len(words)), str(rng.randint(2, 9_999)))
    return BLANK[language].join(words)


def edited(rng: random.Random, language: str, text: str) -> str:
    """Change a text as users do: slips, other words, other case or form, another number."""
    kind = rng.choice(["slips", "words", "form", "number"])
    if kind == "form":
        return unicodedata.normalize("NFD", text.upper()).replace(" ", "  ")
    if kind == "number":
        return text.translate(str.maketrans("0123456789", "9876543210"))
    chars = list(text)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(chars))
        if not chars[at].isdigit():
            chars[at] = rng.choice(WORDS[language].split()) if kind == "words" else "x"
    return "".join(chars)


@pytest.fixture(scope="session")
def planted():
    """Rows `id`, `text`, `salt` (the language): each request, and most of them edited, mixed."""
    rng = random.Random(7)
    rows = []
    for language in WORDS:
        for _ in range(110):
            text = request(rng, language)
            rows += [(language, text)]
            rows += [(language, edited(rng, language, text)) for _ in range(rng.randint(0, 3))]
    rng.shuffle(rows)
    return pl.DataFrame(
        [(f"r{n}", text, language) for n, (language, text) in enumerate(rows)],
        ["id", "text", "salt"],
        orient="row",
    )


@pytest.fixture(scope="session")
def banking77():
    """Ten thousand short customer questions, from the folder of real data beside the project."""
    path = Path(__file__).parents[3].parent / "shared/data/banking77/train.csv.zst"
    if not path.exists():
        pytest.skip("not run: no ../shared/data/banking77")
    return pl.read_csv(path)


@pytest.fixture
def compiled_only(monkeypatch):
    """Compile however few rows there are; skip where there is nothing to compile with."""
    monkeypatch.setattr(compiled, "MANY", 0)
    if not compiled.AVAILABLE:
        pytest.skip("not run: no numba, which the [fast] extra installs")
