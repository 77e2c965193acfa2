"""Rules on what this flywheel is for."""

import polars as pl

from schemas.filter_settings import FilterSettings
from schemas.patterns import any_of
from tasks.language import UNDETERMINED
from tasks.rules.rule import hit
from tasks.traits.pattern import PLAIN, PROMPT, times

_ENGLISH = (
    r"\b(?:the|what|what's|how|you|your|my|and|are|this|that|with|please|can|should|would|does|when"
    r"|which|who|where|why|help|tell|make|need|want)\b"
)
# A request in this language about a text in another one.
_ABOUT = {
    "en": r"^[^a-z]*(?:(?:please|pls|can|could|you|help me) )*(?:(?:translate|proofread|explain"
    r"|summari[sz]e)\b|(?:correct|check|fix|improve|rewrite) (?:my|this|these|the)\b)"
    r"|\b(?:in|to|into) english\b",
    "zh": "翻译|翻譯|译成|解释|什么意思|怎么[读说]|纠正|用中文",
    "ko": "번역|해석해|설명해|한국어로|무슨 뜻|뜻이",
}
GOES_ON = pl.col("goes_on")
_LONGEST = 60  # characters; what says more is no bare continuation
# Answers such as yes, no, 네 or B are left out: they decide what comes next. So are "more" and
# "next": they ask for something.
_GO_ON = (
    "(?:yes |yeah |please |pls |just |now )*(?:continue|go on|go ahead|proceed|keep going|carry on"
    "|keep writing)(?: writing| from where you (?:left off|stopped))?(?: please| pls)?",
    "(?:是的? ?|对 ?|请|那|你)*(?:继续|接着)(?:说|写|讲|下去|往下|回答|生成|输出|完成)*吧?",
    "[네예응]? ?(?:계속|이어서) ?(?:해서?|써|말해|작성해|진행해|계속해)? ?(?:줘|주세요|줘요|봐)?",
)
_THANKS = (
    "(?:many )?(?:thanks|thank(?: ?you| u)|thx|tysm|ty|tks)"
    "(?: (?:you|u|so much|very much|a lot|again|mate|man|bro|for (?:your|the|all) help|for that))*",
    "(?:非常|太|十分)?(?:谢谢|多谢|感谢|谢了|谢啦)(?:你|您|了|啦|的|帮助|回答)*",
    "[네예]? ?(?:정말 |너무 )?(?:고마워|고맙습니다|감사합니다|감사해|감사)[요용]?|ㄱㅅ|ㄳ",
)
_FINE = (
    "ok|okay|okey|alright|got it|i see|understood|noted|cool|great|perfect|awesome|very good"
    "|good job|well done|nice(?: one)?|excellent|wonderful|amazing|sounds good",
    "好的?吧?|好滴|嗯+|哦+|我?知道了|我?明白了?|了解|收到|懂了|原来如此|不错|很好|太好了|可以了",
    "오케이|ㅇㅋ|알겠어요?|알겠습니다|알았어요?|그렇구나|그렇군요",
)
_BARE = rf"^(?:(?:{'|'.join((*_GO_ON, *_THANKS, *_FINE))}) ?)+$"


def language_not_wanted(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts in a language outside `languages`; one that cannot be told is kept.

    Short English is often taken for another language: two words that only English has are proof.
    So is a wanted language that asks to translate, to correct or to explain.
    """
    wanted = [*cfg.languages, UNDETERMINED]
    other = ~pl.col("language").fill_null(UNDETERMINED).is_in(wanted)
    english = pl.lit("en" in cfg.languages) & (times(_ENGLISH) > 1)
    text = pl.when(other).then(PLAIN)
    about = (text.str.contains(any_of(_ABOUT[code])) for code in cfg.languages if code in _ABOUT)
    asks = pl.any_horizontal(pl.lit(value=False), *about)
    return hit(pl.lit(1), when=other & pl.lit(bool(cfg.languages)) & ~english & ~asks)


def bare_continuation(cfg: FilterSettings) -> pl.Expr:
    """Drop "continue", "thanks" and "ok" with nothing else; the value is the length.

    They teach nothing by themselves. Where whole chats are wanted (`keep_continuations`), only
    those that open a chat go.
    """
    lone = (pl.col("turn") == 0) | pl.lit(not cfg.keep_continuations)
    return hit(PROMPT.str.len_chars(), when=lone & GOES_ON)


def with_continuations(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add GOES_ON: whether a prompt says "continue", "thanks" or "ok" and nothing else."""
    short = pl.when(PROMPT.str.len_chars() <= _LONGEST).then(PLAIN)
    words = short.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return prompts.with_columns(words.str.contains(_BARE).fill_null(value=False).alias("goes_on"))
