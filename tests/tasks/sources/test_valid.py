"""A conversation that nobody could answer says why; what real logs have is let through."""

import pytest

from schemas.conversation import Unreadable
from tasks.sources import read_record

ASK = {"role": "user", "content": "Is it open?"}
SAY = {"role": "assistant", "content": "It is."}
RESULT = {"role": "tool", "content": "open", "tool_call_id": "c1"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}


def read(*messages):
    return read_record({"messages": list(messages)})


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([SAY], "no_user_turn"),
        ([{**ASK, "content": " \n"}, SAY], "empty_messages"),
        ([{**ASK, "content": None}], "empty_messages"),
        ([ASK, RESULT, SAY], "roles_out_of_order"),
        ([RESULT, ASK], "roles_out_of_order"),
    ],
)
def test_what_nobody_could_answer_is_refused(messages, reason):
    with pytest.raises(Unreadable) as caught:
        read(*messages)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "messages",
    [
        [SAY, ASK],
        [ASK, ASK, SAY],
        [ASK, SAY, SAY],
        [ASK, SAY, RESULT, SAY],
        [{**ASK, "content": [IMAGE]}],
        [{**ASK, "content": ""}, SAY, ASK],
    ],
)
def test_what_real_logs_have_is_let_through(messages):
    assert len(read(*messages).messages) == len(messages)
