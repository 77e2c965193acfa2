"""Traits of a turn that answers an answer."""

import polars as pl

from schemas.settings import FilterSettings
from tasks.traits.pattern import PLAIN, PROMPT, any_of, lines, says

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
    # zh
    "(?:还是|依然|仍然|仍旧|又|依旧)是?(?:不行|不对|报错|没用|失败|有问题|有错|不能运行|不能用|出错"
    "|错的|错误|一样的?错|不工作|无法)",
    "报错了|出错了|报错如下|报错信息|运行不了|跑不通|不管用|没有效果|不起作用"
    "|同样的(?:错误|问题|报错)|错误信息(?:是|如下)",
    # ko
    "(?:여전히|아직도|계속|또|똑같이|그래도) ?(?:안 ?돼|안 ?되|안 ?됩|오류|에러|같은|실패|작동"
    "|틀려|틀렸)",
    "(?:에러|오류)(?:가|는|메시지)? ?(?:나|났|발생|떠|떴|뜨|뜹)",
    "(?:작동|동작|실행)(?:이|을|도)? ?(?:안|하지 않|되지 않|못)|같은 (?:에러|오류|문제)",
)
# Names of errors in their own case, as programs print them.
_PASTED = (
    r"Traceback \(most recent call last\)",
    r"\b[A-Z][A-Za-z]*(?:Error|Exception): \S",
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
    r"^[\s\p{P}]*(?:are you sure|please correct|correct (?:your|that)"
    r"|there (?:is|are) (?:an?|some) (?:mistake|error)s? in your)\b",
    # zh
    r"^[\s\p{P}]*(?:不对|不是的|不是[，,]|错了|你?(?:说|写|理解|算|弄|搞|答)错|答非所问|有误|不正确"
    "|不准确|胡说)",
    r"^[\s\p{P}]*(?:我(?:说的|问的|要的|指的|的意思)(?:是|不是)|这不是我|不是这个意思"
    "|你(?:没有|没|忘了|漏了|漏掉|误解|确定)|你的(?:回答|答案)(?:是|有|都)?(?:错|不对|有误|不正确))",
    # ko
    r"^[\s\p{P}]*(?:아니야|아니요|아니에요|아닙니다|아니,|아니 |틀렸|틀려|그게 아니|잘못|그건 아니"
    "|(?:내|제)가 (?:말한|물어본|원한|원하는) ?(?:건|것|게)|확실해|확실한가요)",
)
_AGAIN = (
    r"\b(?:once more|as i (?:said|asked)|i (?:already )?asked|like i said|my question (?:was|is)"
    r"|answer (?:the|my) question|try again|redo|regenerate|(?:do|write|say|explain) (?:it"
    r"|that) again)\b",
    "再说一遍|我刚才(?:说|问)|再试一次|再来一次|重新(?:回答|写|生成|来|做|翻译)|重来|重写|回答我的问题",
    "다시 (?:한 ?번|말|해|써|작성|대답|답변|설명)|(?:제|내) 질문은|질문에 (?:대답|답)",
)
# What a text is about: the first four letters of Latin words, Han characters, pairs of Hangul.
_TOPIC = r"\b[a-z]{4}|\p{Han}|[가-힣]{2}".replace(r"\b", r"(?-u:\b)")
_FUNCTION_STEMS = sorted({word[:4] for word in lines("function_words.txt")})
_PERSISTS = 0.6  # Jaccard of the words of two turns
_MIN_SHARED = 3  # words that two turns need in common
_MIN_TOPIC = 4  # words that a turn needs before it can have a topic of its own
_REFERS = (
    r"\b(?:it|its|this|that|these|those|they|them|he|she|him|her|his|above|previous|earlier|last"
    r"|first|second|third|one|ones|instead|also|more|another|same|again|else|shorter|longer"
    r"|rewrite|your|now|ok|okay|then|answer|but|and|so|step|each|really|honest|what about)\b",
    "精炼|重|修改|一点|详细|简短|押韵|自己|这|那|它|他|她|上面|前面|刚才|之前|再|还|继续|另|其他|换|更|上述|第|你的|同样|也|然后|接着|吗|呢",
    r"(?:^|\s)(?:이|그|저|위|앞|또|더)(?:것|거|건|게|는|은|를|을|의|에|\s|$)"
    "|방금|다시|다른|계속|같은|번째|아까|거기|여기",
)


def retry_loop(_: FilterSettings) -> pl.Expr:
    """Find turns that paste an error back, or say that the answer before still fails."""
    pasted = _reply().str.contains(any_of(*_PASTED))
    return (pasted | _plain_reply().str.contains(any_of(*_STILL_BROKEN))).fill_null(value=False)


def correction(_: FilterSettings) -> pl.Expr:
    """Find turns that open with an objection to the answer before."""
    return _plain_reply().str.contains(any_of(*_OBJECTION)).fill_null(value=False)


def persistence(_: FilterSettings) -> pl.Expr:
    """Find turns that wish the same again in other words."""
    now, before = _topic(_plain_reply()), _topic(_asked_before())
    shared = now.list.set_intersection(before).list.len()
    both = now.list.set_union(before).list.len()
    alike = (shared >= _MIN_SHARED) & (shared >= both * _PERSISTS) & (_asked_before() != PROMPT)
    asked_again = _plain_reply().str.contains(any_of(*_AGAIN)) & (shared > 0)
    return (alike | asked_again).fill_null(value=False)


def topic_shift(_: FilterSettings) -> pl.Expr:
    """Find turns that share no word with the chat before them and refer to nothing in it."""
    topic = _topic(_plain_reply())
    shared = topic.list.set_intersection(_topic(_said_before())).list.len()
    own = (topic.list.len() >= _MIN_TOPIC) & (shared == 0)
    return own.fill_null(value=False) & ~says(*_REFERS)


def _reply() -> pl.Expr:
    """Return a turn that follows an answer; null for all others."""
    return pl.when(_follows_an_answer()).then(PROMPT)


def _plain_reply() -> pl.Expr:
    return pl.when(_follows_an_answer()).then(PLAIN)


def _follows_an_answer() -> pl.Expr:
    roles = pl.col("messages").list.eval(pl.element().struct.field("role") == "assistant")
    return roles.list.any() & (pl.col("turn") > 0)


def _later_messages() -> pl.Expr:
    return pl.when(pl.col("turn") > 0).then(pl.col("messages"))


def _asked_before() -> pl.Expr:
    message = pl.element().struct
    asked = message.field("content").filter(message.field("role") == "user")
    return _later_messages().list.eval(asked).list.get(-2, null_on_oob=True)


def _said_before() -> pl.Expr:
    contents = _later_messages().list.eval(pl.element().struct.field("content"))
    return contents.list.slice(0, contents.list.len() - 1).list.join(" ")


def _topic(text: pl.Expr) -> pl.Expr:
    words = text.str.to_lowercase().str.extract_all(_TOPIC)
    return words.list.set_difference(_FUNCTION_STEMS)
