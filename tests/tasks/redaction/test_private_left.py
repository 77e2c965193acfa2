"""Values that no single text shows: cut where that is possible, else the chat is refused."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.conversation import Conversation, Unreadable, text_message
from tasks.redaction.redact import redact_again, redact_conversation, redact_raw, redact_texts
from tests.tasks.redaction.test_redactor import SCRAPPY, TREES

KEY = "sk-abcdefghij1234567890ABCDEFGHIJ"
BODY = "\n".join(["QmFzZTY0QmFzZTY0QmFzZTY0QmFzZTY0QmFzZTY0QmFzZTY0"] * 4)


def said(*texts):
    return Conversation([text_message("user", text) for text in texts])


def parted(*texts):
    parts = json.dumps([{"type": "text", "text": text} for text in texts])
    return Conversation([{**text_message("user", "\n".join(texts)), "parts": parts}])


def called(arguments):
    calls = json.dumps([{"function": {"name": "f", "arguments": arguments}}])
    return Conversation([{**text_message("assistant", ""), "tool_calls": calls}])


REFUSED = {
    "key over parts": parted("my key " + KEY[:9], KEY[9:] + " fails"),
    "phone over parts": parted("call 1380", "0138", "000 now"),
    "address over parts": parted("wang@", "qq.com"),
    "secret said in the next message": said("here is the api key:", "abcd1234efgh5678"),
    "private key over messages": Conversation(
        [
            text_message("user", "-----BEGIN RSA PRIVATE KEY-----"),
            text_message("assistant", "Go on."),
            text_message("user", "QmFzZTY0\nAB"),
            text_message("user", "-----END RSA PRIVATE KEY-----"),
        ]
    ),
}


@pytest.mark.parametrize("conversation", REFUSED.values(), ids=REFUSED)
def test_chat_is_refused_when_a_value_cannot_be_cut_out(conversation):
    with pytest.raises(Unreadable) as caught:
        redact_conversation(conversation)
    assert caught.value.reason == "private_left"
    assert not any(piece in str(caught.value) for piece in ("sk-", "138", "wang", "abcd", "Qm"))


CUT = {
    "JSON in JSON in JSON": called(
        json.dumps({"q": json.dumps({"to": json.dumps(["wang@qq.com"])})})
    ),
    "key of an object": called(json.dumps({"wang@qq.com": {"13800138000": 1}})),
    "number": called(json.dumps({"phone": 13800138000})),
    "number with an exponent": called('{"phone": 1.3800138E10}'),
    "number with decimals": called('{"phone": 13800138000.0}'),
    "Base64": called(json.dumps({"file": base64.b64encode(b"mail wang@qq.com today").decode()})),
    "Base64 of Base64": called(
        base64.b64encode(base64.b64encode(b"mail wang@qq.com today please")).decode()
    ),
    "data URL": called(
        "data:text/csv;base64," + base64.b64encode("姓名,电话\n王芳,13800138000".encode()).decode()
    ),
    "character by character": said("wang\u200b@\u2060qq\ufeff.com １３８００１３８０００"),
    "rest of a private key": said(f"{BODY}\n-----END PRIVATE KEY-----"),
    "start of a private key": said(f"-----BEGIN PRIVATE KEY-----\n{BODY}"),
}


@pytest.mark.parametrize("conversation", CUT.values(), ids=CUT)
def test_value_is_cut_out_of(conversation):
    redacted, counts = redact_conversation(conversation)
    shown = repr(redacted)
    assert counts
    hidden = ("wang", "13800138000", "3800138E10", "１３８", "QmFzZTY0", "bWFpbC", "1380013800")
    assert not any(piece in shown for piece in hidden)


def test_neighbours_that_only_look_split_stay():
    chat = parted("Chapter 1", "2 of 3", "see v1.2")
    assert redact_conversation(chat) == (chat, {})
    chat = said("what is a password?", "Tell me about BEGIN PRIVATE KEY headers")
    assert redact_conversation(chat) == (chat, {})


def test_redacting_again_keeps_placeholders_and_their_numbers():
    stored = [
        text_message("user", "<EMAIL_2> and <SECRET_1> are mine, wallet 13800138000"),
        text_message("assistant", "I wrote to ann@x.com and <EMAIL_1>."),
    ]
    again, counts = redact_again(stored)
    assert again[0]["content"] == "<EMAIL_2> and <SECRET_1> are mine, wallet <PHONE_1>"
    assert again[1]["content"] == "I wrote to <EMAIL_3> and <EMAIL_1>."
    assert counts == {"PHONE": 1, "EMAIL": 1}


def test_texts_that_belong_together_share_placeholders():
    texts, counts = redact_texts(["mail a@x.com", "b@x.com, a@x.com and <EMAIL_1>"])
    assert texts == ["mail <EMAIL_2>", "<EMAIL_3>, <EMAIL_2> and <EMAIL_1>"]
    assert counts == {"EMAIL": 3}


MESSAGES = st.lists(
    st.builds(
        lambda role, content, calls: {**text_message(role, content), "tool_calls": calls},
        st.sampled_from(["user", "assistant"]),
        SCRAPPY,
        st.none() | TREES.map(json.dumps),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(MESSAGES)
def test_redacting_again_changes_nothing_more(messages):
    try:
        once, _ = redact_again(messages)
    except Unreadable:
        return
    assert redact_again(once) == (once, {})


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(SCRAPPY, max_size=3))
def test_redacting_texts_again_changes_nothing_more(texts):
    once, _ = redact_texts(texts)
    assert redact_texts(once) == (once, {})
    for text in once:
        redact_raw(text)
