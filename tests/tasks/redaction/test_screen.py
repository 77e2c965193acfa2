"""The screen only saves time: with every detector reading every text the results are the same."""

import json
from contextlib import contextmanager
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.conversation import Conversation, Unreadable, text_message
from tasks.redaction import detectors, redactor
from tasks.redaction.detectors import DETECTORS, candidates, may_hold_private
from tasks.redaction.hints import Hints
from tasks.redaction.readable import Readable
from tasks.redaction.redact import Redactor, redact_conversation
from tasks.redaction.rules import Rules
from tests.tasks.redaction.test_detectors import FOUND, LEFT_ALONE

SCRAPS = [text for text, _, _ in FOUND] + LEFT_ALONE
WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
NOTHING = Rules(custom=lambda text: [])  # sees all texts, so that no text is passed over


@contextmanager
def unscreened():
    """Let every detector read every text."""
    everyone = lambda text: range(len(DETECTORS))  # noqa: E731
    with (
        mock.patch.object(detectors, "candidates", everyone),
        mock.patch.object(redactor, "candidates", everyone),
    ):
        yield


def disguised(text):
    """Write `text` as escapes, percent signs, wide or interrupted characters do."""
    return st.sampled_from(
        [
            text,
            text.translate(WIDE),
            json.dumps(text),
            json.dumps(json.dumps(text)),
            "".join(f"%{ord(c):02x}" if "!" < c < "0" else c for c in text),
            "\u200b".join(text),
            text.replace("s", "ſ").replace("K", "\u212a"),
            text.upper(),
        ]
    )


TEXTS = st.lists(st.sampled_from(SCRAPS).flatmap(disguised) | st.text(max_size=20), max_size=4).map(
    " ".join
)
TREES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["phone", "password", "api_key", "card", "cookie", "护照", "x"])
            | TEXTS,
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
).map(json.dumps)


def check(max_examples=120):
    return settings(max_examples=max_examples, deadline=None, derandomize=True)


@check()
@given(TEXTS)
def test_every_detector_that_finds_something_is_a_candidate(text):
    readable = Readable(text).text
    found = [n for n, each in enumerate(DETECTORS) if list(each.find(readable))]
    assert set(found) <= set(candidates(readable))
    assert may_hold_private(text) or not found


@check()
@given(TEXTS)
def test_texts_are_redacted_alike_with_and_without_the_screen(text):
    fast = Redactor().text(text)
    with unscreened():
        assert Redactor(NOTHING).text(text) == fast


@check()
@given(TREES)
def test_json_is_redacted_alike_with_and_without_the_screen(text):
    fast = Redactor().json(text)
    with unscreened():
        assert Redactor(NOTHING).json(text) == fast


def outcome(chat, *rules):
    try:
        return redact_conversation(chat, *rules)
    except Unreadable as problem:
        return str(problem)


@check(60)
@given(st.lists(st.tuples(TEXTS, TREES), min_size=1, max_size=3))
def test_conversations_are_redacted_alike_with_and_without_the_screen(turns):
    messages = []
    for content, calls in turns:
        messages += [
            text_message("user", content),
            {**text_message("assistant", ""), "tool_calls": calls},
        ]
    chat = Conversation(messages, source_id="550e8400", model="gpt-4o")
    fast = outcome(chat)
    with unscreened():
        assert outcome(chat, NOTHING) == fast


def test_a_plain_chat_needs_no_detector(monkeypatch):
    monkeypatch.setattr(redactor, "Readable", None)  # whoever reads on fails
    monkeypatch.setattr(detectors, "Readable", None)
    plain = "请帮我润色这段话，谢谢！How do I split 12 items? 순서를 바꿔 주세요."
    chat = Conversation([text_message("user", plain)], source_id="c1", model="gpt-4o")
    assert redact_conversation(chat) == (chat, {})


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_unscreened_detectors_leave_the_same_alone(text):
    with unscreened():
        assert Redactor().text(text) == text


def test_patterns_that_outgrow_the_memory_count_as_matches(monkeypatch):
    hints = Hints(["a", "b"])
    assert list(hints.match("xa")) == [0]

    for answer in (None, [0]):  # without the pattern that always matches
        monkeypatch.setattr(hints, "_set", SimpleNamespace(Match=lambda text, a=answer: a))
        assert list(hints.match("xa")) == [0, 1]


def test_halves_of_surrogate_pairs_hide_nothing():
    assert Redactor().text("\ud800 wang@qq.com") == "\ud800 <EMAIL_1>"
