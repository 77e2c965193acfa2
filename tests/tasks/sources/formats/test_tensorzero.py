import json
from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources import read_record

EPISODE = "018e2315-9200-7000-8000-000000000001"  # 2024-03-09 12:00 UTC
LATER = "018e234c-8080-7000-8000-000000000002"  # an hour later
NOON = datetime(2024, 3, 9, 12, tzinfo=UTC)


def said(role, *texts):
    return {"role": role, "content": [{"type": "text", "value": text} for text in texts]}


def inference(messages, reply="No.", **fields):
    return {
        "id": LATER,
        "function_name": "guess",
        "variant_name": "baseline",
        "episode_id": EPISODE,
        "input": json.dumps({"system": {"secret": "fork"}, "messages": messages}),
        "output": json.dumps([{"type": "text", "text": reply}]),
        "tags": {},
        **fields,
    }


def test_an_inference_is_the_conversation_so_far():
    read = read_record(
        inference([said("user", "Alive?"), said("assistant", "no"), said("user", "Big?")])
    )
    assert [(message["role"], message["content"]) for message in read.messages] == [
        ("system", "secret: fork"),
        ("user", "Alive?"),
        ("assistant", "no"),
        ("user", "Big?"),
        ("assistant", "No."),
    ]
    assert read.model == "baseline"


def test_input_and_output_may_be_objects():
    logged = inference([said("user", "Alive?")])
    unpacked = logged | {
        "input": json.loads(logged["input"]),
        "output": json.loads(logged["output"]),
    }
    assert read_record(unpacked) == read_record(logged)


def test_inferences_of_an_episode_with_the_same_start_are_one_conversation():
    first = read_record(inference([said("user", "Alive?")], id=EPISODE))
    second = read_record(
        inference([said("user", "Alive?"), said("assistant", "no"), said("user", "Big?")])
    )
    assert first.source_id == second.source_id
    assert first.source_id.startswith(f"{EPISODE}/guess/")
    assert first.session_id == second.session_id == EPISODE
    assert first.started_at == second.started_at == NOON
    assert (first.record_ref, second.record_ref) == (EPISODE, LATER)
    assert (second.updated_at - first.updated_at).seconds == 3_600


@pytest.mark.parametrize(
    "other",
    [
        inference([said("user", "Round?")]),
        inference([said("user", "Alive?")], function_name="judge"),
        inference([said("user", "Alive?")], episode_id=LATER),
        inference(
            [{"role": "user", "content": [{"type": "text", "value": "Alive?"}, {"type": "image"}]}]
        ),
    ],
)
def test_another_start_function_or_episode_is_another_conversation(other):
    assert (
        read_record(other).source_id != read_record(inference([said("user", "Alive?")])).source_id
    )


def test_the_start_does_not_move_when_an_inference_is_older_than_its_episode():
    read = read_record(inference([said("user", "Alive?")], id=EPISODE, episode_id=LATER))
    assert read.started_at > read.updated_at == NOON


def test_without_an_episode_time_the_inference_gives_it():
    assert (
        read_record(inference([said("user", "Alive?")], id=EPISODE, episode_id="e1")).started_at
        == NOON
    )


def test_without_an_episode_every_inference_is_its_own_conversation():
    read = read_record(inference([said("user", "Alive?")], episode_id=None))
    assert (read.source_id, read.session_id) == (LATER, None)


def test_the_block_with_template_arguments_is_kept():
    message = read_record(inference([said("user", {"topic": "rain"})])).messages[1]
    assert message["content"] == "topic: rain"
    assert json.loads(message["parts"]) == [{"type": "text", "value": {"topic": "rain"}}]


def test_the_reply_of_a_json_function_is_its_raw_text():
    logged = inference(
        [said("user", "Alive?")], output='{"raw": "{\\"a\\":1}", "parsed": {"a": 1}}'
    )
    assert read_record(logged).messages[-1]["content"] == '{"a":1}'


@pytest.mark.parametrize("output", [None, "", "[]"])
def test_without_a_reply_the_prompt_is_still_a_prompt(output):
    assert (
        read_record(inference([said("user", "Alive?")], output=output)).messages[-1]["role"]
        == "user"
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{broken", "no_messages"),
        ('{"messages": []}', "no_messages"),
        ('{"messages": ["x"]}', "bad_role"),
        (json.dumps({"messages": [said("assistant", "x")]}), "no_user_turn"),
    ],
)
def test_what_is_wrong_has_its_reason(given, reason):
    with pytest.raises(Unreadable) as caught:
        read_record(inference([], input=given))
    assert caught.value.reason == reason


def test_calls_and_results_are_messages_of_their_own():
    call = {"type": "tool_call", "id": "c1", "raw_name": "look", "raw_arguments": "{oops"}
    call |= {"name": None, "arguments": None}
    results = [
        {"type": "tool_result", "id": f"c{n}", "name": "look", "result": f"r{n}"} for n in (1, 2)
    ]
    asked = [said("user", "Look!"), {"role": "assistant", "content": [call]}]
    asked += [{"role": "user", "content": [*results, {"type": "text", "text": "Well?"}]}]
    messages = read_record(inference(asked)).messages
    assert [(message["role"], message["content"]) for message in messages[1:]] == [
        ("user", "Look!"),
        ("assistant", ""),
        ("tool", "r1"),
        ("tool", "r2"),
        ("user", "Well?"),
        ("assistant", "No."),
    ]
    assert [message["tool_call_id"] for message in messages[3:5]] == ["c1", "c2"]
    (made,) = json.loads(messages[2]["tool_calls"])
    assert made["function"] == {"name": "look", "arguments": "{oops"}


def test_what_a_model_thought_is_no_text():
    output = [{"type": "thought", "text": "Hm."}, {"type": "text", "text": "No."}]
    message = read_record(inference([said("user", "Alive?")], output=output)).messages[-1]
    assert message["content"] == "No."
    assert json.loads(message["parts"]) == output


def test_an_inference_as_the_api_lists_it_is_the_same():
    logged = inference(
        [said("user", "Alive?")], tool_params={"tools_available": [{"name": "look"}]}
    )
    listed = {**logged, "type": "chat", "inference_id": logged["id"], "dispreferred_outputs": []}
    listed |= {"additional_tools": [{"name": "look"}], "tool_params": None}
    del listed["id"]
    assert read_record(listed) == read_record(logged)
    assert json.loads(read_record(logged).tools) == [{"name": "look"}]


def test_every_kind_of_feedback_is_a_vote():
    at = {"vote_id": EPISODE, "at": NOON}
    base = {"id": EPISODE, "tags": {}}
    boolean = base | {"target_id": "t", "metric_name": "solved", "value": True}
    assert read_record(boolean) == [Vote("solved", 1.0, "t", **at)]
    decimal = base | {"target_id": "t", "metric_name": "score", "value": -0.25}
    assert read_record(decimal) == [Vote("score", -0.25, "t", **at)]
    shown = base | {"inference_id": "i", "value": '[{"type": "text", "text": "Better."}]'}
    assert read_record(shown) == [Vote("demonstration", None, "i", comment="Better.", **at)]
    comment = base | {"target_id": "t", "target_type": "episode", "value": "Nice."}
    assert read_record(comment) == [Vote("comment", None, "t", comment="Nice.", **at)]
