from schemas.conversation import Vote
from tasks.sources import read_record, split_record
from tests.tasks.sources.formats.test_langfuse import HELLO, SCORE, at, event, generation, trace


def batch(*events):
    return {"batch": list(events), "metadata": {"sdk_name": "python"}}


def test_a_batch_is_taken_apart_into_its_traces():
    pieces = split_record(
        batch(
            event("trace-create", 1, id="t1", sessionId="s1"),
            event("generation-create", 2, id="o1", traceId="t1", input=[HELLO]),
            event("generation-create", 3, id="o2", traceId="t2", input="Bye", output="So long"),
        )
    )
    read = [read_record(piece) for piece in pieces]
    assert [found.record_ref for found in read] == ["t1", "t2"]
    assert [found.source_id for found in read] == ["s1", "t2"]


def test_an_update_fills_in_what_its_create_left_open():
    made = event("generation-create", 1, id="o1", traceId="t1", input=[HELLO], startTime=at(1))
    done = event("generation-update", 2, id="o1", output="Hi", endTime=at(2), model="m", input=None)
    done["body"]["traceId"] = "t1"
    [piece] = split_record(batch(made, done))
    read = read_record(piece)
    assert [message["content"] for message in read.messages] == ["Hello", "Hi"]
    assert (read.model, read.updated_at.minute) == ("m", 2)


def test_a_trace_that_is_created_twice_begins_with_the_first():
    first = event("trace-create", 1, id="t1", input="Hello")
    [piece] = split_record(batch(first, event("trace-create", 5, id="t1", output="Hi")))
    read = read_record(piece)
    assert read.started_at.minute == 1
    assert [message["content"] for message in read.messages] == ["Hello", "Hi"]


def test_a_score_joins_its_trace_or_stays_by_itself():
    scored = event("score-create", 2, id="v1", traceId="t1", name="n", value=1)
    strange = event("score-create", 3, id="v2", traceId="t9", name="n", value=0)
    pieces = split_record(batch(event("trace-create", 1, id="t1", input="Hello"), scored, strange))
    chat, votes = [read_record(piece) for piece in pieces]
    assert [(vote.vote_id, vote.target_id) for vote in chat.votes] == [("v1", None)]
    assert votes == [Vote("n", 0.0, "t9", "v2", at=chat.started_at.replace(minute=3))]


def test_a_batch_of_scores_alone_is_votes():
    pieces = split_record(batch(event("score-create", 1, traceId="t1", name="n", value=1)))
    assert [read_record(piece)[0].target_id for piece in pieces] == ["t1"]


def test_a_batch_without_anything_to_read_stays_whole():
    empty = batch(event("sdk-log", 1, log={}))
    assert split_record(empty) == [empty]


def test_a_page_of_any_list_is_taken_apart():
    page = {"data": [trace(input="Hello"), generation([HELLO]), SCORE], "meta": {"page": 1}}
    assert split_record(page) == page["data"]


def test_the_traces_of_a_session_know_it():
    [piece] = split_record({"id": "s1", "traces": [trace(input="Hello")], "projectId": "p"})
    assert read_record(piece).source_id == "s1"
