"""The three languages of the demo, and how to tell them apart."""

import re
from typing import Literal

Language = Literal["en", "zh", "ko"]

LANGUAGES: tuple[Language, ...] = ("en", "zh", "ko")

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def language_of(text: str) -> Language:
    """Tell the language by script: any Hangul is Korean, else any Han is Chinese, else English."""
    if _HANGUL.search(text):
        return "ko"
    return "zh" if _HAN.search(text) else "en"
