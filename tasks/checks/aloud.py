"""How a model thinks aloud, and how it says that the answer begins.

The patterns are of the syntax that Python's `re` and Rust's regex share: no look-around.
"""

_EN_AHEAD = (
    r"(?:(?:okay|ok|alright|hmm+|well|first|so|now|sure|great question|right|certainly)\W+){0,2}"
)
_EN_I_MUST = (
    r"(?:let me|let.?s|let us|i.?ll|i will|i need to|i should|i have to|i.?m going to)"
    r" (?:first |start by |just |try to |carefully |quickly )*"
)
_EN_TASK = r"(?:the |this |that |what the )(?:user.?s? )?(?:question|problem|request|prompt|task)"
_EN_THINK = (
    r"(?:think(?:ing)?(?: (?:about|through|this|it|that|carefully|step|for|what|how|first|out"
    r"|over|again|hard|before|aloud|a)\b|\W*(?:$|[.:,;…!\n-]))"
    r"|reason(?:ing)? (?:this|it|through|about|step|carefully|aloud)|figure (?:this|it|out)"
    rf"|consider what|(?:analy[sz]e|analy[sz]ing|parse|understand|unpack) {_EN_TASK}"
    r"|analy[sz](?:e|ing) this(?:\W*(?:$|[.:,;…!\n-])| (?:first|carefully|step)\b))"
)
_ZH_AHEAD = r"(?:(?:好的?|嗯+|首先|那么|那|现在|当然)[，,。、：:！!…\s]*){0,2}"
_ZH_I_MUST = r"(?:让我们?|我们?来|我们?先|我需要|我得|我应该|我要)"
_ZH_HOW = r"(?:首先|先|来|再|要|仔细地?|好好|认真|一步一?步地?|逐步|整体上?){0,3}"
_ZH_TASK = r"(?:这个?|这道|一下这个?|一下|下)?(?:问题|题目?|题意|请求|需求|任务|用户|已知|条件)"
_ZH_WEIGH = r"(?:分析|考虑|梳理|推理|理清|理解|拆解|琢磨|捋)"
_KO_AHEAD = (
    r"(?:음+|자|먼저|우선|좋아요?|좋습니다|네|그럼|일단|흠+)?[,.…!\s]*"
    r"(?:제가 |내가 )?(?:먼저 |우선 )?"
)
_KO_HOW = (
    r"(?:한번 |잠깐 |차근차근 |천천히 |단계별로 |단계적으로 |곰곰이 "
    r"|(?:이 )?문제를 |(?:이 )?질문을 )*"
)
_KO_THINK = r"(?:생각해|분석해|따져|고민해|정리해|추론해) ?(?:보(?:자|겠|죠)|봅시다|볼게|보아야)"

# A model at work on a task. Fine where the prompt asked to see the steps; "Let me explain" and
# "Let me think of a few names" talk to the user, and are fine.
ALOUD: tuple[str, ...] = (
    rf"{_EN_AHEAD}{_EN_I_MUST}{_EN_THINK}",
    rf"{_ZH_AHEAD}{_ZH_I_MUST}{_ZH_HOW}(?:想想|想一|思考|想[，,。.…：:])",
    rf"{_ZH_AHEAD}{_ZH_I_MUST}{_ZH_HOW}(?:一步一?步|逐步)地?{_ZH_HOW}(?:想|{_ZH_WEIGH})",
    rf"{_ZH_AHEAD}{_ZH_I_MUST}{_ZH_HOW}{_ZH_WEIGH}(?:一下|下)?(?:[，,。.：:！!…\n]|{_ZH_TASK})",
    rf"首先[，,]?让我(?:们)?{_ZH_HOW}{_ZH_WEIGH}",
    rf"{_KO_AHEAD}{_KO_HOW}{_KO_THINK}",
)

# A model that talks about its user, or to itself. Never fine.
TO_ITSELF: tuple[str, ...] = (
    r"(?:(?:okay|ok|alright|hmm+|so)\W+){1,2}(?:the user|i need to|they want|we need to)\b",
    r"the user (?:is asking|asks|asked|wants?|said|is requesting|needs|has asked)\b",
    r"hmm+\b|嗯+[，,…\s]*这(?:个问题|道?题)",
    r"(?:嗯+[，,]|好的?[，,]|首先[，,])?\s*(?:这个)?用户"
    r"(?:想|要(?:我|求)|问|让我|希望|询问|的问题|在问|需要(?:我|一|的是)|请求|让)",
    r"사용자(?:가|는|의 (?:질문|요청)은?)[^.\n]{0,30}(?:원하|원한|요청|묻|물었|질문)",
)

_SECTION = (
    r"(?:(?:my |step.by.step |internal )?(?:reasoning|thinking)(?: process| steps)?"
    r"|(?:my )?thought process|chain of thought|scratchpad"
    r"|(?:我的|内心)?(?:思考|推理|思维|解题|分析)过程|(?:풀이|사고|추론|생각|분석) ?과정"
)
_ANSWER = (
    r"(?:(?:so |thus |therefore )?(?:the |my )?(?:final |correct )?"
    r"(?:answer|response|reply)(?: is)?"
    r"|(?:所以|因此|综上)?[，,]?(?:我的)?(?:最终|正确|正式|最后)?的?(?:答案|回答|回复)(?:是|为"
    r"|如下)?"
    r"|答|(?:따라서 |그러므로 )?(?:최종 ?|정확한 )?(?:답변|정답|답|응답)[은는]?)"
)


def _forms(name: str, clear: str) -> dict[str, str]:
    return {
        "hash": rf"#{{1,6}} *[*_]*{name}[*_:： ]*(?:\n|$)",
        "bracket": rf"(?:【{name}】|\[{name}\]|《{name}》)[:：]?",
        "bold": rf"(?:\*\*|__){name}\s*[:：]?(?:\*\*|__)[:：]?",
        "colon": rf"(?:#{{1,6}} *)?(?:\*\*|__)?{name}\s*[:：]",
        "line": rf"{clear}[ \t]*(?:\n|$)",
    }


# How a section is headed: form -> pattern, from the start of its line. A lone word over a poem may
# be its title, so that only what can be nothing else counts without a mark.
REASONING = _forms(rf"{_SECTION}|thoughts?|思考|推理|추론|생각)", rf"{_SECTION})")
ANSWER = _forms(_ANSWER, _ANSWER)
