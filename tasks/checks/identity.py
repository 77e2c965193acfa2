"""Find answers in which the strong model speaks of itself: the next model would say the same."""

import re

import polars as pl

from schemas.patterns import any_of
from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated, says

_MODELS = (
    r"chat ?gpt|gpt-?\d[\w.]*|claude|gemini|bard|llama|qwen|tongyi|ernie|deepseek|mistral|mixtral"
    r"|grok|copilot|kimi|chatglm|glm-?\d|doubao|hunyuan|baichuan|gemma|phi-?\d|command r"
    r"|hyperclova|clova|exaone|lamda"
    r"|文心一言|文心|通义千问|通义|豆包|混元|百川|讯飞星火|星火|智谱清言|智谱|月之暗面|千问"
    r"|盘古|商量"
    r"|챗 ?gpt|챗지피티|클로드|제미나이|제미니|바드|라마|하이퍼클로바|클로바|엑사원|딥시크"
    r"|코파일럿|큐웬|뤼튼"
)
_MAKERS = (
    r"open ?ai|anthropic|google|deepmind|meta(?: ai)?|microsoft|alibaba|baidu|tencent|bytedance"
    r"|deepseek|mistral(?: ai)?|xai|zhipu|moonshot|iflytek|huawei|naver|kakao|lg|samsung|upstage"
    r"|cohere|amazon|apple|nvidia|perplexity"
    r"|谷歌|阿里巴巴|阿里云|阿里|百度|腾讯|字节跳动|字节|深度求索|智谱|月之暗面|科大讯飞|讯飞"
    r"|华为|微软|零一万物|商汤"
    r"|오픈 ?ai|오픈에이아이|앤트로픽|앤스로픽|구글|메타|마이크로소프트|네이버|카카오|삼성"
    r"|업스테이지|알리바바|바이두|딥시크"
)
_MADE = r"(?:trained|developed|created|made|built|designed|provided|powered|produced|offered)"
_ZH_MADE = r"(?:开发|训练|研发|创建|创造|推出|打造|提供|设计|研制|构建|制作|发布)"
_KO_MADE = r"(?:만든|만들|개발|훈련|학습|제작|제공|설계|출시|공개|운영)"
_SELF = r"(?:language model|ai model|llm|chatbot|ai assistant|assistant|ai)"

IDENTITY: tuple[str, ...] = (
    rf"\b(?:i am|i.m|my name is|call me|known as) (?:an? "
    rf"|the )?(?:\w+[ ,-]+){{0,3}}?(?:{_MODELS})\b[^\n]{{0,3}}(?:[,.;!?:)]|$| (?:an?|the|and|by"
    rf"|from|i|your|ready|here|model|developed|created|trained|made|built|running|version"
    rf"|based)\b)",
    rf"\bthis is (?:{_MODELS})\b,? (?:{_MADE} by|speaking|here|your)",
    rf"\bas (?:an? |the )?(?:\w+ ){{0,2}}?(?:{_MODELS}),? (?:\w+ ){{0,3}}?i\b",
    r"\bas an? (?:large |ai )?(?:ai |large )?language model\b",
    rf"\b(?:i|i.m"
    rf"|me)\b[^.!?\n]{{0,80}}\b{_MADE}\b[^.!?\n]{{0,20}}\bby (?:the )?(?:team at )?(?:{_MAKERS})\b",
    rf"\b{_SELF}\b[^.!?\n]{{0,12}}\b{_MADE}(?: and \w+)? by (?:{_MAKERS})\b[^.!?\n]{{0,30}}\bi\b",
    rf"\bas an? [^.!?\n]{{0,40}}\b{_MADE}(?: and \w+)? by (?:the )?(?:team at )?(?:{_MAKERS})\b",
    rf"\b(?:{_MAKERS}) (?:{_MADE}|has {_MADE}) me\b",
    rf"\bi (?:was|am|have been|.ve been|come) (?:\w+ )?(?:from|an? product of"
    rf"|part of) (?:{_MAKERS})\b",
    rf"\bmy (?:creators?|developers?|makers?|parent company"
    rf"|training)[^.!?\n]{{0,20}}\b(?:{_MAKERS})\b",
    r"(?:我是|作为|身为)(?:一个|一款|一种|个)?(?:大型|人工智能|ai)?(?:大型|人工智能"
    r"|ai)?的?(?:语言模型|大语言模型|大模型)",
    rf"(?:我是|我叫|我的名字是|我的名字叫|作为|身为|叫我)[^。！？!?\n]{{0,14}}(?:{_MODELS})",
    rf"我[^。！？!?\n]{{0,12}}(?:由"
    rf"|是)[^。！？!?\n]{{0,8}}(?:{_MAKERS})[^。！？!?\n]{{0,16}}{_ZH_MADE}",
    rf"(?:{_MAKERS})[^。！？!?\n]{{0,8}}{_ZH_MADE}(?:了)?我",
    rf"(?:我是|作为|身为)(?:来自)?(?:{_MAKERS})[^。！？!?\n]{{0,12}}(?:模型|助手|助理|机器人|ai)",
    rf"(?:저는|나는|전|난|제 이름은"
    rf"|저의 이름은)[^.!?\n]{{0,24}}(?:{_MODELS})[^.!?\n]{{0,3}}(?:입니다|이에요|예요|이고|이며"
    rf"|라고|로서|[,.!]|$)",
    rf"(?:저는|나는|전|난|제가|저를)[^.!?\n]{{0,24}}(?:{_MAKERS})[^.!?\n]{{0,20}}{_KO_MADE}",
    rf"(?:^|[.!?\n] ?)(?:{_MAKERS})(?:가|이|에서"
    rf"|의)[^.!?\n]{{0,16}}{_KO_MADE}[^.!?\n]{{0,16}}(?:어시스턴트|챗봇|비서|ai|모델)(?:입니다"
    rf"|이에요|예요)",
    rf"(?:{_MAKERS})(?:가|이|에서|의)[^.!?\n]{{0,16}}{_KO_MADE}[^.!?\n]{{0,16}}(?:로서|모델로)",
    rf"(?:{_MODELS})(?:로서|이라서|라서)",
    r"(?:언어 ?모델|거대 ?언어 ?모델)(?:로서|이기 때문|이라서|이므로|입니다)",
)

_DATE = (
    r"(?:20\d\d|january|february|march|april|may|june|july|august|september|october"
    r"|november|december)"
)
CUTOFF: tuple[str, ...] = (
    r"\bmy (?:\w+ ){0,3}(?:knowledge|training|data|information)(?: \w+){0,2}? (?:cut.?off"
    r"|was last updated|is (?:current|limited|up to date|only)|only (?:goes|extends|covers"
    r"|runs)|goes up to|extends (?:only )?(?:to|up)|ends|stops|includes (?:data"
    r"|information) (?:up|until)|does ?n.t (?:include|extend|go))",
    r"\bmy (?:knowledge|training)[ -](?:data )?cut.?off\b",
    r"\b(?:as of|up to|since|after|until|beyond) my (?:last|latest|most recent|final|knowledge"
    r"|training|cut.?off)\b",
    r"\bmy (?:last|latest|most recent) (?:knowledge |training |data )?(?:update|training)\b",
    rf"\bi (?:was|am|have been|.ve been) (?:last |only )?(?:trained"
    rf"|updated)(?: \w+){{0,4}}? (?:until|through|up to|up until|before|in|to"
    rf"|as of)\b[^.!?\n]{{0,16}}{_DATE}",
    rf"\bi (?:do ?n.t|do not|cannot|can.t|have no)\b[^.!?\n]{{0,50}}(?:after|beyond|past|since"
    rf"|later than) (?:\w+ )?{_DATE}",
    rf"\bmy (?:knowledge|training|training data|data|information|dataset)\b[^.!?\n]{{0,40}}{_DATE}",
    r"(?:我|本模型|本人)的?(?:知识|训练|数据|信息|资料)[^。！？!?\n]{0,10}(?:截止|截至|更新"
    r"|只到|停留|止于|仅到|仅限|限于|到\s?20|覆盖)",
    r"截[至止](?:到)?(?:我|目前我|本模型|我所)[^。！？\n]{0,12}(?:知识|训练|更新|数据|信息|了解)",
    r"(?:根据|截至|截止|在)?我(?:的)?(?:最后|最近|最新|上)(?:一)?次?的?(?:知识|数据"
    r"|训练)?(?:更新|训练)",
    r"我(?:无法|不能|不)[^。！？\n]{0,8}(?:了解|知道|获取|知晓"
    r"|提供)[^。！？\n]{0,10}20\d\d年[^。！？\n]{0,8}(?:之后|以后|后)",
    r"(?:训练|知识)(?:数据|库)?(?:的)?截[止至](?:日期|时间|于|到|至)?[^。！？\n]{0,14}(?:我"
    r"|20\d\d)[^。！？\n]{0,12}(?:我|因此|所以|之后)",
    r"(?:제|저의|내|나의|제가 가진|제가 학습한)\s?(?:지식|학습 ?데이터|훈련 ?데이터|정보|데이터"
    r"|학습|자료)[^.!?\n]{0,30}(?:20\d\d|까지|기준|컷오프|업데이트|한정|이후|마지막)",
    r"(?:제|저의|저는|내)[^.!?\n]{0,12}(?:마지막|최종|최근) ?(?:업데이트|학습|훈련)",
    r"저는[^.!?\n]{0,20}20\d\d년[^.!?\n]{0,16}(?:까지|이후)[^.!?\n]{0,16}(?:학습|정보|데이터"
    r"|훈련|알지|업데이트|지식)",
    r"(?:제가|저는)[^.!?\n]{0,12}(?:마지막|최근)으로 ?(?:업데이트|학습|훈련)",
    r"20\d\d년[^.!?\n]{0,8}이후[^.!?\n]{0,14}(?:알지 못|모릅|모르|알 수 없)",
    r"(?:지식|학습|훈련) ?(?:컷오프|한계 ?시점|기준일|마감일)[^.!?\n]{0,20}(?:저|제|때문에"
    r"|이므로|이라)",
)


_IDENTITY = re.compile("|".join(f"(?:{each})" for each in IDENTITY), re.ASCII)
# How the names begin: what is looked for before the patterns are asked.
_BEGINNINGS = sorted(
    {
        re.split(r"[-?\\(]", name.replace(" ?", blank))[0].strip()
        for name in f"{_MODELS}|{_MAKERS}".split("|")
        for blank in ("", " ")
    }
    | {"language model", "语言模型", "大模型", "언어 모델", "언어모델"}
)
_NAME = re.compile(f"(?<![a-z])(?:{'|'.join(_BEGINNINGS)})")
_SPEAKER = re.compile(
    r"\b(?:i|i.m|i.ve|my|me|as an?|this is)\b|我|作为|身为|[저제전난]|나는|로서|라서|입니다"
    r"|이에요|예요",
    re.ASCII,
)
_AROUND = 110  # characters in which a pattern that holds the name begins and ends


def _names_a_model(cfg: CheckSettings) -> pl.Expr:
    return pl.col("answer").str.contains_any(_BEGINNINGS, ascii_case_insensitive=True)


@gated(_names_a_model)
def identity_leak(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers that name the model or its maker as the one who speaks."""
    text = row.answer.lower()
    near = (text[max(0, at.start() - _AROUND) : at.end() + _AROUND] for at in _NAME.finditer(text))
    found = any(_SPEAKER.search(part) and _IDENTITY.search(part) for part in near)
    return "the answer says which model it is, or who made it" if found else None


@says("the answer speaks of the date up to which the model knows")
def cutoff_talk(cfg: CheckSettings) -> pl.Expr:
    """Find answers that excuse themselves with a knowledge cut-off or a last update."""
    return pl.col("answer").str.contains("(?i)" + any_of(*CUTOFF))
