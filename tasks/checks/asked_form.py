"""Where a form was asked for: a table, a list, code, CSV, one word, yes or no, capitals."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.checks.embedded import around_fences, fenced

_BULLET = re.compile(r"^[ \t]*[-*•·▪◦–][ \t]+\S", re.MULTILINE)
_NUMBER = re.compile(r"^[ \t]*(?:\*\*)?\(?(?:\d{1,3}[.)、．]|[①-⑳])[ \t]*\S", re.MULTILINE)
_YES_NO = re.compile(
    "yes|no|true|false|是|否|是的|不是|对|不对|예|네|아니요|아니오|맞습니다|아닙니다"
)
_EDGES = " \t\n\"'“”‘’`*.。!！,，"


def _has_table(answer: str) -> bool:
    piped = [line for line in answer.splitlines() if "|" in line]
    return len(piped) > 1 or answer.count(" | ") > 3 or "<table" in answer.casefold()


def _is_csv(answer: str) -> bool:
    lines = [line for line in (fenced(answer) or [answer])[0].strip().splitlines() if line.strip()]
    commas = [re.sub(r'"[^"]*"', "", line).count(",") for line in lines]
    return bool(commas) and min(commas) > 0 and len(set(commas)) == 1


def _is_one_word(answer: str) -> bool:
    text = answer.strip(_EDGES)
    han = len(re.findall(r"[一-鿿]", text))
    return len(text.split()) <= 1 and han <= 6 and not re.search(r"[，。,、；;：:]", text)


def _is_yes_or_no(answer: str) -> bool:
    return bool(_YES_NO.fullmatch(answer.strip(_EDGES).casefold()))


def _is_only_code(answer: str) -> bool:
    return not fenced(answer) or not around_fences(answer)


def _is_upper(answer: str) -> bool:
    return not re.search(r"[a-z]{2}", answer)


def _is_lower(answer: str) -> bool:
    return not re.search(r"[A-Z]", answer)


@dataclass(frozen=True, slots=True)
class Form:
    """A form, how it is asked for, and whether an answer has it."""

    name: str
    asked: re.Pattern[str]
    has: Callable[[str], bool]
    in_code: bool = True  # may be asked of an answer that is a program


def _asked(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


FORMS: tuple[Form, ...] = (
    Form(
        "a table",
        _asked(
            r"\b(?:in|as|into|using|use|with|make|create|build|draw|produce|present"
            r"|put)\b(?: \w+){0,3}? an?(?: \w+){0,3}? table\b"
            r"(?! of contents| for \d|\s*(?:name|called|tennis))",
            r"\b(?:in|as|use|using)(?: an?| the)? (?:markdown )?table (?:form|format|layout)\b"
            r"|\bmarkdown table\b",
            r"(?:用|以|做成?|制作|整理成|列成?|列一?个|生成|输出|画)[^，。\n]{0,10}表格",
            r"表格(?:形式|的形式|格式)?(?:列出|展示|呈现|对比|比较|输出|总结|给出|说明|整理)",
            r"(?:^|\s)표(?:로|를 만들|를 작성| ?형식| ?형태)",
        ),
        _has_table,
        in_code=False,
    ),
    Form(
        "bullet points",
        _asked(
            r"\b(?:in|as|using|with|use|into)\b(?: \w+){0,4}? bullet(?:ed|s)?(?:[ -](?:points?"
            r"|lists?|form|format))?\b",
            r"\b(?:give me|make|write|create|produce|return|provide"
            r"|list)(?: \w+){0,2}? bullet(?:ed)?[ -](?:list|points)\b",
            r"项目符号|(?:要点|无序)(?:的?形式|列表|的方式)",
            r"글머리|불릿|개조식",
        ),
        lambda answer: bool(_BULLET.search(answer)),
        in_code=False,
    ),
    Form(
        "a numbered list",
        _asked(
            r"\bnumbered (?:list|steps|points)\b|\bnumber (?:each|them|the steps)\b",
            r"给[^，。\n]{0,6}编号|编号(?:列表|列出|的列表)|有序列表|带编号",
            r"번호(?:를 매|를 붙|가 있는| ?목록| ?매긴)",
        ),
        lambda answer: bool(_NUMBER.search(answer)),
        in_code=False,
    ),
    Form(
        "only code",
        _asked(
            r"\b(?:code only|only (?:the |give (?:me )?(?:the )?|return (?:the )?"
            r"|output (?:the )?|show (?:me )?(?:the )?|write (?:the )?)?code|just (?:the )?code"
            r"|nothing but (?:the )?code)\b",
            r"(?:只|仅)(?:要|需|给|输出|返回|写|提供)[^，。\n]{0,6}代码",
            r"코드만",
        ),
        _is_only_code,
    ),
    Form(
        "a code block",
        _asked(
            r"\b(?:in|inside|as|use|within) (?:an? )?(?:\w+ )?(?:code ?block|code fence)",
            r"代码块",
            r"코드 ?블록",
        ),
        lambda answer: bool(fenced(answer)),
    ),
    Form(
        "CSV",
        _asked(
            r"\b(?:as|in|into|output|return|to)\b(?: \w+){0,3}? csv\b",
            r"\b(?:give me|make|write|create|produce|return|only) (?:an?|the) csv\b",
            r"csv\s?(?:格式|形式|형식|로)|(?:用|以|成|为)\s?csv",
        ),
        _is_csv,
        in_code=False,
    ),
    Form(
        "one word",
        _asked(
            r"\b(?:in|with|as|using) (?:only |just |exactly )?(?:one|a single|1) word\b"
            r"|\b(?:one|single)[- ]word (?:answer|only|reply|response)\b|\bonly (?:one"
            r"|a single) word\b",
            r"(?:^|[.?!\n] ?)one word\b[,.]|(?:用|以)一个词(?:语)?|只(?:用|回答|回复|输出|给"
            r"|说)一个词",
            r"한 ?단어로|단어 하나로",
        ),
        _is_one_word,
        in_code=False,
    ),
    Form(
        "only yes or no",
        _asked(
            r"\b(?:answer|reply|respond|say|return|output|with|just|only"
            r"|simply)\b[^.\n]{0,20}[\"'“]?\byes[\"'”]?(?:,? or |/| / )[\"'“]?no\b",
            r"\byes or no only\b|\byes/no (?:answer )?only\b",
            r"(?:只|仅|请)(?:需|能|用|要)?(?:回答|回复|说|输出|用)?[“\"「]?是[”\"」]?(?:或者?"
            r"|还是|/)[“\"「]?(?:否|不是)",
            r"(?:예|네)[\"'”]?(?:/| ?또는 ?|나 |이나 | 아니면 )[\"'“]?아니[요오][\"'”]?(?:로"
            r"|라고|만|중)",
        ),
        _is_yes_or_no,
        in_code=False,
    ),
    Form(
        "capital letters only",
        _asked(
            r"\b(?:in|using|use|with) (?:all |only )?(?:upper ?case|capital letters|capitals"
            r"|all[- ]caps)\b",
            r"全部?(?:用)?大写|대문자(?:로|만)",
        ),
        _is_upper,
        in_code=False,
    ),
    Form(
        "small letters only",
        _asked(
            r"\b(?:in|using|use|with) (?:all |only )?(?:lower ?case|small letters)\b",
            r"全部?(?:用)?小写|소문자(?:로|만)",
        ),
        _is_lower,
        in_code=False,
    ),
)


def _speaks_of_a_form(cfg: CheckSettings) -> pl.Expr:
    return pl.col("prompt").str.contains(
        r"(?i)table|bullet|number|code|csv|word|yes|case|caps|capital|表格|符号|要点|列表|编号"
        r"|代码|一个词|是|大写|小写|표|글머리|불릿|개조식|번호|코드|단어|아니|문자"
    )


@gated(_speaks_of_a_form)
def format_missed(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers in another form than the one that was asked for."""
    is_code = bool(fenced(row.answer)) and bool(
        re.search(r"code|function|script|program|代码|函数|코드|함수", row.prompt, re.IGNORECASE)
    )
    for form in FORMS:
        if (
            (form.in_code or not is_code)
            and form.asked.search(row.instructions)
            and not form.has(row.answer)
        ):
            return f"{form.name} was asked for"
    return None
