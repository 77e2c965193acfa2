"""Settings of filter: which rules are asked, and where their limits lie."""

import re
from difflib import get_close_matches
from typing import Annotated

from pydantic import Field, field_validator

from schemas.rule_names import RULE_NAMES
from schemas.settings_base import Settings

Limit = Annotated[int, Field(le=1_000_000_000)]  # what Polars can count to is not much more


class FilterSettings(Settings):
    """Limits used by tasks/rules and tasks/traits.

    "Measured" is on 50,263 public prompts: arena-hard, OASST en and zh, CLINC150, BANKING77,
    MT-bench, BELLE, self-instruct, prompts.chat and the Korean chatbot set.
    """

    off: tuple[str, ...] = Field((), description="Rules that are not asked")
    tag_only: tuple[str, ...] = Field(
        ("jailbreak", "injection", "toxic"), description="Rules that make a trait and drop nothing"
    )
    min_chars: Limit = Field(4, ge=0, description="Shorter prompts are dropped, in characters")
    min_chars_cjk: Limit = Field(
        2,
        ge=0,
        description="The same where Han, Kana or Hangul prevail: two can be a task",
    )
    max_chars: Limit = Field(20_000, ge=1, description="Longer prompts are dropped, in characters")
    max_tokens: Limit = Field(
        8_000, ge=1, description="Prompts of more estimated tokens are dropped, in tokens"
    )
    max_context_tokens: Limit = Field(
        8_000,
        ge=1,
        description="Oldest messages go until a prompt and its context fit, in estimated tokens",
    )
    languages: tuple[str, ...] = Field(
        ("en", "zh", "ko"), description="ISO 639-1 codes to keep; und always passes; () keeps all"
    )
    # a question about such characters has .1 to .25, a text read in the wrong encoding over .5
    max_undecoded: float = Field(
        0.3, ge=0, le=1, description="Share of characters that could not be decoded"
    )
    keep_continuations: bool = Field(
        False, description='Keep "continue" and "thanks" inside a chat, to have it whole'
    )
    min_gibberish_chars: Limit = Field(
        10,
        ge=1,
        description="Shorter prompts are never called noise, in visible characters",
    )
    # data-juicer's alpaca-cot recipes: alphanumeric_filter min_ratio .1; measured: .05 and .47
    min_alphanumeric: float = Field(
        0.1, ge=0, le=1, description="Less letters and digits, as a share, is noise"
    )
    # measured: .65 is a drawing below a request, then .57
    max_one_character: float = Field(
        0.6, ge=0, le=1, description="More of one character, as a share, is noise"
    )
    min_packed_chars: Limit = Field(
        200, ge=1, description="Shorter prompts are never compressed, in characters"
    )
    # measured: .17 is the least; .25 would lose three of 50,263, all of them requests
    min_compression: float = Field(
        0.1, ge=0, le=1, description="Less zlib output per input, in bytes, is noise"
    )
    min_repetitive_chars: Limit = Field(
        60,
        ge=10,
        description="Shorter ones never repeat themselves, in characters; CJK counts double",
    )
    # measured: .64 is the most, a list of titles that all begin alike
    max_repetition: float = Field(
        0.8, ge=0, le=1, description="A larger share of repeated 10-grams is noise"
    )
    max_mash: float = Field(0.5, ge=0, le=1, description="A larger share of keyboard runs is noise")
    # 27 Latin or 14 Chinese characters; the one question that a chat of OASST repeats has 9
    min_repeat_tokens: Limit = Field(
        8, ge=0, description="Shorter turns may repeat within a chat, in estimated tokens"
    )
    # LMSYS-Chat-1M keeps at most the 99.99th percentile of identical prompts of its whole log
    max_same_template: Limit = Field(
        500, ge=1, description="First turns alike but for numbers, per day"
    )
    max_same_template_per_user: Limit = Field(50, ge=1, description="The same of one user, per day")
    max_wish_chars: Limit = Field(
        300, ge=1, description="Longer prompts bring the file they speak of, in characters"
    )
    long_context_tokens: Limit = Field(
        4_000,
        ge=1,
        description="Estimated tokens from which a conversation is long_context",
    )
    min_constraints: Limit = Field(
        3,
        ge=1,
        description="Kinds of constraints from which a prompt is complex_instruction",
    )
    toxic_words: tuple[str, ...] = Field(
        (), description="Your word lists for the trait toxic: UTF-8 files, one word per line"
    )

    @field_validator("languages")
    @classmethod
    def _are_codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        odd = next((code for code in codes if not re.fullmatch("[a-z]{2}", code)), None)
        if odd is not None:
            raise ValueError(f"{odd!r} is no ISO 639-1 code: two small letters, as in 'en' or 'zh'")
        return codes

    @field_validator("off", "tag_only")
    @classmethod
    def _are_rules(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = next((name for name in names if name not in RULE_NAMES), None)
        if unknown is not None:
            near = get_close_matches(unknown, RULE_NAMES, n=1, cutoff=0)[0]
            raise ValueError(f"there is no rule {unknown!r}; the nearest known one is {near!r}")
        return names
