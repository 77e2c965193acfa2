"""Find answers that decline the task."""

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import says

_EN_SORRY = (
    r"(?:(?:i.?m|i am) (?:\w+ )?sorry|sorry|i apologi[sz]e|(?:my )?apologies"
    r"|unfortunately|(?:i.?m|i am) afraid(?: that)?)"
)
_EN_CANNOT = (
    r"i(?:.m| am)? (?:can.?t|cannot|can not|won.?t(?: be able to)?|will not|not able to|unable to"
    r"|not allowed to|not comfortable|(?:don.?t|do not) feel comfortable)"
)
_EN_LACK = (
    r"i (?:don.?t|do not) have (?:direct |real-?time |the |up-to-date )*(?:access|ability|data)"
)
_EN_HELP = (
    r"(?:help|assist|provid|fulfil|comply|answer|generat|creat|writ|produc|engag|discuss|access"
    r"|brows|support|do (?:that|this)|continue with|participate in)"
)
_EN_AI = r"(?:as an?|i.?m an?|i am an?) (?:ai|artificial|(?:large )?language)\b"
_ZH_SORRY = r"(?:[很非十]?[常分]?抱歉|对不起|對不起|不好意思|很遗憾|很遺憾)"
_ZH_CANNOT = r"(?:无法|無法|不能|没法|沒法|没有办法|不可以|不便)"
_ZH_HELP = (
    r"(?:帮|幫|协助|協助|提供|回答|满足|滿足|完成|生成|创作|创建|撰写|讨论|討論|执行|处理|访问"
    r"|浏览|参与|继续|支持|给出|编写|分享|教你)"
)
_ZH_AI = r"(?:作为|作為|我是|我只是)[^。！？\n]{0,8}?(?:ai|人工智能|语言模型|語言模型|助手|助理)"
_KO_SORRY = r"(?:죄송|미안|유감)[^\s.!]{0,6}[.!]?"
_KO_CANNOT = r"(?:수(?:가|는)? ?없|어렵습니다|어려워요|어렵겠|불가능|않겠습니다|못 ?합니다|못해요)"
_KO_HELP = r"(?:도와|도움|제공|답변|대답|알려|작성|생성|만들|처리|수행|응|지원|진행)"

PATTERNS: tuple[str, ...] = (
    rf"(?:{_EN_SORRY}\W+(?:but )?)?{_EN_CANNOT} (?:\w+ ){{0,2}}?{_EN_HELP}",
    rf"(?:{_EN_SORRY}\W+(?:but )?)?{_EN_AI}[^.!?\n]{{0,60}}\b(?:{_EN_CANNOT}|{_EN_LACK})\b",
    rf"{_EN_SORRY}\W+(?:but )?{_EN_LACK}\b",
    rf"(?:{_EN_SORRY}\W+(?:but )?)?i (?:must|have to|need to) (?:\w+ )?(?:decline|refuse)\b",
    rf"{_ZH_SORRY}[^。！？\n]{{0,20}}?{_ZH_CANNOT}[^。！？\n]{{0,10}}?{_ZH_HELP}",
    rf"{_ZH_SORRY}[^。！？\n]{{0,12}}?没有[^。！？\n]{{0,20}}?能力",
    rf"(?:{_ZH_SORRY}\W*)?{_ZH_AI}[^。！？\n]{{0,30}}?{_ZH_CANNOT}",
    rf"我(?:并|實在|实在)?{_ZH_CANNOT}(?:为您|为你|给你|给您|直接|继续)?{_ZH_HELP}",
    rf"{_KO_SORRY}[^.!?\n]{{0,50}}?{_KO_HELP}[^.!?\n]{{0,20}}?{_KO_CANNOT}",
    rf"(?:저는 |제가 )?(?:ai|인공지능|언어 ?모델)[^.!?\n]{{0,50}}?{_KO_CANNOT}",
    rf"(?:그|이|해당|그런|이런) (?:요청|질문|내용|부탁)[^.!?\n]{{0,16}}?{_KO_HELP}"
    rf"[^.!?\n]{{0,16}}?{_KO_CANNOT}",
)


@says("the answer declines the task")
def refusal(cfg: CheckSettings) -> pl.Expr:
    """Find answers that open by declining; in the area `safety` that may be the right answer."""
    # Further on, "I cannot help you" may be a line of the letter or dialogue that was asked for.
    opening = rf"(?i)^\W*(?:{'|'.join(PATTERNS)})"
    return pl.col("answer").str.contains(opening) & pl.col("area").ne_missing("safety")
