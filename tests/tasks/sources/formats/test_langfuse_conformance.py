"""Real traces of five frameworks, read as Langfuse's own normaliser reads their observations.

Langfuse gives, for each observation, the messages of its input and of its output. Compared are
role, text, tool calls (id, name, arguments), the id a tool's result answers to, and names and
parameters of the tools that were offered, which Langfuse repeats at every message. Not compared:
`json`, which holds whatever the normaliser could not place; ids and types of messages, which no
model is shown; an empty description, which Langfuse adds where there is none.
"""

import json
from pathlib import Path

import pytest

from tasks.sources import FORMATS, read_record, split_record
from tasks.sources.streams import open_log

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
TRACES = DATA / "logs_langfuse_traces"
pytestmark = pytest.mark.skipif(not TRACES.is_dir(), reason="not run: no ../shared/data")
NAMES = ("agno-2025-06-11", "openai-agents-2025-09-30", "pydantic-ai-2025-06-06")
NAMES += ("vercel-aisdk-2025-11-17", "llamaindex-2025-06-05")


def load(name):
    with open_log(next(TRACES.glob(f"{name}*"))) as file:
        return json.loads(file.read())


def read(name):
    [record] = split_record(load(name))
    assert next(found for found in FORMATS if FORMATS[found].recognises(record)) == "langfuse"
    return read_record(record)


def expected(name):
    """List what each observation says according to Langfuse; it gives up on some inputs."""
    for told in load(f"{name}.chatml.json").values():
        sides = [told.get("input"), told.get("output")]
        said = [message for side in sides for message in (side or {}).get("data", [])]
        yield [compared(message) for message in said if "role" in message]


def compared(message):
    calls = message.get("tool_calls") or []
    functions = [call.get("function", call) for call in calls]
    return (
        message["role"],
        message.get("content") or "",
        [
            (call["id"], function["name"], json.loads(function["arguments"]))
            for call, function in zip(calls, functions, strict=True)
        ],
        message.get("tool_call_id"),
    )


def ours(name):
    messages = read(name).messages
    calls = [message["tool_calls"] and json.loads(message["tool_calls"]) for message in messages]
    return [
        compared({**message, "tool_calls": called})
        for message, called in zip(messages, calls, strict=True)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_every_observation_says_stands_in_the_conversation_in_order(name):
    rest = {}
    for said in expected(name):
        rest = iter(ours(f"{name}.trace.json"))
        assert all(message in rest for message in said), said


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("openai-agents-2025-09-30", ["system"]),  # the `instructions` of the response
        ("pydantic-ai-2025-06-06", []),
        ("vercel-aisdk-2025-11-17", []),
        # Langfuse cannot read the inputs of these; they stand in what the agent returned
        ("agno-2025-06-11", ["system", "user", "tool"]),
        ("llamaindex-2025-06-05", ["user", "assistant"]),
    ],
)
def test_nothing_else_stands_in_the_conversation(name, more):
    known = [message for said in expected(name) for message in said]
    assert [message[0] for message in ours(f"{name}.trace.json") if message not in known] == more


@pytest.mark.parametrize("name", NAMES)
def test_the_tools_that_were_offered_are_kept(name):
    messages = [
        message
        for told in load(f"{name}.chatml.json").values()
        for side in ("input", "output")
        for message in (told.get(side) or {}).get("data", [])
    ]
    wanted = next((message["tools"] for message in messages if "tools" in message), [])
    found = json.loads(read(f"{name}.trace.json").tools or "[]")
    flat = [{**tool, **tool.get("function", {})} for tool in found]
    assert [(tool["name"], parameters(tool)) for tool in flat] == [
        (tool["name"], parameters(tool)) for tool in wanted
    ]


def parameters(tool):
    return tool.get("parameters") or tool["inputSchema"]


@pytest.mark.parametrize("name", ["agno-2025-06-11", "openai-agents-2025-09-30"])
def test_a_download_from_the_page_is_read_like_the_trace_itself(name):
    """The page writes JSON texts as objects: a result of a tool may lose its spaces thereby."""
    page, trace = read(f"{name}.json"), read(f"{name}.trace.json")
    assert (page.source_id, page.thread, page.model) == (
        trace.source_id,
        trace.thread,
        trace.model,
    )
    for one, other in zip(page.messages, trace.messages, strict=True):
        as_text = [loaded(message["content"]) for message in (one, other)]
        assert as_text[0] == as_text[1]
        assert {**one, "content": ""} == {**other, "content": ""}


def loaded(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def test_a_trace_without_messages_is_its_words():
    llamaindex = load("llamaindex-2025-06-05.trace.json")["trace"]
    said = [message["content"] for message in read("llamaindex-2025-06-05.trace.json").messages]
    assert said == [json.loads(llamaindex["input"]), json.loads(llamaindex["output"])]


def test_a_trace_has_its_session_user_model_and_scores():
    agents = read("openai-agents-2025-09-30.trace.json")
    assert agents.source_id == agents.record_ref == "fee618f96dc31e0ca38b2f7b26eb8b29"
    assert agents.model == "gpt-4.1-2025-04-14"
    assert [(vote.kind, vote.value) for vote in agents.votes] == [
        ("toxicity", 0.8),
        ("hallucination", 0.0),
    ]
    pydantic_ai = read("pydantic-ai-2025-06-06.trace.json")
    assert (pydantic_ai.source_id, pydantic_ai.user) == ("session_abc", "user_123")
    (corrected,) = pydantic_ai.votes
    assert (corrected.kind, corrected.value) == ("edit", None)
    assert corrected.comment == pydantic_ai.messages[-1]["content"]


def test_the_batch_that_litellm_sends_is_one_trace():
    name = "logs_misc_fixtures/litellm_langfuse_ingestion_batch.json"
    [record] = split_record(json.loads((DATA / name).read_text()))
    read_back = read_record(record)
    assert [message["role"] for message in read_back.messages] == ["user", "assistant"]
    assert read_back.model == "gpt-3.5-turbo"
    assert read_back.record_ref == "litellm-test-f3ab679b-1e1d-43fd-9a9a-f11287aeb339"
