import json

import pytest

from tasks.sources.dialects import messages_in
from tasks.sources.exchanges import exchange
from tasks.sources.messages import read_messages

USER = {"role": "user", "content": "Weather?"}
CALLED = {"name": "weather", "arguments": '{"city":"Oslo"}'}
SYSTEM = {"role": "system", "content": "Be kind."}


def read(items):
    messages = read_messages(items)
    for message in messages:
        message["tool_calls"] = message["tool_calls"] and json.loads(message["tool_calls"])
    return messages


def brief(items):
    return [
        (
            message["role"],
            message["content"],
            [call["function"] for call in message["tool_calls"] or ()],
            message["tool_call_id"],
        )
        for message in read(items)
    ]


TALK = [
    ("user", "Weather?", [], None),
    ("assistant", "", [CALLED], None),
    ("tool", "rain", [], "c1"),
    ("assistant", "Rain.", [], None),
]
ARGUMENTS = {"city": "Oslo"}
DIALECTS = {
    "responses": [
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Weather?"}],
        },
        {"type": "reasoning", "id": "r1", "summary": []},
        {"type": "function_call", "call_id": "c1", **CALLED},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Rain."}],
        },
    ],
    "anthropic": [
        USER,
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm."},
                {"type": "tool_use", "id": "c1", "name": "weather", "input": ARGUMENTS},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "rain"}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "Rain."}]},
    ],
    "gemini": [
        {"parts": [{"text": "Weather?"}]},
        {
            "role": "model",
            "parts": [
                {"text": "Hm.", "thought": True},
                {"functionCall": {"name": "weather", "args": ARGUMENTS, "id": "c1"}},
            ],
        },
        {
            "role": "user",
            "parts": [{"functionResponse": {"name": "weather", "id": "c1", "response": "rain"}}],
        },
        {"role": "model", "parts": [{"text": "Rain."}]},
    ],
    "opentelemetry": [
        {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Hm."},
                {"type": "tool_call", "id": "c1", "name": "weather", "arguments": ARGUMENTS},
            ],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
        {"role": "assistant", "parts": [{"type": "text", "content": "Rain."}]},
    ],
    "ai sdk": [
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "reasoning", "text": "Hm."},
                {
                    "type": "tool-call",
                    "toolCallId": "c1",
                    "toolName": "weather",
                    "input": ARGUMENTS,
                },
            ],
        },
        {
            "role": "tool",
            "content": [
                {
                    "type": "tool-result",
                    "toolCallId": "c1",
                    "toolName": "weather",
                    "output": {"type": "text", "value": "rain"},
                }
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "Rain."}]},
    ],
    "langchain": [
        {"type": "human", "content": "Weather?"},
        {
            "lc": 1,
            "type": "constructor",
            "id": ["langchain", "schema", "messages", "AIMessage"],
            "kwargs": {
                "type": "ai",
                "content": "",
                "tool_calls": [
                    {"name": "weather", "args": ARGUMENTS, "id": "c1", "type": "tool_call"}
                ],
            },
        },
        {"type": "tool", "content": "rain", "tool_call_id": "c1"},
        {"type": "ai", "content": "Rain."},
    ],
    "llamaindex": [
        {"role": "user", "blocks": [{"block_type": "text", "text": "Weather?"}]},
        {
            "role": "assistant",
            "blocks": [],
            "additional_kwargs": {
                "tool_calls": [{"id": "c1", "type": "function", "function": CALLED}]
            },
        },
        {
            "role": "tool",
            "blocks": [{"block_type": "text", "text": "rain"}],
            "additional_kwargs": {"tool_call_id": "c1"},
        },
        {"message": {"role": "assistant", "blocks": [{"block_type": "text", "text": "Rain."}]}},
    ],
    "pydantic-ai": [
        {"kind": "request", "parts": [{"part_kind": "user-prompt", "content": "Weather?"}]},
        {
            "kind": "response",
            "parts": [
                {"part_kind": "thinking", "content": "Hm."},
                {
                    "part_kind": "tool-call",
                    "tool_name": "weather",
                    "args": ARGUMENTS,
                    "tool_call_id": "c1",
                },
            ],
        },
        {
            "kind": "request",
            "parts": [
                {
                    "part_kind": "tool-return",
                    "tool_name": "weather",
                    "content": "rain",
                    "tool_call_id": "c1",
                }
            ],
        },
        {"kind": "response", "parts": [{"part_kind": "text", "content": "Rain."}]},
    ],
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_framework_tells_the_same_conversation(name):
    assert brief(messages_in(DIALECTS[name])) == TALK
    assert brief(messages_in(json.dumps(DIALECTS[name]))) == TALK


@pytest.mark.parametrize(
    "name", ["responses", "anthropic", "gemini", "opentelemetry", "ai sdk", "pydantic-ai"]
)
def test_what_a_model_thought_stays_in_the_parts(name):
    thought = read(messages_in(DIALECTS[name]))[1]
    assert "reasoning" in thought["parts"] or "thinking" in thought["parts"]


def test_results_of_several_calls_are_messages_of_their_own():
    results = [{"type": "tool_result", "tool_use_id": f"c{n}", "content": f"r{n}"} for n in (1, 2)]
    given = {"role": "user", "content": [*results, {"type": "text", "text": "And now?"}]}
    assert brief(messages_in([given])) == [
        ("tool", "r1", [], "c1"),
        ("tool", "r2", [], "c2"),
        ("user", "And now?", [], None),
    ]


def test_parsed_arguments_and_results_are_written_as_json():
    call = {"id": "c1", "type": "function", "function": {**CALLED, "arguments": ARGUMENTS}}
    items = [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "content": [{"a": 1}]}]
    assert brief(messages_in(items)) == [
        ("assistant", "", [CALLED], None),
        ("tool", '[{"a":1}]', [], None),
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "blob", "modality": "image", "content": "aGk="},
        {"type": "uri", "modality": "video", "uri": "gs://b/a.mp4"},
    ],
)
def test_media_stay_in_the_parts_and_out_of_the_text(part):
    given = {"role": "user", "parts": [{"type": "text", "content": "Look"}, part]}
    (message,) = read(messages_in([given]))
    assert message["content"] == "Look"
    assert json.loads(message["parts"])[1] == part


def test_a_medium_of_gemini_is_typed_by_its_key():
    inline = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    (message,) = read(messages_in([{"parts": [{"text": "Look"}, inline]}]))
    assert message["content"] == "Look"
    assert json.loads(message["parts"])[1] == {**inline, "type": "inlineData"}


REPLY = [("user", "Weather?", [], None), ("assistant", "Rain.", [], None)]
SAID = {"role": "assistant", "content": "Rain."}


@pytest.mark.parametrize(
    "given",
    [
        "Weather?",
        [USER],
        USER,
        {"messages": [USER]},
        {"contents": [{"parts": [{"text": "Weather?"}]}]},
        {"prompt": "Weather?"},
        {"prompt": '{"messages":[{"role":"user","content":"Weather?"}]}'},
        {"input": "Weather?"},
        {"input": [USER]},
        {"args": ["Weather?"], "kwargs": {}},
        {"args": [], "kwargs": {"messages": [USER]}},
        {"input": {"question": "Weather?"}},
        {"request": {"body": {"messages": [USER]}}},
        ["Weather?"],
    ],
)
def test_an_input_of_any_shape_is_what_the_user_asked(given):
    assert brief(exchange(given, "Rain.")) == REPLY
    assert brief(exchange(json.dumps(given), "Rain.")) == REPLY or isinstance(given, str)


@pytest.mark.parametrize(
    "got",
    [
        "Rain.",
        SAID,
        [SAID],
        {"content": "Rain."},
        {"text": "Rain."},
        {"answer": "Rain.", "sources": [1]},
        {"content": [{"type": "text", "text": "Rain."}], "stop_reason": "end_turn"},
        [{"type": "text", "text": "Rain."}],
        {"choices": [{"index": 0, "message": SAID}, {"index": 1, "message": USER}]},
        {"choices": [{"text": "Rain."}]},
        {"candidates": [{"content": {"parts": [{"text": "Rain."}]}}]},
        {"content": {"role": "model", "parts": [{"text": "Rain."}]}},
        {"generations": [[{"text": "Rain."}]]},
        {"generations": [[{"text": "", "message": {"type": "ai", "content": "Rain."}}]]},
        {"index": 0, "message": SAID},
        {"messages": [USER, SAID]},
        {"output": [{"type": "message", **SAID}]},
    ],
)
def test_an_output_of_any_shape_is_what_was_answered(got):
    assert brief(exchange([USER], got)) == REPLY


def test_an_answer_in_json_is_its_text():
    assert brief(exchange("Weather?", '{"sky": "grey"}'))[1][1] == '{"sky": "grey"}'
    assert (
        brief(exchange("Weather?", {"sky": "grey", "text": "x"}))[1][1]
        == '{"sky":"grey","text":"x"}'
    )


@pytest.mark.parametrize(
    "got",
    [
        [{"toolCallId": "c1", "toolName": "weather", "input": '{"city":"Oslo"}'}],
        {"text": "", "toolCalls": [{"toolCallId": "c1", "toolName": "weather", "args": ARGUMENTS}]},
        [{"type": "tool_use", "id": "c1", "name": "weather", "input": ARGUMENTS}],
        {"output": [{"type": "function_call", "call_id": "c1", **CALLED}]},
    ],
)
def test_an_output_may_be_calls_alone(got):
    assert brief(exchange([USER], got))[1] == ("assistant", "", [CALLED], None)


@pytest.mark.parametrize(
    "given",
    [
        {"system": "Be kind.", "messages": [USER]},
        {"instructions": "Be kind.", "input": "Weather?"},
        {"contents": [USER], "config": {"system_instruction": {"parts": [{"text": "Be kind."}]}}},
        [SYSTEM, USER],
    ],
)
def test_the_system_prompt_comes_first(given):
    assert brief(exchange(given, SAID)) == [("system", "Be kind.", [], None), *REPLY]


def test_instructions_that_only_the_response_repeats_come_first():
    got = {"output": [{"type": "message", **SAID}], "instructions": "Be kind."}
    assert brief(exchange([USER], got))[0] == ("system", "Be kind.", [], None)
    assert len(brief(exchange([SYSTEM, USER], got))) == 3


def test_a_transcript_is_not_said_twice():
    assert brief(exchange([USER], [USER, SAID])) == REPLY
    assert brief(exchange(None, [USER, SAID])) == REPLY
    other = {"role": "user", "content": "And?"}
    assert [said[1] for said in brief(exchange([USER], [other, SAID]))] == [
        "Weather?",
        "And?",
        "Rain.",
    ]


@pytest.mark.parametrize("given", [None, "", {}, [], {"city": "Oslo"}, [1, 2], ["a", "b"], 5, "  "])
def test_what_says_nothing_is_nothing(given):
    assert exchange(given, None) == []


def test_strict_reading_takes_no_bare_words():
    assert exchange("Weather?", "Rain.", loose=False) == []
    assert brief(exchange([USER], [SAID], loose=False)) == REPLY
