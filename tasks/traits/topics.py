"""What turns are about, as words: computed once, before the traits that compare them."""

import polars as pl

from tasks.context import CONTEXT_CUT
from tasks.traits.pattern import PLAIN, lines, says
from tasks.traits.trait import has

REPLY = pl.col("reply")  # a turn that follows an answer, in lower case; null for all others
TOPIC, TOPIC_BEFORE = pl.col("topic"), pl.col("topic_before")  # its words; those of the ask before
SHARED = pl.col("shared")  # how many words the two have in common
SHARED_WITH_CHAT = pl.col("shared_with_chat")  # with all before; null where SHARED says enough

# The first four letters of Latin words, Han characters, pairs of Hangul.
_WORD = r"\b[a-z]{4}|\p{Han}|[가-힣]{2}".replace(r"\b", r"(?-u:\b)")
_FUNCTION_STEMS = sorted({word[:4] for word in lines("function_words.txt")})
_MIN_TOPIC = 4  # words that a turn needs before it can have a topic of its own
_REFERS = (
    r"\b(?:it|its|this|that|these|those|they|them|he|she|him|her|his|above|previous|earlier|last"
    r"|first|second|third|one|ones|instead|also|more|another|same|again|else|shorter|longer"
    r"|rewrite|your|now|ok|okay|then|answer|but|and|so|step|each|really|honest|what about)\b",
    "精炼|重|修改|一点|详细|简短|押韵|自己|这|那|它|他|她|上面|前面|刚才|之前|再|还|继续|另|其他|换|更|上述|第|你的|同样|也|然后|接着|吗|呢",
    r"(?:^|\s)(?:이|그|저|위|앞|또|더)(?:것|거|건|게|는|은|를|을|의|에|\s|$)"
    "|방금|다시|다른|계속|같은|번째|아까|거기|여기",
)


def with_topics(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add the columns above."""
    replies = prompts.with_columns(reply=pl.when(_follows_an_answer()).then(PLAIN))
    before = pl.when(REPLY.is_not_null()).then(asked_before()).str.to_lowercase()
    topics = replies.with_columns(topic=_words(REPLY), topic_before=_words(before))
    own = (TOPIC.list.len() >= _MIN_TOPIC) & ~says(*_REFERS)
    shared = topics.with_columns(shared=TOPIC.list.set_intersection(TOPIC_BEFORE).list.len())
    alone = pl.when(own & (SHARED == 0)).then(_said_before()).str.to_lowercase()
    chat = TOPIC.list.set_intersection(_words(alone)).list.len()
    return shared.with_columns(shared_with_chat=chat)


def asked_before() -> pl.Expr:
    """Return the text of the user turn before this one."""
    message = pl.element().struct
    asked = message.field("content").filter(message.field("role") == "user")
    return _later_messages().list.eval(asked).list.get(-2, null_on_oob=True)


def _words(text: pl.Expr) -> pl.Expr:
    return text.str.extract_all(_WORD).list.set_difference(_FUNCTION_STEMS)


def _follows_an_answer() -> pl.Expr:
    roles = pl.col("messages").list.eval(pl.element().struct.field("role") == "assistant")
    answered = roles.list.any() | has(CONTEXT_CUT)  # the answer may be what was cut away
    return answered & (pl.col("turn") > 0)


def _later_messages() -> pl.Expr:
    return pl.when(pl.col("turn") > 0).then(pl.col("messages"))


def _said_before() -> pl.Expr:
    contents = _later_messages().list.eval(pl.element().struct.field("content"))
    return contents.list.slice(0, contents.list.len() - 1).list.join(" ")
