"""Rules on wishes that text alone cannot fulfil: a missing file, today's data, a deed.

They fire where the wish is the whole of a short turn that opens a chat, greetings aside: later
turns may speak of what was said before, longer ones may bring it. They never fire where a text
about such a wish is asked for, or where tools and documents may help.
"""

import polars as pl

from schemas.filter_settings import FilterSettings
from schemas.patterns import any_of
from tasks.language import mostly_cjk
from tasks.rules import deeds, missing, today
from tasks.rules.rule import hit
from tasks.traits.pattern import PLAIN, PROMPT
from tasks.traits.trait import has

_WISH, _CHARS = "wish", "wish_chars"
_CJK_WEIGHT = 3  # a Chinese or Korean wish has a third of the characters of an English one
_LEAD = (
    r"^(?:[\s\p{P}]*(?:\b(?:hey|hi|hello|ok|okay|so|please|pls|siri|alexa|google|well|and|then"
    r"|(?:can|could|would|will) you|you can|i (?:want|need|would like|'d like) you to"
    r"|i'd like you to"
    r"|go ahead and|help me|let's|i (?:need|want|would like) to|i'd like to)\b"
    r"|请问|请你|请|麻烦你?|能不能|可以|能|你|帮我|帮忙|我想要?|我要|给我))*[\s\p{P}]*"
)
_TAIL = (
    r"(?:[\s\p{P}~]*(?:\b(?:please|pls|for me|thanks|thank you)\b|谢谢|好吗|吗|吧|一下))*"
    r"[\s\p{P}~]*$"
)
_GREETING = (
    r"^[^\p{L}]*(?:(?:hi|hello|hey|hiya|yo|there|again|good (?:morning|afternoon|evening|day)"
    "|how are you(?: doing)?(?: today)?|你好呀?|您好|嗨|哈喽|早上好|晚上好|在吗"
    r"|안녕(?:하세요|하십니까)?|반가워요?|반갑습니다)[^\p{L}]*)+$"
)
_MOST_GREETINGS, _LONGEST_GREETING = 2, 90  # turns; bytes
_URL = r"https?://\S+"
_FILE = r'"type": ?"[a-z_]*(?:image|file|audio|video|document|media)'


def with_wishes(prompts: pl.LazyFrame, cfg: FilterSettings) -> pl.LazyFrame:
    """Add what the rules here read: a wish without greetings and please, and its weighted length.

    Both are null where the prompt is long, opens no chat, or brings tools or documents.
    """
    opens = ((pl.col("turn") == 0) | _only_greeted()) & ~has("tool_use", "rag")
    short = pl.when(opens & (PROMPT.str.len_chars() <= cfg.max_wish_chars)).then(PROMPT)
    weight = pl.when(mostly_cjk(short)).then(_CJK_WEIGHT).otherwise(1)
    weighed = prompts.with_columns((short.str.len_chars() * weight).alias(_CHARS))
    plain = pl.when(pl.col(_CHARS) <= cfg.max_wish_chars).then(PLAIN)
    bare = plain.str.replace(any_of(_LEAD), "").str.replace(any_of(_TAIL), "")
    return weighed.with_columns(bare.str.replace_all(r"\s+", " ").alias(_WISH))


def missing_attachment(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts about a file, an image or a link that is not there; the value is the length."""
    return _unanswerable(missing.WISHES, missing.TEXTS, cfg, also=~_attached())


def needs_today(cfg: FilterSettings) -> pl.Expr:
    """Drop questions about now: weather, the time, prices, news; the value is the length."""
    return _unanswerable(today.WISHES, today.TEXTS, cfg)


def needs_action(cfg: FilterSettings) -> pl.Expr:
    """Drop orders to book, to call, to switch on a light; the value is the length."""
    return _unanswerable(deeds.WISHES, deeds.TEXTS, cfg)


def _unanswerable(
    wishes: tuple[str, ...],
    texts: tuple[str, ...],
    cfg: FilterSettings,
    also: pl.Expr = pl.lit(value=True),  # noqa: B008
) -> pl.Expr:
    short = pl.col(_CHARS) <= cfg.max_wish_chars
    wished = short & pl.col(_WISH).str.contains(any_of(*wishes)) & also
    said = pl.when(wished).then(PLAIN).str.replace_all(_URL, "")
    alone = ~said.str.contains(any_of(*texts))
    return hit(PROMPT.str.len_chars(), when=alone.fill_null(value=False))


def _only_greeted() -> pl.Expr:
    """Return whether all that the user said before was hello."""
    early = pl.when(pl.col("turn").is_between(1, _MOST_GREETINGS)).then(pl.col("messages"))
    said, role = (pl.element().struct.field(name) for name in ("content", "role"))
    short = said.filter((role == "user") & (said.str.len_bytes() <= _LONGEST_GREETING))
    greetings = early.list.eval(short.str.to_lowercase().str.contains(_GREETING)).list.sum()
    return (greetings == pl.col("turn")).fill_null(value=False)


def _attached() -> pl.Expr:
    parts = pl.element().struct.field("parts")
    return pl.col("messages").list.eval(parts.str.contains(_FILE).fill_null(value=False)).list.any()
