"""Traits of a turn that answers an answer."""

import polars as pl

from schemas.filter_settings import FilterSettings
from schemas.patterns import any_of
from tasks.traits.pattern import PROMPT
from tasks.traits.topics import (
    REPLY,
    SHARED,
    SHARED_WITH_CHAT,
    TOPIC,
    TOPIC_BEFORE,
    asked_before,
)

_STILL_BROKEN = (
    # en
    r"\bstill (?:not|doesn'?t|does not|isn'?t|is not|won'?t|can'?t|getting|gets?|gives?|giving"
    r"|fail(?:s|ing)?|broken|the same|wrong|having|shows?|throws?|an? error|no luck)\b",
    r"\b(?:it|that|this|code|script|command|solution|fix|query|formula|app|page)"
    r" (?:doesn'?t|does not|didn'?t|did not|isn'?t|is not|don'?t|not) (?:even )?"
    r"(?:work|run|compile|start|load|build|help)(?:ing)?\b",
    r"^[\s\p{P}]*(?:no,? )?(?:it )?(?:not working|doesn'?t work|does not work|didn'?t work)\b",
    r"\b(?:same|another|following) (?:error|exception|warning|problem|issue)\b",
    r"\b(?:i am|i'm|im|now i) (?:getting|get|got|see(?:ing)?) (?:an?|the|this|these|another|some)"
    r" (?:[a-z]+ )?(?:errors?|exceptions?|warnings?)\b",
    r"\bi (?:get|got) (?:an?|the|this|these|another|some) (?:[a-z]+ )?(?:errors?|exceptions?)\b",
    r"^[\s\p{P}]*(?:(?:but|no|now|hmm),? )*(?:it|this|that|(?:the|your|this) (?:code|script|program"
    r"|app|function|command)) (?:just |now |always )?(?:(?:throws?|threw|raises?|raised|gives?"
    r"|gave) (?:me )?(?:an?|the|this) (?:[a-z]+ )?(?:error|exception)|(?:crash(?:es|ed)|hangs"
    r"|freezes|fail(?:s|ed))(?: again| with\b|[^a-z]*$))",
    r"^[\s\p{P}]*(?:(?:but|now) )?(?:i am|i'm|im|i) (?:getting|get|got) (?:an? |the )?[a-z]+"
    r"(?:error|exception)\b",
    # zh
    "(?:还是|依然|仍然|仍旧|又|依旧)是?(?:不行|不对|报错|没用|失败|有问题|有错|不能运行|不能用|出错"
    "|错的|错误|一样的?错|不工作|无法)",
    "报错了|出错了|报错如下|报错信息|运行不了|跑不通|不管用|没有效果|不起作用"
    "|同样的(?:错误|问题|报错)|错误信息(?:是|如下)",
    r"报错[:：]|^[\s\p{P}]*(?:但是?|可是)?(?:你的|这段|这个|上面的?)?(?:代码|程序|脚本|运行|编译|执行)"
    "(?:时|后|的时候)?(?:还|又|总|会|就|一直)*是?(?:报错|出错)",
    # ko
    r"^[\s\p{P}]*(?:이것도 |이거 |그래도 )?안 ?(?:돼요?|되네요?|됩니다)[\s\p{P}]*$",
    r"^[\s\p{P}]*(?:에러|오류) ?[:：]",
    "(?:여전히|아직도|계속|또|똑같이|그래도) ?(?:안 ?돼|안 ?되|안 ?됩|오류|에러|같은|실패|작동"
    "|틀려|틀렸)",
    "(?:에러|오류)(?:가|는|메시지)? ?(?:나|났|발생|떠|떴|뜨|뜹)",
    "(?:작동|동작|실행)(?:이|을|도)? ?(?:안|하지 않|되지 않|못)|같은 (?:에러|오류|문제)",
)
# Names of errors in their own case, as programs print them.
_PASTED = (
    r"Traceback \(most recent call last\)",
    r"\b[A-Z][A-Za-z]*(?:Error|Exception): \S",
    r"\b[a-z]+\.[A-Za-z.]*(?:Error|Exception)\s+at [A-Za-z]",
    r"\b(?:error(?:\[E[0-9]+\]| [A-Z]{1,3}[0-9]+)?|fatal error|npm ERR!|panic): \S",
    r"Segmentation fault|undefined reference to|command not found|[Ss]yntax error near",
)
_OPENING = r"^[\s\p{P}]*(?:(?:but|no|sorry|hmm|i think|i believe|actually|well),? )*"
_OBJECTION = (
    # en
    r"^[\s\p{P}]*(?:(?:wrong|incorrect)[\s\p{P}]|(?:no|nope|nah)[,.! ]+(?:(?:it|that|this)(?:'s| is"
    r"| was)? (?:not|wrong"
    r"|incorrect)|you\b|i (?:meant|mean|said|want|wanted|asked)\b))",
    r"^[\s\p{P}]*(?:wrong|incorrect|not (?:correct|right|true|quite)|nope)[\s\p{P}]*$",
    rf"{_OPENING}(?:that|this|it|your answer|the answer|these|those)"
    r"(?:'?s| is| was| are| were| looks| seems)? (?:all |just |completely |totally )?"
    r"(?:not (?:right|correct|true|what i|quite|accurate)|wrong|incorrect|false|inaccurate"
    r"|isn'?t (?:right|correct|true|what))\b",
    rf"{_OPENING}you(?:'re| are| were)? (?:wrong|mistaken|incorrect|made (?:an?|some) (?:[a-z]+ )?"
    r"(?:mistake|error)s?|missed|forgot|misunder[a-z]+|misread"
    r"|(?:didn'?t|did not) (?:answer|include|follow|do|give|mention|use|understand)"
    r"|keep (?:saying|repeating|making))",
    rf"{_OPENING}(?:i (?:said|meant|asked (?:for|you))|i (?:didn'?t|did not) (?:ask|mean|want|say)"
    r"|that'?s not what i)\b",
    rf"{_OPENING}i (?:totally |completely |strongly )?disagree\b",
    r"^[\s\p{P}]*(?:are you sure|please correct|correct (?:your|that)"
    r"|there (?:is|are) (?:an?|some) (?:mistake|error)s? in your)\b",
    # zh
    r"^[\s\p{P}]*(?:不对(?:[\s\p{P}吧啊呀的了不]|应该|$)|不是的|不是[，,]|错了|你?(?:说|写|理解|算|弄|搞|答)错|你(?:说|写|答|讲|算)的(?:都|是)?(?:不对|错|不正确)|答非所问|有误|不正确"
    "|不准确|胡说)",
    r"^[\s\p{P}]*(?:我(?:说的|问的|要的|指的|的意思)(?:是|不是)|这不是我|不是这个意思"
    "|你(?:没有|没|忘了|漏了|漏掉|误解|确定)|你的(?:回答|答案)(?:是|有|都)?(?:错|不对|有误|不正确))",
    # ko
    r"^[\s\p{P}]*(?:아니야|아니요|아니에요|아닙니다|아니,|아니 |틀렸|틀려|그게 아니|잘못|그건 아니"
    "|(?:내|제)가 (?:말한|물어본|원한|원하는) ?(?:건|것|게)|확실해|확실한가요)",
)
# An objection, too, unless it answers a question.
_DENIAL = (
    r"^[\s\p{P}]*(?:no|nope|actually),? (?:it|he|she)(?:'s| is| was) [^?]*$",
    r"^[\s\p{P}]*不是[^，,。？]*[，,] ?(?:而是|应该是|是)",
)
_NEW_SUBJECT = (
    r"^[\s\p{P}]*(?:(?:ok|okay|now|so),? )*(?:let's|let us|can we) (?:change|switch) (?:the )?"
    r"(?:subject|topic)s?\b",
    r"^[\s\p{P}]*(?:好的?，?)?换(?:个|一个)(?:话题|主题)",
    r"^[\s\p{P}]*(?:다른 (?:얘기|이야기|주제)|화제를 바꿔)",
)
_AGAIN = (
    r"\b(?:once more|as i (?:said|asked)|i (?:already )?asked|like i said|my question (?:was|is)"
    r"|answer (?:the|my) question|try again|redo|regenerate|(?:do|write|say|explain) (?:it"
    r"|that) again)\b",
    "再(?:说|问|讲)一遍|我刚才(?:说|问)|再试一次|再来一次|重新(?:回答|写|生成|来|做|翻译)|重来|重写|回答我的问题",
    "다시 (?:한 ?번|말|해|써|작성|대답|답변|설명)|(?:제|내) 질문은|질문에 (?:대답|답)",
)
_PERSISTS = 0.6  # Jaccard of the words of two turns
_MIN_SHARED = 2  # words that two turns need in common


def retry_loop(_: FilterSettings) -> pl.Expr:
    """Find turns that paste an error back, or say that the answer before still fails."""
    pasted = pl.when(REPLY.is_not_null()).then(PROMPT).str.contains(any_of(*_PASTED))
    return (pasted | REPLY.str.contains(any_of(*_STILL_BROKEN))).fill_null(value=False)


def correction(_: FilterSettings) -> pl.Expr:
    """Find turns that open with an objection to the answer before."""
    denies = pl.when(REPLY.str.contains(any_of(*_DENIAL))).then(pl.col("messages"))
    before = denies.list.get(-2, null_on_oob=True).struct.field("content")
    denied = ~before.str.contains(r"[?？]\s*$")
    return (REPLY.str.contains(any_of(*_OBJECTION)) | denied).fill_null(value=False)


def persistence(_: FilterSettings) -> pl.Expr:
    """Find turns that wish the same again in other words."""
    both = TOPIC.list.len() + TOPIC_BEFORE.list.len() - SHARED
    alike = (SHARED >= _MIN_SHARED) & (both * _PERSISTS <= SHARED) & (asked_before() != PROMPT)
    asked_again = REPLY.str.contains(any_of(*_AGAIN))
    return (alike | asked_again).fill_null(value=False)


def topic_shift(_: FilterSettings) -> pl.Expr:
    """Find turns that share no word with the chat before them and refer to nothing in it.

    Or that say so.
    """
    said = REPLY.str.contains(any_of(*_NEW_SUBJECT))
    return ((SHARED_WITH_CHAT == 0) | said).fill_null(value=False)
