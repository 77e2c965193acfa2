import json
from datetime import UTC, datetime

import pytest

from schemas.conversation import Conversation, Unreadable, Vote
from tasks.sources import read_record, split_record

NOON = 1_709_985_600


def node(id_, parent, role, content, **fields):
    return id_, {"id": id_, "parentId": parent, "role": role, "content": content} | fields


TREE = dict(
    [
        node("u1", None, "user", "Hi", timestamp=NOON),
        node("a1", "u1", "assistant", "Hey", model="small", timestamp=NOON + 1),
        node("a2", "u1", "assistant", "Hello", model="large", timestamp=NOON + 2),
        node("u2", "a2", "user", "Why?", timestamp=NOON + 3),
        node("u3", "a2", "user", "How?", timestamp=NOON + 4),
        node("a3", "u3", "assistant", "So.", model="large", timestamp=NOON + 5),
    ]
)


def chat(current="a3", tree=TREE, **fields):
    history = {"messages": tree, "currentId": current}
    return {"models": ["small"], "history": history, "timestamp": NOON * 1_000} | fields


def row(**fields):
    return {"id": "c1", "user_id": "u", "chat": chat(), "created_at": NOON} | fields


def turns(logged):
    return [(message["role"], message["content"]) for message in read_record(logged).messages]


SHOWN = [("user", "Hi"), ("assistant", "Hello"), ("user", "How?"), ("assistant", "So.")]


@pytest.mark.parametrize(
    "logged", [row(), row(chat=json.dumps(chat())), chat(), row(chat=chat(messages=[]))]
)
def test_the_branch_that_was_shown_is_the_chat(logged):
    assert turns(logged) == SHOWN


def test_another_current_message_shows_another_branch():
    assert turns(row(chat=chat("a1"))) == [("user", "Hi"), ("assistant", "Hey")]


def test_without_a_current_message_the_list_is_the_chat():
    listed = [TREE["u1"], TREE["a1"]]
    for current in (None, "gone", 7):
        assert turns(row(chat=chat(current, messages=listed))) == turns(row(chat=chat("a1")))
    assert turns(row(chat={"messages": listed})) == turns(row(chat=chat("a1")))


def test_a_tree_that_bites_its_tail_ends():
    tree = dict([node("u1", "a1", "user", "Hi"), node("a1", "u1", "assistant", "Hey")])
    assert turns(row(chat=chat("a1", tree))) == [("user", "Hi"), ("assistant", "Hey")]


def test_what_stands_around_the_chat_is_read():
    read = read_record(row(updated_at=NOON + 60))
    assert (read.source_id, read.user, read.model) == ("c1", "u", "large")
    assert read.started_at == datetime(2024, 3, 9, 12, tzinfo=UTC)
    assert read.updated_at == datetime(2024, 3, 9, 12, 1, tzinfo=UTC)
    assert read_record(row(chat=chat("u1"))).model == "small"


def test_the_system_prompt_of_the_chat_comes_first():
    assert turns(row(chat=chat("u1", params={"system": "Be kind."})))[0] == ("system", "Be kind.")


def test_files_and_images_are_parts_of_their_message():
    image, file = {"type": "image", "url": "data:image/png;base64,x"}, {"type": "doc", "name": "a"}
    tree = dict([node("u1", None, "user", "See", files=[image, file])])
    read = read_record(row(chat=chat("u1", tree))).messages[0]
    assert read["content"] == "See"
    assert json.loads(read["parts"]) == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,x"}},
        {"type": "file", "file": file},
    ]


def replied(content, **fields):
    tree = dict([node("u1", None, "user", "Hi"), node("a1", "u1", "assistant", content, **fields)])
    return read_record(row(chat=chat("a1", tree))).messages[1:]


CALL = [
    '<details type="tool_calls" done="true" id="c1" name="add" '
    'arguments="&quot;{\\&quot;a\\&quot;: 1}&quot;" result="&quot;2&quot;" files="">\n'
    "<summary>Tool Executed</summary>\n</details>\n",
    '<details type="tool_calls" done="true" id="c1" name="add" '
    'arguments="{&quot;a&quot;: 1}">\n<summary>Done</summary>\n&quot;2&quot;\n</details>\n',
]
THOUGHT = (
    '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>'
    "\n&gt; One\n&gt; &lt;two&gt;\n</details>\n"
)


@pytest.mark.parametrize("call", CALL)
def test_a_rendered_reply_is_taken_apart(call):
    asked, result, said = replied(f"{THOUGHT}{call}It is 2.")
    assert json.loads(asked["parts"]) == [{"type": "reasoning", "text": "One\n<two>"}]
    [made] = json.loads(asked["tool_calls"])
    assert (made["id"], json.loads(made["function"]["arguments"])) == ("c1", {"a": 1})
    assert (result["role"], result["tool_call_id"], result["content"]) == ("tool", "c1", "2")
    assert (said["role"], said["content"], said["parts"]) == ("assistant", "It is 2.", None)


def test_items_go_before_what_was_rendered_of_them():
    items = [
        {"type": "reasoning", "content": [{"type": "output_text", "text": "Hm."}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "2"}]},
    ]
    [said] = replied(THOUGHT + "2", output=items)
    assert said["content"] == "2"
    assert json.loads(said["parts"]) == [items[0], {"type": "output_text", "text": "2"}]


def test_a_fold_that_a_model_wrote_is_text():
    text = "<details><summary>More</summary>x</details>"
    assert replied(text)[0]["content"] == text


def test_what_another_tool_folded_away_is_a_part():
    [said] = replied('<details type="code_interpreter" done="true">\n1+1\n</details>\n2')
    assert said["content"] == "2"
    assert json.loads(said["parts"])[0]["text"] == "1+1"


@pytest.mark.parametrize("state", [{"error": {"content": "overloaded"}}, {"done": False}])
def test_a_reply_that_failed_or_is_being_written_is_none(state):
    assert replied("Hel", **state) == []
    assert replied("") == []


def test_a_rating_is_a_vote_on_its_turn():
    liked = {"rating": 1, "comment": "Nice", "reason": "accurate", "details": {"rating": 9}}
    tree = TREE | dict(
        [
            node("a2", "u1", "assistant", "Hello", annotation=liked, feedbackId="f1"),
            node("a3", "u3", "assistant", "So.", annotation={"rating": -1}),
            node("a1", "u1", "assistant", "Hey", annotation={"rating": -1}),
        ]
    )
    assert read_record(row(chat=chat(tree=tree))).votes == [
        Vote("thumb", 1.0, turn=0, vote_id="f1", comment="accurate\nNice"),
        Vote("rating", 9.0, turn=0, vote_id="f1"),
        Vote("thumb", 0.0, turn=1),
    ]


def feedback(rated="a3", **fields):
    return {
        "id": "f1",
        "type": "rating",
        "data": {"rating": 1, "comment": "", "reason": "helpful"},
        "meta": {"chat_id": "c1", "message_id": rated, "message_index": 4},
        "created_at": NOON,
        **fields,
    }


AT = datetime(2024, 3, 9, 12, tzinfo=UTC)


def test_a_feedback_is_a_vote_on_the_turn_of_its_message():
    [vote] = read_record(feedback())
    assert vote == Vote("thumb", 1.0, "a3", "f1", turn=1, comment="helpful", at=AT)
    [vote] = read_record(feedback(data={"rating": None}, meta={"message_id": "m1"}))
    assert (vote.value, vote.target_id, vote.turn) == (None, "m1", None)


@pytest.mark.parametrize(
    "snapshot",
    [
        {"chat": row()},
        {"chat": {"id": "c1"}, "history": {"messages": TREE, "currentId": "a3"}},
    ],
)
def test_the_chat_that_a_feedback_shows_is_read_too(snapshot):
    shown, vote = split_record(feedback("a2", snapshot=snapshot))
    assert isinstance(read_record(shown), Conversation)
    assert (turns(shown), read_record(shown).source_id) == (SHOWN, "c1")
    assert [(vote.target_id, vote.turn) for vote in read_record(vote)] == [("a2", 0)]


def test_a_vote_on_a_reply_that_was_not_shown_is_about_that_reply():
    _, vote = split_record(feedback("a1", snapshot={"chat": row()}))
    assert [(vote.target_id, vote.turn) for vote in read_record(vote)] == [("a1", None)]


def test_a_feedback_without_a_chat_stays_as_it_is():
    for snapshot in ({}, {"chat": {"id": "c1"}}):
        logged = feedback(snapshot=snapshot)
        assert split_record(logged) == [logged]


def test_an_empty_chat_has_no_messages():
    with pytest.raises(Unreadable, match="no_messages"):
        read_record({"id": "c1", "chat": {"history": {"messages": {}}, "messages": []}})
