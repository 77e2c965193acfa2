"""The logged assistant, version 0: sometimes right, often wrong or rambling."""

import re
from random import Random

from tasks.demo.languages import Language, language_of

MODEL = "assistant-v0"

_RAMBLING: dict[Language, tuple[str, ...]] = {
    "en": (
        "Thank you for this interesting question! As always there are many sides to it. {}",
        "Well, let me see, people ask me this a lot and I am happy to help where I can. {}",
        "Great that you ask! Before anything else, please note that I may be mistaken. {}",
    ),
    "zh": (
        "感谢您提出这么有意思的问题！这个问题有很多方面。{}",
        "嗯，让我想想，很多人都问过我这个，我很乐意帮忙。{}",
    ),
    "ko": (
        "정말 흥미로운 질문 감사합니다! 여러 면에서 볼 수 있는데요. {}",
        "음, 많은 분들이 물어보시는데 기꺼이 도와드릴게요. {}",
    ),
}
_VAGUE: dict[Language, tuple[str, ...]] = {
    "en": (
        "It depends on many things, so it is hard to say in general.",
        "There are various ways and each has pros and cons. You could look it up.",
        "That is a matter of taste. Some do it one way, some another.",
        "Please be aware that results differ from person to person.",
    ),
    "zh": (
        "这要看很多因素，一般来说很难讲。",
        "方法有很多，各有优缺点，可以上网查一下。",
        "这是个人喜好的问题，有人这样，有人那样。",
    ),
    "ko": (
        "여러 가지에 따라 다르기 때문에 한마디로 말하기 어렵습니다.",
        "방법은 다양하고 장단점이 있으니 검색해 보시면 좋겠습니다.",
        "취향의 문제라서 사람마다 다릅니다.",
    ),
}
_DODGE: dict[Language, str] = {
    "en": "I am not quite sure about this one.",
    "zh": "这个我不太确定。",
    "ko": "이건 잘 모르겠습니다.",
}


def reply(rng: Random, prompt: str, truth: str | None) -> tuple[str, bool]:
    """Answer as version 0 would: (text, whether a user would be content with it).

    `truth` is the right answer of a checkable prompt. Four in ten of those are answered well, two
    in ten buried in words, the rest wrong. Open prompts always get something vague.
    """
    language = language_of(prompt)
    if truth is None:
        return rng.choice(_VAGUE[language]), rng.random() < 0.3
    luck = rng.random()
    if luck < 0.4:
        return truth, True
    said = truth if luck < 0.6 else _mistaken(rng, truth, language)
    return (rng.choice(_RAMBLING[language]).format(said) if luck < 0.8 else said), False


def _mistaken(rng: Random, truth: str, language: Language) -> str:
    """Change the last digit of the truth; what has no digits is dodged."""
    digits = list(re.finditer(r"\d", truth))
    if not digits:
        return _DODGE[language]
    at = digits[-1].start()
    wrong = (int(truth[at]) + rng.randint(1, 9)) % 10
    return f"{truth[:at]}{wrong}{truth[at + 1 :]}"
