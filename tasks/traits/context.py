"""Traits of what stands around a prompt."""

import polars as pl

from schemas.filter_settings import FilterSettings
from schemas.patterns import any_of
from tasks.language import mostly_cjk
from tasks.token_estimate import most_tokens_of_messages, tokens_of_messages
from tasks.traits.pattern import PROMPT, says
from tasks.traits.trait import has

_DOCUMENTS = (
    r"<(?:docs?|documents?|context|passages?|retrieved[a-z_]*|search_results?"
    r"|excerpts?)(?: [^>]*)?>\s*[^\s{]",
    r"(?m)^[\s#*\[]*(?:context|documents?|passages?|retrieved [a-z]+|search results?|excerpts?"
    r"|knowledge base)(?: ?#?[0-9]+)?[\s\]*]*[:：]\s*[^\s{$]",
    r"\b(?:based on|according to|using|given|from|use) (?:only )?(?:the )?"
    r"(?:following|given|above|below) (?:pieces of )?(?:context|documents?"
    r"|passages?|search results|excerpts?)\b",
    r"\b(?:using|use|from) only the (?:text|information|article|facts) (?:above|below|provided)\b",
    r"(?m)^\s*文档 ?[0-9]*\s*[:：]",
    r"(?:参考资料|已知信息|背景资料|背景知识|上下文|文档内容|检索结果|搜索结果|知识库|参考文档|资料[0-9])"
    r"\s*[:：]",
    "(?:根据|基于|结合)(?:以下|下面|上述|给定|提供)的?(?:资料|文档|上下文|材料|检索结果|内容)",
    r"(?:참고 ?(?:자료|문서)|문맥|검색 ?결과|배경 ?(?:지식|정보)|제공된 ?문서|문서 ?[0-9])\s*[:：]",
    "(?:다음|아래|위|주어진|제공된) ?(?:문서|자료|문맥|글|검색 결과)(?:을|를|에)? ?(?:바탕|참고"
    "|기반|근거)",
)
_TOOLS = (
    r"\b(?:following|these) (?:functions|tools)\b|<tools?>|<functions?>",
    r'"parameters": ?\{|"input_schema": ?\{',
    "(?:以下|下列)(?:工具|函数)|(?:다음|아래) ?(?:도구|함수)",
)
_MIN_DOCUMENT_CHARS = 200  # "Context: my boss is ill" brings no document
_CJK_WEIGHT = 3  # a Chinese or Korean text has a third of the characters of an English one


def tool_use(_: FilterSettings) -> pl.Expr:
    """Find prompts whose context offers tools, or has a call or a result of one."""
    message = pl.element().struct
    used = (message.field("role") == "tool") | message.field("tool_calls").is_not_null()
    called = pl.col("messages").list.eval(used).list.any()
    return has("tools_offered") | called | _orders(any_of(*_TOOLS))


def rag(_: FilterSettings) -> pl.Expr:
    """Find documents to answer from, in the prompt or in a system message."""
    text = pl.when(says(*_DOCUMENTS)).then(PROMPT)
    weight = pl.when(mostly_cjk(text)).then(_CJK_WEIGHT).otherwise(1)
    in_prompt = text.str.len_chars() * weight >= _MIN_DOCUMENT_CHARS
    return in_prompt.fill_null(value=False) | _orders(any_of(*_DOCUMENTS))


def long_context(cfg: FilterSettings) -> pl.Expr:
    """Find conversations of `long_context_tokens` and more, this turn included."""
    messages = pl.col("messages")
    perhaps = pl.when(most_tokens_of_messages(messages) >= cfg.long_context_tokens).then(messages)
    tokens = tokens_of_messages(perhaps).list.sum()
    return (tokens >= cfg.long_context_tokens).fill_null(value=False)


def _orders(pattern: str) -> pl.Expr:
    """Return whether a long system message matches `pattern`."""
    message = pl.element().struct
    long = message.field("content").str.len_chars() >= _MIN_DOCUMENT_CHARS
    orders = message.field("content").filter(long & (message.field("role") == "system"))
    found = orders.str.to_lowercase().str.contains(pattern)
    return pl.col("messages").list.eval(found).list.any()
