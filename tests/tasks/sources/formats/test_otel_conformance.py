"""The worked examples of OpenTelemetry's conventions, read from the page that explains them.

Compared are role, text, tool calls (id, name, arguments), the id a result answers to, and every
part that is no text. Of several choices the first is expected. Not compared: finish reasons,
which a message of the store has no place for.
"""

import json
import re
from pathlib import Path

import pytest

from tasks.sources import read_record
from tasks.sources.json_text import dump

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "logs_otel_semconv"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="not run: no ../shared/data")
EXAMPLES = ("simple", "event", "tool-call-span-1", "tool-call-span-2", "instructions", "reasoning")
EXAMPLES += ("choices",)
_BLOCK = re.compile(r'<span id="gen-ai-([a-z0-9-]+)">(?:(?!<span).)*?```json\n(.*?)```', re.DOTALL)
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


def page():
    return (DATA / "examples-llm-calls.md").read_text()


def example(name):
    """Return input, output and system instructions of the example."""
    blocks = {anchor: json.loads(text) for anchor, text in _BLOCK.findall(page())}
    given, got = (blocks[f"{side}-messages-{name}"] for side in ("input", "output"))
    return given, got, blocks["system-instructions"] if name == "instructions" else []


def multimodal():
    blocks = re.findall(r"```jsonc\n(.*?)```", page(), re.DOTALL)
    given, got = (json.loads(_COMMENT.sub("", block)) for block in blocks)
    return given, got, []


def span(given, got, instructions):
    attributes = {"gen_ai.input.messages": given, "gen_ai.output.messages": got}
    if instructions:
        attributes["gen_ai.system_instructions"] = instructions
    return {"attributes": attributes, "context": {"trace_id": "0xt", "span_id": "0xs"}}


def expected(given, got, instructions):
    system = [{"role": "system", "parts": instructions}] if instructions else []
    return [compared(message) for message in [*system, *given, *got[:1]]]


def compared(message):
    of_type = {part["type"]: part for part in message["parts"]}
    result = of_type.get("tool_call_response", {})
    words = [part["content"] for part in message["parts"] if part["type"] == "text"]
    calls = [part for part in message["parts"] if part["type"] == "tool_call"]
    called = [(call["id"], call["name"], call["arguments"]) for call in calls]
    return message["role"], result.get("response") or "\n".join(words), called, result.get("id")


def ours(read):
    for message in read.messages:
        calls = [(call["id"], call["function"]) for call in loaded(message["tool_calls"])]
        called = [(own_id, f["name"], json.loads(f["arguments"])) for own_id, f in calls]
        yield message["role"], message["content"], called, message["tool_call_id"]


def loaded(text):
    return json.loads(text) if text else []


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_worked_example_is_read_as_its_messages(name):
    record = span(*example(name))
    assert list(ours(read_record(record))) == expected(*example(name))
    as_text = {key: dump(value) for key, value in record["attributes"].items()}
    assert read_record({**record, "attributes": as_text}) == read_record(record)


def test_every_part_that_is_no_text_is_kept():
    given, got, _ = multimodal()
    asked, answered = read_record(span(given, got, [])).messages
    assert asked["content"] == "What is in the attached data?"
    assert loaded(asked["parts"]) == given[0]["parts"]
    assert (answered["content"], loaded(answered["parts"])) == ("", got[0]["parts"])


def test_reasoning_is_no_text_of_the_answer():
    given, got, _ = example("reasoning")
    answer = read_record(span(given, got, [])).messages[-1]
    assert loaded(answer["parts"]) == got[0]["parts"]
    assert got[0]["parts"][0]["content"] not in answer["content"]


def test_the_spans_of_a_call_and_its_answer_are_one_chat():
    first, second = (read_record(span(*example(f"tool-call-span-{n}"))) for n in (1, 2))
    assert (first.source_id, first.thread) == (second.source_id, second.thread)
