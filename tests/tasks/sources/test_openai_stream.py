import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.sources import read_record
from tasks.sources.openai_stream import join_chunks, sse_chunks

ASK = {"role": "user", "content": "Weather?"}


def chunk(delta, index=0, finish=None, **fields):
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice], **fields}


END = chunk({}, finish="stop")
HELLO = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "Su"}),
    chunk({"content": "n"}),
]


def sse(chunks, end="\n\ndata: [DONE]\n\n"):
    return "\n\n".join(f"data: {json.dumps(each)}" for each in chunks) + end


def roles(response, **fields):
    read = read_record({"request": {"messages": [ASK]}, "response": response, **fields})
    return [(message["role"], message["content"]) for message in read.messages]


BOTH = [("user", "Weather?"), ("assistant", "Sun")]


@pytest.mark.parametrize(
    "response",
    [
        [*HELLO, END],
        json.dumps([*HELLO, END]),
        sse([*HELLO, END]),
        sse([*HELLO, END], end=""),
        sse(HELLO),
        sse([*HELLO, END]).replace("\n", "\r\n"),
        sse([*HELLO, END]).replace("\n\n", "\n"),
        ": keep-alive\n\nevent: message\n" + sse([*HELLO, END]),
        {"status": 200, "body": sse([*HELLO, END])},
        {"body": {"string": sse([*HELLO, END])}},
        [*HELLO, END, {"id": "c1", "choices": [], "usage": {"total_tokens": 3}}],
        [chunk({"content": "Sun"}, finish="stop")],
        chunk({"content": "Sun"}, finish="stop"),
        [chunk({"content": [{"type": "text", "text": "Sun"}]}), END],
    ],
)
def test_a_stream_is_joined_however_it_was_logged(response):
    assert roles(response) == BOTH


@pytest.mark.parametrize(
    "response",
    [
        HELLO,
        sse(HELLO, end=""),
        sse(HELLO, end='\n\ndata: {"id":"c1","choi'),
        sse([*HELLO, {"error": {"message": "overloaded"}}], end=""),
        sse([{"error": {"message": "overloaded"}}], end=""),
        {"body": ": waiting\n\n"},
    ],
)
def test_of_a_stream_that_broke_off_the_prompt_is_kept_and_no_piece_of_an_answer(response):
    assert roles(response) == BOTH[:1]
    assert read_record({"messages": [ASK], "response": HELLO, "id": "r1"}).source_id == "r1"


def test_the_calls_of_a_stream_are_spelled_out_one_by_one():
    def call(index, arguments, **fields):
        return {
            "index": index,
            "function": {"arguments": arguments, **fields.pop("f", {})},
            **fields,
        }

    deltas = [
        [call(0, "", id="a", type="function", f={"name": "sun"})],
        [call(0, '{"day"')],
        [call(1, "{}", id="b", type="function", f={"name": "rain"})],
        [call(0, ": 1}", id="", f={"name": "sun"})],
    ]
    chunks = [chunk({"content": None, "tool_calls": calls}) for calls in deltas]
    stream = [*chunks, chunk({}, finish="tool_calls")]
    message = read_record({"messages": [ASK], "response": stream}).messages[1]
    assert message["content"] == ""
    assert json.loads(message["tool_calls"]) == [
        {"id": "a", "type": "function", "function": {"arguments": '{"day": 1}', "name": "sun"}},
        {"id": "b", "type": "function", "function": {"arguments": "{}", "name": "rain"}},
    ]


def test_reasoning_and_a_refusal_are_spelled_out_too():
    stream = [chunk({"reasoning_content": "Hm"}), chunk({"reasoning_content": "m."}), *HELLO, END]
    message = read_record({"messages": [ASK], "response": stream}).messages[1]
    assert message["content"] == "Sun"
    assert json.loads(message["parts"]) == [
        {"type": "reasoning", "text": "Hmm."},
        {"type": "text", "text": "Sun"},
    ]
    stream = [chunk({"refusal": "I "}), chunk({"refusal": "won't."}), END]
    assert roles(stream)[1] == ("assistant", "I won't.")


def test_each_choice_is_joined_by_itself_and_only_finished_ones_count():
    stream = [
        chunk({"content": "Ra"}, index=1),
        chunk({"content": "Sun"}),
        chunk({"content": "in"}, index=1),
        chunk({"content": "Sno"}, index=2),
        END,
        chunk({}, index=1, finish="stop"),
    ]
    read = read_record({"messages": [ASK], "response": stream}).messages[1]
    assert read["content"] == "Sun"
    assert json.loads(read["parts"])[1:] == [
        {
            "type": "choice",
            "index": 1,
            "message": {"content": "Rain", "role": "assistant"},
            "finish_reason": "stop",
        }
    ]


def test_what_a_stream_says_of_itself_is_found_though_it_broke_off():
    stream = [chunk({"content": "S"}, model="tiny-1", created=1_709_985_600)]
    read = read_record({"messages": [ASK], "response": stream})
    assert (read.source_id, read.model, read.started_at.year) == ("c1", "tiny-1", 2024)


@pytest.mark.parametrize("text", ["data: is what I need", "event: none", "Sun", "data: []"])
def test_a_reply_that_looks_a_little_like_a_stream_is_a_reply(text):
    assert sse_chunks(text) is None
    assert roles(text) == [BOTH[0], ("assistant", text)]


def test_a_text_completion_is_streamed_too():
    stream = [{"choices": [{"index": 0, "text": text}]} for text in ("Su", "n")]
    assert join_chunks([*stream, {"done": True}])["choices"][0]["message"] == {"text": "Sun"}


PIECES = st.lists(st.text(max_size=5), max_size=6)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(PIECES, st.sampled_from(["\n", "\n\n", "\r\n\r\n"]))
def test_however_a_text_is_cut_it_is_joined_to_the_same(pieces, gap):
    chunks = [chunk({"content": piece}) for piece in pieces]
    lines = [*(json.dumps(each, ensure_ascii=False) for each in [*chunks, END]), "[DONE]"]
    text = gap.join(f"data: {line}" for line in lines)
    [choice] = join_chunks(sse_chunks(text))["choices"]
    assert choice["message"].get("content", "") == "".join(pieces)
