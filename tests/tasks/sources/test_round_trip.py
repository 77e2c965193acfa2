"""A conversation survives being written as any format that can hold it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.conversation import Conversation, Vote, text_message
from tasks.sources import format_of, read_record, split_record
from tasks.sources.json_text import dump, parse
from tests.tasks.sources.writers import WRITERS

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
SAID = TEXT.filter(str.strip)
NAME = st.from_regex(r"[a-z][a-z0-9_-]{0,11}", fullmatch=True)
START = datetime(2024, 1, 1, tzinfo=UTC)
TIMES = st.integers(0, 50_000_000).map(lambda seconds: START + timedelta(seconds=seconds))
URLS = st.uuids().map(lambda uuid: f"https://example.org/{uuid}.png")
IMAGES = URLS.map(lambda url: {"type": "image_url", "image_url": {"url": url}})
WORDS = TEXT.map(lambda text: {"type": "text", "text": text})
ARGUMENTS = st.dictionaries(NAME, st.integers() | TEXT | st.booleans(), max_size=3)


def of_parts(role, parts):
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    return text_message(role, text) | {"parts": dump(parts)}


def a_call(name, arguments, number):
    function = {"name": name, "arguments": dump(arguments)}
    return {"id": f"call_{number}", "type": "function", "function": function}


PLAIN = SAID.map(lambda text: text_message("user", text))
SHOWN = st.lists(WORDS | IMAGES, min_size=1, max_size=3).map(lambda parts: of_parts("user", parts))


@st.composite
def user_turns(draw, rich):
    """One user message and what is answered to it: text, or calls with their results first."""
    asked = draw(PLAIN | SHOWN if rich else PLAIN)
    calls = draw(st.lists(st.tuples(NAME, ARGUMENTS), max_size=2 if rich else 0))
    answered = []
    if calls:
        made = [a_call(name, arguments, number) for number, (name, arguments) in enumerate(calls)]
        said = draw(st.just("") | TEXT)
        answered.append(text_message("assistant", said) | {"tool_calls": dump(made)})
        answered += [
            text_message("tool", draw(TEXT)) | {"tool_call_id": call["id"]} for call in made
        ]
    return [asked, *answered, text_message("assistant", draw(SAID))]


@st.composite
def conversations(draw):
    """A whole chat, plain or with all that formats can hold, and what a log says around it."""
    system = [text_message("system", text) for text in draw(st.lists(SAID, max_size=1))]
    rich, most = draw(st.sampled_from([(False, 1), (False, 3), (True, 3)]))
    turns = draw(st.lists(user_turns(rich=rich), min_size=1, max_size=most))
    started_at = draw(TIMES)
    return Conversation(
        messages=[*system, *(message for turn in turns for message in turn)],
        source_id=draw(NAME),
        started_at=started_at,
        updated_at=started_at,
        model=draw(st.none() | NAME),
        user=draw(st.none() | NAME),
        votes=draw(st.lists(st.sampled_from([Vote("thumb", 1.0), Vote("thumb", 0.0)]), max_size=1)),
    )


@pytest.mark.parametrize("name", WRITERS)
@settings(derandomize=True, deadline=None, max_examples=15)
@given(chat=conversations())
def test_a_conversation_survives_every_format_that_can_hold_it(name, chat):
    can_hold, write, keeps = WRITERS[name]
    assume(can_hold(chat))
    [piece] = split_record(parse(json.dumps(write(chat))))
    assert format_of(piece) == name.split()[0]
    read = read_record(piece)
    for field in sorted(keeps):
        assert getattr(read, field) == getattr(chat, field), field
