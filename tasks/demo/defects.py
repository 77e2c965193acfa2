"""The faults that real models show now and then, planted on purpose in a few answers."""

from collections.abc import Callable

from tasks.demo.languages import Language, language_of

_REFUSAL: dict[Language, str] = {
    "en": "I'm sorry, but I can't help with that request.",
    "zh": "抱歉，我无法帮助您完成这个请求。",
    "ko": "죄송하지만 그 요청은 도와드릴 수 없습니다.",
}
_THOUGHTS: dict[Language, str] = {
    "en": "The user wants a clear answer. Let me think about this step by step.",
    "zh": "用户想要一个清楚的回答。让我一步一步地想。",
    "ko": "사용자는 분명한 답을 원한다. 차근차근 생각해 보자.",
}


def _cut_off(answer: str) -> str:
    return answer[: max(1, len(answer) * 3 // 5)]


def _refusal(answer: str) -> str:
    return _REFUSAL[language_of(answer)]


def _empty(_answer: str) -> str:
    return ""


def _thinking(answer: str) -> str:
    return f"<think>\n{_THOUGHTS[language_of(answer)]}\n</think>\n\n{answer}"


def _residue(answer: str) -> str:
    return f"<think>\n{_THOUGHTS[language_of(answer)]}\n{answer}"


def _thinking_aloud(answer: str) -> str:
    return f"{_THOUGHTS[language_of(answer)]}\n\n{answer}"


# Shares of answers; a checkable answer is spoilt in 0.8 % of cases and never made wrong.
_OPEN = (
    (0.02, "cut_off", _cut_off),
    (0.01, "refusal", _refusal),
    (0.01, "empty", _empty),
    (0.02, "thinking", _thinking),
    (0.005, "residue", _residue),
    (0.005, "thinking_aloud", _thinking_aloud),
)
_CHECKABLE = (
    (0.002, "cut_off", _cut_off),
    (0.002, "empty", _empty),
    (0.004, "thinking", _thinking),
)


def spoil(answer: str, chance: float, *, checkable: bool) -> tuple[str, str | None]:
    """Spoil a few answers: (answer, name of the defect or None).

    `chance` in [0, 1) decides which; only cut_off answers end with finish_reason "length".
    """
    table: tuple[tuple[float, str, Callable[[str], str]], ...] = _CHECKABLE if checkable else _OPEN
    for share, name, spoilt in table:
        if chance < share:
            return spoilt(answer), name
        chance -= share
    return answer, None
