import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.conversation import Conversation, Vote
from tasks.redaction.redact import redact_conversation

PRIVATE = "wang@qq.com"


def message(content="hi", **fields):
    base = {"role": "user", "parts": None, "name": None, "tool_call_id": None, "tool_calls": None}
    return {**base, "content": content, **fields}


def redacted_messages(*messages):
    return redact_conversation(Conversation(messages=list(messages)))[0].messages


FIELDS = {
    "content": Conversation([message(f"我的邮箱{PRIVATE}")]),
    "system prompt": Conversation([message(f"You serve {PRIVATE}", role="system")]),
    "parts": Conversation(
        [message(f"a\n{PRIVATE}", parts=json.dumps([{"text": "a"}, {"text": PRIVATE}]))]
    ),
    "image of parts": Conversation(
        [message("", parts=json.dumps([{"image_url": {"url": f"https://x.io/?u={PRIVATE}"}}]))]
    ),
    "name": Conversation([message(name=PRIVATE)]),
    "tool_call_id": Conversation([message(tool_call_id=f"call_{PRIVATE}")]),
    "tool_calls": Conversation(
        [message(tool_calls=json.dumps([{"function": {"arguments": json.dumps({"a": PRIVATE})}}]))]
    ),
    "broken tool_calls": Conversation([message(tool_calls=r'[{"a": "\nwang\u0040qq.com')]),
    "source_id": Conversation([message()], source_id=PRIVATE),
    "record_ref": Conversation([message()], record_ref=PRIVATE),
    "session_id": Conversation([message()], session_id=f"s-{PRIVATE}"),
    "model": Conversation([message()], model=f"ft:gpt:{PRIVATE}"),
    "vote comment": Conversation([message()], votes=[Vote("thumb", 1.0, comment=f"ask {PRIVATE}")]),
    "vote id": Conversation([message()], votes=[Vote("thumb", 1.0, vote_id=PRIVATE)]),
    "vote target": Conversation([message()], votes=[Vote("thumb", 1.0, target_id=PRIVATE)]),
    "vote kind": Conversation([message()], votes=[Vote(PRIVATE, None)]),
}


@pytest.mark.parametrize("conversation", FIELDS.values(), ids=FIELDS)
def test_no_value_survives_in_any_field(conversation):
    redacted, counts = redact_conversation(conversation)
    shown = repr(redacted)
    assert "<EMAIL_1>" in shown
    assert "wang" not in shown
    assert "qq.com" not in shown
    assert counts["EMAIL"] >= 1


def test_everything_else_stays():
    conversation = Conversation(
        messages=[message("sort 3 1 2", parts='[{"type": "text",  "text": "sort 3 1 2"}]')],
        source_id="550e8400-e29b-41d4-a716-446655440000",
        record_ref="chatcmpl-9x1",
        session_id="s1",
        started_at=datetime(2024, 5, 1, tzinfo=UTC),
        updated_at=datetime(2024, 5, 2, tzinfo=UTC),
        model="gpt-4o-2024-08-06",
        user="wang@qq.com",
        votes=[Vote("rating", 4.0, turn=0, comment="good", at=datetime(2024, 5, 3, tzinfo=UTC))],
    )
    assert redact_conversation(conversation) == (conversation, {})


def test_user_is_left_for_the_caller():
    redacted, _ = redact_conversation(Conversation([message(PRIVATE)], user=PRIVATE))
    assert redacted.user == PRIVATE
    assert redacted.messages[0]["content"] == "<EMAIL_1>"


def test_value_has_one_placeholder_in_all_fields():
    calls = json.dumps([{"id": "call_a@x.com", "function": {"arguments": '{"to": "b@x.com"}'}}])
    redacted, counts = redact_conversation(
        Conversation(
            [
                message("mail b@x.com"),
                message("", role="assistant", tool_calls=calls),
                message("sent", role="tool", tool_call_id="call_a@x.com"),
            ]
        )
    )
    assert json.loads(redacted.messages[1]["tool_calls"]) == [
        {"id": "<EMAIL_2>", "function": {"arguments": '{"to": "<EMAIL_1>"}'}}
    ]
    assert redacted.messages[2]["tool_call_id"] == "<EMAIL_2>"
    assert counts == {"EMAIL": 4}


def test_numbers_do_not_collide_with_placeholders_of_later_messages():
    first, second = redacted_messages(message("a@x.com"), message("who is <EMAIL_1>?"))
    assert (first["content"], second["content"]) == ("<EMAIL_2>", "who is <EMAIL_1>?")


def test_password_is_cut_where_only_its_repetition_shows_it():
    before, told, after = redacted_messages(
        message("why is Tr0ub4dor refused?"),
        message("my password is Tr0ub4dor"),
        message("is 'Tr0ub4dor' safe, or NotTr0ub4dor?", role="assistant"),
    )
    assert before["content"] == "why is <SECRET_1> refused?"
    assert told["content"] == "my password is <SECRET_1>"
    assert after["content"] == "is '<SECRET_1>' safe, or NotTr0ub4dor?"


def test_password_that_is_a_word_is_cut_only_where_it_is_said_to_be_one():
    text = "postgres://postgres:postgres@db, what is postgres?"
    assert redacted_messages(message(text))[0]["content"] == (
        "postgres://postgres:<SECRET_1>@db, what is postgres?"
    )


def test_content_is_still_the_text_of_the_parts():
    texts = ["my password is:", "Tr0ub4dor", '{"phone": 13800138000}', "mail wang@qq.com"]
    parts = json.dumps([{"type": "text", "text": text} for text in texts])
    (redacted,) = redacted_messages(message("\n".join(texts), parts=parts))
    shown = [part["text"] for part in json.loads(redacted["parts"])]
    assert redacted["content"] == "\n".join(shown)
    assert shown == ["my password is:", "<SECRET_1>", '{"phone": "<PHONE_1>"}', "mail <EMAIL_1>"]


def test_parts_go_when_only_their_joined_text_shows_a_value():
    head, tail = (
        "-----BEGIN PRIVATE KEY-----",
        "MIIEpAIBAAKCAQEA7bq2l1cYhT9mXvJ4\n-----END PRIVATE KEY-----",
    )
    parts = json.dumps([{"text": head}, {"text": tail}])
    (redacted,) = redacted_messages(message(f"{head}\n{tail}", parts=parts))
    assert redacted == message("<SECRET_1>")


@pytest.mark.parametrize("conversation", FIELDS.values(), ids=FIELDS)
def test_redacting_twice_changes_nothing_more(conversation):
    redacted, _ = redact_conversation(replace(conversation))
    assert redact_conversation(redacted) == (redacted, {})
