"""The trait of prompts that ask for several things that can be checked in an answer."""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.traits.pattern import says

_COUNT = "(?:[0-9]+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|hundred)"
_KINDS: dict[str, tuple[str, ...]] = {
    "length": (
        rf"\b{_COUNT}[ -](?:words?|sentences?|paragraphs?|lines?|characters?|pages?)\b",
        r"\b(?:short|brief|concise|one.sentence|succinct)(?:ly)?\b",
        "[0-9一二三四五六七八九十百千两]+个?(?:字|句话|段|行|页)|简短|简洁",
        "[0-9]+ ?(?:자|글자|문장|단락|줄|쪽)|(?:한|두|세|네|다섯) ?(?:문장|단락|줄)|짧게|간결",
    ),
    "amount": (
        r"\b(?:exactly|at least|at most|no more than|up to|(?:min|max)imum of|only|list|give me"
        r"|name"
        rf"|top) {_COUNT}\b",
        "(?:至少|至多|最多|不超过|不少于|恰好|列出|给出|列举)[0-9一二三四五六七八九十两]+",
        "(?:최소|최대|정확히) ?[0-9]+|[0-9]+ ?(?:개|가지|명) ?(?:이상|이하|만|를|을|로|씩)",
    ),
    "format": (
        r"\b(?:json|csv|xml|yaml|html|markdown|latex|table|bullet(?:s|ed)?|numbered list|code block"
        r"|headings?)\b",
        "表格|列表|分点|格式|标题|编号|代码块",
        "표로|표 형식|목록|형식|제목|번호를",
    ),
    "inclusion": (
        r"\b(?:must|should|make sure (?:to|it|you)|be sure to|has to|needs? to) (?:[a-z]+ )?"
        r"(?:include|contain|mention|use|cover|have)\b|\bincluding\b|\buse the (?:word|phrase)s?\b",
        "(?:必须|要|需要|务必|应)(?:包含|包括|提到|使用|含有|涵盖)",
        "(?:꼭|반드시) ?(?:포함|언급|사용|넣)|포함(?:해|하|시켜)",
    ),
    "exclusion": (
        r"\b(?:do not|don't|avoid|without|never|exclud[a-z]+|except|must not|should not"
        r"|shouldn't)\b",
        "不要|不得|不能|避免|禁止|不用|切勿|除了",
        "하지 ?마|말고|제외|없이|않도록|금지|피해",
    ),
    "tone": (
        r"\b(?:tone|style of|formal|informal|friendly|professional|humorous|funny|persuasive"
        r"|audience"
        r"|for (?:a )?(?:kids?|children|beginners?)|[0-9]+.year.old|in the (?:style|voice) of)\b",
        "语气|口吻|风格|正式|幽默|通俗|语言要|面向",
        "말투|어조|톤|문체|공손|친근|유머|격식|존댓말|반말",
    ),
    "language": (
        r"\b(?:in|into) (?:english|chinese|korean|japanese|french|german|spanish|italian"
        r"|russian)\b",
        "用(?:英文|英语|中文|汉语|日语|韩语|法语)",
        "(?:영어|한국어|중국어|일본어)로",
    ),
    "order": (
        r"\b(?:(?:start|begin|end)(?:s|ing|ning)? with|step.by.step|each [a-z]+ (?:must|should)"
        r"|in (?:alphabetical|chronological|descending|ascending) order|every (?:sentence|line"
        r"|word))\b",
        "开头|结尾|按照?[^，。]{0,8}顺序|逐步|一步一步|每(?:句|行|段|个)",
        "시작(?:하|해)|끝(?:내|나)|순서대로|단계별|먼저|각 (?:문장|줄|문단)",
    ),
}


def complex_instruction(cfg: FilterSettings) -> pl.Expr:
    """Find prompts with `min_constraints` kinds of constraints: length, format, tone and so on."""
    kinds = (says(*patterns).cast(pl.UInt8) for patterns in _KINDS.values())
    return pl.sum_horizontal(kinds) >= cfg.min_constraints
