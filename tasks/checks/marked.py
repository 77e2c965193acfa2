"""Take reasoning out of an answer where tags or a fence mark it; code is looked over, not read."""

import re
from collections.abc import Iterator

TAGS = ("think", "thinking", "reasoning")  # what reasoning models and prompts that ask for it use
_NAMES = "|".join(sorted(TAGS, key=len, reverse=True))
FENCES = "thinking|reasoning|think|thoughts?|思考|推理|思考过程|추론|사고|생각"

# "<think> tags mark ..." speaks of the tag
_MENTION = r"(?![ ]+(?:tags?|elements?|blocks?|marks?|markers?)\b|\s*(?:标签|标记|태그))"
_TAG = rf"<(?P<close>/?)(?P<name>{_NAMES})(?:\s[^<>]*)?>{_MENTION}"
# Possessive and anchored, so that a run of backticks or fences takes no longer than its length.
_SPAN = r"(?<!`)`++[^`\n]++`++"
_FENCED = r"^[ ]{0,3}(?P<ticks>`{3,}+|~{3,}+)[^`\n]*+\n.*?(?:^[ ]{0,3}(?P=ticks)[`~]*+[ \t]*+$|\Z)"
_OUTSIDE = re.compile(rf"{_TAG}|{_FENCED}|{_SPAN}", re.I | re.M | re.S)
_INSIDE = re.compile(rf"{_TAG}|{_SPAN}", re.I)  # reasoning may leave a fence open
_ANY_TAG = re.compile(rf"</?(?:{_NAMES})[\s>]", re.I)
_OPEN_FENCE = re.compile(rf"^[ ]{{0,3}}(?:```+|~~~+)[ ]*(?:{FENCES})[ ]*$", re.I | re.M)
_FENCE_LINE = re.compile(r"^[ ]{0,3}(?:```+|~~~+)[ ]*(?P<info>[^`\n]*)$", re.M)
_WRAPPED = re.compile(r"\s*<(answer|final_answer|response)>(.*)</\1>\s*", re.I | re.S)

Span = tuple[int, int]
Found = tuple[list[Span], int | None]
Tag = re.Match[str]


def tagged(text: str) -> Found:
    """Find reasoning in tags: (spans to take out, tags included; start of one never closed)."""
    if "<" not in text or not _ANY_TAG.search(text):
        return [], None
    tags = list(_tags(text))
    opens = [tag for tag in tags if not tag["close"] and _starts_or_ends_a_line(tag)]
    if not opens:
        return _before_the_close(text, tags), None
    first = opens[0]
    same = [t for t in tags if t.start() >= first.start() and _name(t) == _name(first)]
    closes = [tag for tag in same if tag["close"]]
    if not closes:
        return [], first.start()
    if len(closes) * 2 != len(same):
        return [(first.start(), closes[-1].end())], None
    return list(_pairs([t for t in tags if t.start() >= first.start()])), None


def fenced(text: str) -> Found:
    """Find reasoning in fences called thinking, as `tagged` does; fences may lie inside."""
    if ("```" not in text and "~~~" not in text) or not _OPEN_FENCE.search(text):
        return [], None
    spans, at = list[Span](), 0
    while opened := _next_fence(text, at):
        end = _end_of_fence(text, opened)
        if end is None:
            return spans, opened.start()
        spans.append((opened.start(), end))
        at = end
    return spans, None


def inside(text: str, span: Span) -> str:
    """Return what stands between the marks at both ends of a span."""
    marked = text[slice(*span)]
    if marked.lstrip().startswith(("`", "~")):
        return marked.partition("\n")[2].rpartition("\n")[0].strip()
    opened, closed = re.match(_TAG, marked, re.I), marked.rindex("</")
    return marked[opened.end() if opened else 0 : closed].strip()


def unwrapped(answer: str) -> str:
    """Take off the <answer> tags that stand around all of an answer after its reasoning."""
    whole = _WRAPPED.fullmatch(answer)
    return whole[2] if whole else answer


def _tags(text: str) -> Iterator[Tag]:
    """Yield the tags outside code."""
    at, depth = 0, 0
    while seen := (_INSIDE if depth > 0 else _OUTSIDE).search(text, at):
        at = seen.end()
        if seen["name"]:
            depth += -1 if seen["close"] else 1
            yield seen


def _starts_or_ends_a_line(tag: Tag) -> bool:
    before, _, after = _around(tag)
    return not before.strip(" \t>*_\ufeff") or not after.strip()


def _before_the_close(text: str, tags: list[Tag]) -> list[Span]:
    """Find the reasoning of a template that put the opening tag into the prompt, as DeepSeek's."""
    closes = [tag for tag in tags if tag["close"]]
    if not closes or len(closes) != len(tags):
        return []
    before, _, after = _around(closes[-1])
    ends = not before.strip() or before.rstrip()[-1] in ".!?。！？…:：)）\"”'"
    return [(0, closes[-1].end())] if ends and not after.strip() else []


def _around(tag: Tag) -> tuple[str, str, str]:
    text = tag.string
    begin = text.rfind("\n", 0, tag.start()) + 1
    end = text.find("\n", tag.end())
    return text[begin : tag.start()], tag[0], text[tag.end() : None if end < 0 else end]


def _pairs(tags: list[Tag]) -> Iterator[Span]:
    outer, depth = None, 0
    for tag in tags:
        if outer is None:
            outer, depth = (None, 0) if tag["close"] else (tag, 1)
        elif _name(tag) == _name(outer):
            depth += -1 if tag["close"] else 1
            if not depth:
                yield outer.start(), tag.end()
                outer = None


def _name(tag: Tag) -> str:
    return str(tag["name"]).lower()


def _next_fence(text: str, at: int) -> Tag | None:
    """Find the next fence of reasoning that does not lie inside another fence."""
    other = None
    for line in _FENCE_LINE.finditer(text, at):
        ticks = line[0].strip()[:3]
        if other is None and _OPEN_FENCE.match(line[0]):
            return line
        if other is None:
            other = ticks
        elif ticks == other and not line["info"]:
            other = None
    return None


def _end_of_fence(text: str, opened: Tag) -> int | None:
    depth = 1
    for line in _FENCE_LINE.finditer(text, opened.end()):
        depth += 1 if line["info"].strip() else -1
        if not depth:
            return line.end()
    return None
