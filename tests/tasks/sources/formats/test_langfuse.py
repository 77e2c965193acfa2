import json
from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources import read_record
from tasks.sources.json_text import as_object

NOON = datetime(2024, 3, 9, 12, tzinfo=UTC)
HELLO = {"role": "user", "content": "Hello"}
HI = {"role": "assistant", "content": "Hi"}


def at(minute):
    return f"2024-03-09T12:{minute:02}:00Z"


def generation(given, got=None, number=1, **fields):
    times = {"startTime": at(number), "endTime": at(number)}
    return {
        "id": f"o{number}",
        "traceId": "t1",
        "type": "GENERATION",
        "parentObservationId": "root",
        "model": f"m{number}",
        "input": given,
        "output": got,
        **times,
        **fields,
    }


def trace(*observations, **fields):
    return {"id": "t1", "timestamp": at(0), "observations": list(observations), **fields}


def said(record):
    return [(message["role"], message["content"]) for message in read_record(record).messages]


def test_the_longest_history_and_its_output_are_the_conversation():
    history = [HELLO, HI, {"role": "user", "content": "More"}]
    read = read_record(trace(generation(history, "Yes", 2), generation([HELLO], HI, 1)))
    texts = [message["content"] for message in read.messages]
    assert texts == ["Hello", "Hi", "More", "Yes"]
    assert (read.model, read.record_ref, read.source_id) == ("m2", "t1", "t1")
    assert (read.started_at, read.updated_at) == (NOON, NOON.replace(minute=2))


def test_the_words_of_the_trace_outweigh_the_longer_talk_of_a_sub_agent():
    sub_agent = [{"role": "user", "content": "Search"}, HI, {"role": "user", "content": "Again"}]
    record = trace(generation(sub_agent, "Found"), generation([HELLO], "Done"), input="Hello")
    assert said(record) == [("user", "Hello"), ("assistant", "Done")]


def test_of_tellings_as_long_as_each_other_the_call_of_a_model_wins_then_the_later_one():
    root = generation("Hello", "Hi", 5, type="SPAN", parentObservationId=None)
    calls = [generation([HELLO], "Hi", number) for number in (2, 1)]
    assert read_record(trace(*calls, root)).model == "m2"


def test_the_calls_of_tools_are_no_conversation():
    tool = generation([HELLO], "Hi", type="TOOL")
    with pytest.raises(Unreadable, match="no_messages"):
        read_record(trace(tool, generation({"x": 1}, {"y": 2}, type="SPAN")))


def test_bare_words_count_for_models_and_roots_alone():
    inner = generation({"query": "weather"}, "sunny", type="SPAN")
    assert said(trace(inner, generation("Hello", "Hi"))) == [("user", "Hello"), ("assistant", "Hi")]


def test_nested_observations_are_found():
    inner = generation([HELLO], "Hi")
    outer = generation(None, type="SPAN", children=[inner])
    assert said(trace(outer)) == [("user", "Hello"), ("assistant", "Hi")]


def test_without_observations_the_trace_itself_tells():
    record = trace(input='"Hello"', output='"Hi"', sessionId="s1", userId="u1")
    assert said(record) == [("user", "Hello"), ("assistant", "Hi")]
    read = read_record(record)
    assert (read.source_id, read.record_ref, read.user) == ("s1", "t1", "u1")


def test_words_in_quotes_keep_them_where_they_are_no_json():
    assert said(trace(input='"To be" or "not"?', output="Hi"))[0] == ("user", '"To be" or "not"?')


def test_traces_of_a_session_are_one_chat_if_they_begin_alike():
    first = read_record(trace(generation([HELLO], "Hi"), sessionId="s1"))
    longer = [HELLO, HI, {"role": "user", "content": "More"}]
    second = read_record(trace(generation(longer, "Yes"), sessionId="s1", id="t2"))
    other = read_record(trace(generation("More", "Yes"), sessionId="s1", id="t3"))
    assert first.source_id == second.source_id == other.source_id == "s1"
    assert first.thread == second.thread != other.thread


def test_a_call_without_output_is_still_a_prompt():
    assert said(trace(generation([HELLO], level="ERROR"))) == [("user", "Hello")]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (trace(), "prompts_not_logged"),
        (trace(generation(None)), "prompts_not_logged"),
        (trace(generation({"x": 1}), input={"y": 2}), "no_messages"),
        (trace(generation(None, HI)), "no_user_turn"),
        (trace(generation([{"role": "wizard", "content": "x"}])), "bad_role"),
        (trace(generation([HELLO], startTime="never", endTime="never")), "bad_timestamp"),
    ],
)
def test_what_is_wrong_has_its_reason(record, reason):
    with pytest.raises(Unreadable) as caught:
        read_record(record)
    assert caught.value.reason == reason


def test_pictures_and_langfuse_media_stay_in_the_parts():
    media = "@@@langfuseMedia:type=image/png|id=7|source=bytes@@@"
    parts = [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": media}},
    ]
    (message,) = read_record(trace(generation([{"role": "user", "content": parts}]))).messages
    assert message["content"] == "What?"
    assert json.loads(message["parts"]) == parts


def test_an_observation_by_itself_is_read_with_what_it_says_of_its_trace():
    row = {"id": "o1", "trace_id": "t1", "start_time": at(1), "end_time": at(2), "type": "SPAN"}
    row |= {"input": json.dumps([HELLO]), "output": json.dumps(HI), "user_id": "u1"}
    row |= {"provided_model_name": "m", "session_id": "s1", "parent_observation_id": ""}
    read = read_record(row)
    assert (read.source_id, read.record_ref, read.user, read.model) == ("s1", "t1", "u1", "m")
    assert (read.started_at, read.updated_at) == (NOON.replace(minute=1), NOON.replace(minute=2))
    assert len(read.messages) == 2


def test_a_row_of_traces_is_read():
    row = {"id": "t1", "input": "Hello", "output": "Hi", "bookmarked": False, "timestamp": at(0)}
    assert said(row) == [("user", "Hello"), ("assistant", "Hi")]


SCORE = {"id": "v1", "traceId": "t1", "name": "helpful", "source": "API", "timestamp": at(0)}


@pytest.mark.parametrize(
    ("given", "value", "comment"),
    [
        ({"value": 0.5, "dataType": "NUMERIC", "comment": "Nice."}, 0.5, "Nice."),
        ({"value": 1, "stringValue": "True", "dataType": "BOOLEAN"}, 1.0, None),
        ({"value": False, "dataType": "BOOLEAN"}, 0.0, None),
        ({"value": "0.5", "data_type": "NUMERIC"}, 0.5, None),
        ({"value": None, "stringValue": "rude", "dataType": "CATEGORICAL"}, None, "rude"),
        ({"value": 2, "stringValue": "fair", "dataType": "CATEGORICAL"}, 2.0, "fair"),
        ({"value": "good", "dataType": "CATEGORICAL", "comment": "!"}, 1.0, "good\n!"),
        ({"value": "Too long.", "dataType": "TEXT"}, None, "Too long."),
    ],
)
def test_a_score_of_any_type_is_a_vote(given, value, comment):
    assert read_record({**SCORE, **given}) == [
        Vote("helpful", value, "t1", "v1", None, comment, NOON)
    ]


@pytest.mark.parametrize("key", ["longStringValue", "value"])
def test_a_correction_is_an_edit_with_its_text(key):
    given = {"value": 0, "dataType": "CORRECTION", key: "Better."}
    (vote,) = read_record({**SCORE, **given})
    assert (vote.kind, vote.value, vote.comment) == ("edit", None, "Better.")


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ({"traceId": "t1", "observationId": "o1", "sessionId": "s1"}, ("o1", "t1")),
        ({"traceId": "t1", "sessionId": "s1"}, ("t1", "s1")),
        ({"sessionId": "s1"}, ("s1", None)),
        ({"subject": {"kind": "observation", "id": "o1", "traceId": "t1"}}, ("o1", "t1")),
        ({"subject": {"kind": "session", "id": "s1"}}, ("s1", None)),
        ({"trace_id": "t1"}, ("t1", None)),
    ],
)
def test_a_score_is_about_the_narrowest_thing_it_names(target, named):
    (vote,) = read_record({"name": "n", "value": 1, **target})
    assert (vote.target_id, vote.within_id) == named


def test_a_record_bears_the_ids_of_the_observations_that_tell_it():
    sub_agent = generation([{"role": "user", "content": "Search"}], "Found", 3)
    calls = [generation([HELLO], "Hi", number) for number in (1, 2)]
    read = read_record(trace(*calls, sub_agent, input="Hello"))
    assert (read.record_ref, read.more_refs) == ("t1", ("o1", "o2"))


def test_the_tools_a_model_was_offered_are_kept():
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    given = {"messages": [HELLO], "tools": [tool]}
    assert json.loads(read_record(trace(generation(given, "Hi"))).tools) == [tool]
    in_metadata = generation([HELLO], "Hi", metadata={"tools": [json.dumps(tool)]})
    assert json.loads(read_record(trace(in_metadata)).tools) == [tool]
    made = {"messages": [HELLO, HI], "tools": [{"tool_call_id": "c1", "result": "rain"}]}
    assert read_record(trace(generation(None, made))).tools is None


def test_the_scores_of_a_trace_are_votes_on_the_turn_they_speak_of():
    history = [HELLO, HI, {"role": "user", "content": "More"}]
    scores = [{**SCORE, "value": 1}, {**SCORE, "value": 0, "observationId": "o1"}, "an id alone"]
    record = trace(generation([HELLO], HI, 1), generation(history, "Yes", 2), scores=scores)
    votes = read_record(record).votes
    assert [(vote.value, vote.turn, vote.target_id) for vote in votes] == [
        (1, 1, None),
        (0, 0, None),
    ]


def event(kind, number=1, **body):
    return {"id": f"e{number}", "type": kind, "timestamp": at(number), "body": body}


def test_a_single_event_is_read_where_it_holds_messages():
    made = event("generation-create", id="o1", traceId="t1", input=[HELLO], startTime=at(1))
    read = read_record(made)
    assert (read.source_id, read.started_at) == ("t1", NOON.replace(minute=1))
    begun = event("trace-create", id="t1", sessionId="s1", input="Hello", output="Hi")
    assert said(begun) == [("user", "Hello"), ("assistant", "Hi")]
    assert read_record(begun).started_at == NOON.replace(minute=1)
    scored = event("score-create", id="v1", traceId="t1", name="n", value=1)
    assert read_record(scored) == [Vote("n", 1.0, "t1", "v1", at=NOON.replace(minute=1))]
    with pytest.raises(Unreadable, match="prompts_not_logged"):
        read_record(event("sdk-log", log={"x": 1}))


def test_everything_may_be_json_text():
    record = trace(generation(json.dumps([HELLO]), json.dumps(HI)), scores=json.dumps([SCORE]))
    as_text = {**record, "observations": json.dumps(record["observations"])}
    assert as_object(as_text["observations"]) == {}
    assert read_record(as_text) == read_record(record)
