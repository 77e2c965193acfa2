"""Records that several formats could claim go to the one they are of; keys alone decide."""

import pytest

from tasks.sources import FORMATS, format_of
from tasks.sources.json_text import dump

USER = {"role": "user", "content": "Hi"}
IDS = {"trace_id": "t", "span_id": "s"}
RECORDS = [
    # scores, votes and feedback name the same kinds of things
    ("langfuse", {"id": "v", "traceId": "t", "name": "n", "value": 1, "dataType": "BOOLEAN"}),
    ("langfuse", {"id": "v", "trace_id": "t", "name": "n", "string_value": "x", "comment": ""}),
    ("vote", {"trace_id": "t", "value": "1"}),
    ("vote", {"trace_id": "t", "score": 1, "comment": ""}),
    ("vote", {"run_id": "r", "key": "user_score", "score": 1}),
    ("vote", {"session_id": "s", "edited_response": "Better."}),
    ("vote", {"span_id": "s", "name": "n", "result": {"label": "good", "score": 1}}),
    ("tensorzero", {"id": "v", "target_id": "t", "metric_name": "m", "value": 1}),
    ("tensorzero", {"id": "v", "inference_id": "i", "value": "[]"}),
    # spans, observations and chats that name their trace
    ("otel", {**IDS, "attributes": {}, "start_time": "2024-03-09"}),
    ("otel", {**IDS, "attributes": [], "name": "n", "input": "x", "startTime": "2024-03-09"}),
    ("otel", {"gen_ai.prompt": "Hi", **IDS}),
    ("langfuse", {"id": "o", "traceId": "t", "type": "SPAN", "startTime": "x", "input": "Hi"}),
    ("langfuse", {"id": "t", "input": "Hi", "output": "x", "projectId": "p", "sessionId": "s"}),
    ("langfuse", {"id": "e", "type": "trace-create", "timestamp": "x", "body": {}}),
    ("messages", {**IDS, "attributes": {}, "messages": [USER]}),
    ("messages", {"traceId": "t", "startTime": "2024-03-09", "messages": [USER]}),
    ("openai", {**IDS, "attributes": {}, "request": {"messages": [USER]}, "response": {}}),
    ("openai", {"id": "x", "input": "Hi", "output": "x", "projectId": "p", "request": {}}),
    ("sharegpt", {**IDS, "conversations": []}),
    ("alpaca", {"id": "x", "instruction": "Hi", "input": "", "output": "x"}),
    ("prompt", {"id": "x", "prompt": "Hi", "session_id": "s", "rating": 1}),
]


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_a_record_is_of_its_own_format(name, record):
    assert format_of(record) == name


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_values_do_not_matter_but_for_being_there(name, record):
    """A table gives every cell as text: the same row must not change its format thereby."""
    texts = {key: value if isinstance(value, str) else dump(value) for key, value in record.items()}
    asked = [other for other in FORMATS if FORMATS[other].recognises(texts)]
    assert asked[:1] == [name]
