"""Traits of prompts that try to change what the model is or whom it obeys."""

import polars as pl

from schemas.filter_settings import FilterSettings
from schemas.patterns import any_of
from tasks.traits.pattern import PLAIN, PROMPT, times

_ANY = "[ -~]"  # what may stand between two English words, in one line
_PERSONA = (  # names, so in capitals
    rf"\b(?:[Yy]ou are|[Aa]ct as|[Pp]retend to be|[Ss]imulate|[Bb]ecome"
    rf"|[Ff]rom now on){_ANY}{{0,30}}"
    r"\b(?:DAN|STAN|DUDE|AIM)\b",
    rf"\bDAN\b{_ANY}{{0,40}}\b(?:mode|[Jj]ailbr[a-z]+|persona|unrestricted|ignore)",
)
_FREE = (
    r"\b(?:without|no|free (?:from|of)|ignor[a-z]+|bypass[a-z]*|disregard[a-z]*|not bound by"
    r"|broken? free (?:of|from)) (?:any |all |the |your |typical |its )*"
    r"(?:moral|ethical|content|safety|openai(?:'s)?)(?:,? (?:or|and) [a-z]+)*"
    r" (?:restrictions?|guidelines?|polic(?:y|ies)|filters?|limitations?|constraints?|rules?)"
)
# The model is told so: companies may operate without ethical guidelines, too.
_TOLD = (
    r"\b(?:you(?:r|rself)?|answer|respond|reply|act as|pretend|assistant|chatbot|openai)\b"
    r"|(?:^|[.,;:!\n] ?|\b(?:and|then|please) )(?:ignore|bypass|disregard)\b"
)
_JAILBREAK = (
    # en
    r"\bdo anything now\b",
    r"\bdeveloper mode (?:enabled|output|activated|on)\b|\bjailbr(?:eak|oken) mode\b",
    r"\b(?:unfiltered|uncensored|unrestricted|amoral) (?:and [a-z]+ )?"
    r"(?:ai|chatbot|assistant|language model|chat ?gpt|model|bot)\b",
    rf"\b(?:never|don't|do not|cannot|must not) (?:ever )?refuse\b{_ANY}{{0,60}}"
    r"\b(?:illegal|unethical|immoral|harmful)",
    rf"\bstay in character\b{_ANY}{{0,60}}\btokens?\b",
    # zh
    "(?:没有|不受|无视|忽略|突破|绕过|解除|摆脱)(?:任何|一切|所有|你的)?"
    "(?:道德|伦理|法律|内容|安全|审查)[^，。\n]{0,8}(?:限制|约束|准则|规则|审核|底线|过滤)",
    "(?:你现在是|假装|扮演|成为|进入)[^，。\n]{0,15}(?:不受限制|无限制|没有限制|越狱|dan)的?"
    "(?:模式|ai|人工智能|助手|模型|机器人|聊天)",
    "(?:进入|开启|启用|启动)(?:越狱|dan|无限制)模式",
    # ko
    "(?:어떠한|아무런|어떤|도덕적|윤리적)[^.\n]{0,8}(?:제한|제약|규칙|검열)[^.\n]{0,6}"
    "(?:없는|없이|무시|벗어나)[^.\n]{0,12}(?:ai|인공지능|챗봇|모델|대답|답변|답해)",
    "(?:탈옥|dan) ?모드",
)
INJECTION = (
    # en
    r"\b(?:ignore|disregard|forget|override|overlook) (?:all |any |every |of |the |your |my |these"
    r" |those |previous |prior |above |earlier |preceding |initial |original |system ){1,5}"
    r"(?:instructions?|directions?|prompts?|directives?|commands?|guidelines|rules)\b",
    r"\b(?:ignore|disregard|forget) (?:everything|all|anything) (?:(?:above|before"
    r"|(?:that was |you were )?(?:said|told))\b|(?:prior|previous)(?: to\b|[^a-z ]|$))",
    r"\b(?:ignore|disregard) (?:the |all )?(?:above|preceding)(?: text| and\b|[,.:;])",
    rf"\b(?:reveal|show|print|repeat|output|display|leak|tell me|give me|what (?:is|are|was"
    rf"|were))\b"
    rf"{_ANY}{{0,30}}\byour (?:(?:hidden|initial|secret|original|full|exact|entire) )*"
    r"(?:system (?:prompt|message|instructions?)|(?:initial|hidden|secret) (?:prompt"
    r"|instructions?))",
    r"\b(?:repeat|print|output|copy) (?:all |everything |the )*(?:text|words|content|instructions)"
    r" above(?:[^a-z ]|$| (?:this (?:line|message|point)|here|starting|verbatim|and|in an?)\b)",
    r"\bwhat (?:are|were) your (?:exact |initial |original )?instructions(?:[^a-z ]|$)",
    r"\bnew (?:system )?instructions? ?: ?(?:you|ignore|from|disregard|forget)",
    # zh
    "(?:忽略|无视|忘记|忘掉|不要理会|不用管|抛开)掉?[^，。\n]{0,6}"
    "(?:之前|以上|上面|前面|上述|先前|所有|全部|一切)[^，。\n]{0,6}"
    "(?:指令|指示|提示词?|要求|规则|设定|命令)",
    "(?:输出|显示|告诉我|重复|打印|透露|泄露|给我看)[^，。\n]{0,8}(?:你的|系统)的?[^，。\n]{0,4}"
    "(?:系统提示|初始提示|初始指令|隐藏指令|系统指令|提示词)",
    "你的(?:系统|初始|隐藏)?(?:提示词|指令)都?(?:是什么|是啥|有哪些)",
    # ko
    "모든 (?:지시|명령|지침|규칙)(?:사항)?[을를] ?(?:무시해|무시하고|잊어)",
    "(?:너의|네|당신의) (?:시스템|초기|숨겨진) ?(?:프롬프트|지시문?|명령)[가는은이]? ?(?:뭐|무엇)",
    "(?:이전|위|앞|지금까지|기존)(?:의|에)?[^.\n]{0,8}(?:지시|명령|지침|프롬프트|규칙)(?:사항)?"
    "(?:을|를|은|는|들을|들은)? ?(?:모두|전부|다|완전히)? ?(?:무시|잊)",
    "(?:시스템|초기|숨겨진) ?(?:프롬프트|지시문?|명령어?)(?:를|을)? ?[^.\n]{0,6}"
    "(?:보여|알려|출력|공개|말해)",
)


def jailbreak_signs() -> pl.Expr:
    """Count the places where a prompt asks the model to shed its rules."""
    free = times(_FREE)
    told = pl.when(free > 0).then(PLAIN).str.contains(any_of(_TOLD))
    freed = pl.when(told).then(free).otherwise(0)
    return times(*_JAILBREAK) + freed + PROMPT.str.count_matches(any_of(*_PERSONA))


def injection_signs() -> pl.Expr:
    """Count the places where a prompt overrides other instructions, or asks to see them."""
    return times(*INJECTION)


def jailbreak(_: FilterSettings) -> pl.Expr:
    """Find prompts that ask the model to shed its rules."""
    return jailbreak_signs() > 0


def injection(_: FilterSettings) -> pl.Expr:
    """Find prompts that override other instructions, or ask to see them."""
    return injection_signs() > 0
