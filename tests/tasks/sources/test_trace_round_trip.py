"""A conversation survives being written as any trace that can hold it."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from tasks.sources import format_of, read_record, split_record
from tasks.sources.json_text import parse
from tests.tasks.sources.test_round_trip import conversations
from tests.tasks.sources.trace_writers import WRITERS, otel_attributes

SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "data" / "logs_otel_semconv"


def piece_of(record):
    [piece] = split_record(parse(json.dumps(record)))
    return piece


@pytest.mark.parametrize("name", WRITERS)
@settings(derandomize=True, deadline=None, max_examples=15)
@given(chat=conversations())
def test_a_conversation_survives_every_trace_that_can_hold_it(name, chat):
    can_hold, write, keeps = WRITERS[name]
    assume(can_hold(chat))
    piece = piece_of(write(chat))
    assert format_of(piece) == name.split()[0]
    read = read_record(piece)
    for field in sorted(keeps):
        assert getattr(read, field) == getattr(chat, field), field


@pytest.mark.parametrize("name", ["langfuse trace", "langfuse download", "langfuse batch"])
@settings(derandomize=True, deadline=None, max_examples=15)
@given(chat=conversations())
def test_the_scores_of_a_trace_are_votes_on_its_last_turn(name, chat):
    users = sum(message["role"] == "user" for message in chat.messages)
    votes = read_record(piece_of(WRITERS[name].write(chat))).votes
    assert [(vote.kind, vote.value, vote.turn) for vote in votes] == [
        (vote.kind, vote.value, users - 1) for vote in chat.votes
    ]


@settings(derandomize=True, deadline=None, max_examples=15)
@given(chat=conversations())
def test_what_is_written_as_opentelemetry_fits_its_schemas(chat):
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    if not SCHEMAS.is_dir():
        pytest.skip("not run: no ../shared/data")
    attributes = otel_attributes(chat)
    for side in ("input", "output"):
        schema = json.loads((SCHEMAS / f"gen-ai-{side}-messages.json").read_text())
        validator(schema).validate(attributes[f"gen_ai.{side}.messages"])
