"""The trait of prompts that are badly typed and still mean something: worth learning to read."""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.language import CJK
from tasks.traits.pattern import PROMPT, lines, says

# The end of a sentence that was not written.
_UNFINISHED = (
    r"[a-z']+ [a-z']+ [a-z']+ (?:and|or|but|because|the|if)\s*$",
    r"[a-z']+ [a-z']+ [a-z']+ [a-z']+,\s*$",
    r"[a-z']+ [a-z']+ [a-z']+ how to\s*$|\bwonder(?:ing|ed)? if you (?:could|can|would)\s*$",
    rf"{CJK}{{4,}}(?:[,，、]|和|或者|因为|但是|如果|而且|以及|的话)\s*$",
    r"[가-힣 ]{6,}(?:그리고|그런데|하지만|때문에|만약|라면|는데,)\s*$",
)
# A loose vowel behind a syllable: 안녕하세ㅛ. ㅜ, ㅠ and ㅡ draw faces.
_LOOSE_VOWEL = "[가-힣][ㅏ-ㅛㅝ-ㅟㅢㅣ]"
_MIXED_WORD = r"[A-Za-z]\p{Cyrillic}|\p{Cyrillic}[A-Za-z]"
# Chinese with two English words inside; capitals are names and abbreviations.
_EMBEDDED = rf"{CJK} ?[a-z]{{2,20}} ?{CJK}[^a-z\n]*[a-z]{{2,20}}(?: ?{CJK}|$)"
_ENGLISH_ABOUT = rf"\b(?:how|want) to (?:make|cook|eat|use|buy|find|get)(?: [a-z]+)? {CJK}"


def robustness(_: FilterSettings) -> pl.Expr:
    """Find typos, romanised Chinese and Korean, mixed scripts and sentences without an end.

    Only marks that keyboard noise does not have: this trait protects from the rules on noise.
    """
    words = "|".join((*lines("misspelt.txt"), *lines("romanised.txt")))
    typed = says(rf"\b(?:{words})\b", *_UNFINISHED, _ENGLISH_ABOUT)
    return typed | PROMPT.str.contains(f"{_LOOSE_VOWEL}|{_MIXED_WORD}|{_EMBEDDED}")
