"""Prompts as the rules see them."""

from datetime import datetime

import polars as pl
import pytest

from schemas import contracts
from schemas.filter_settings import FilterSettings
from tasks.rules import apply_rules
from tasks.traits import add_traits

NAMES = ("role", "content", "parts", "name", "tool_call_id", "tool_calls")
COLUMNS = (
    *("prompt_id", "chat_id", "turn", "prompt", "language", "user_key", "started_at"),
    *("messages", "traits"),
)


def said(role, content, **other):
    return dict.fromkeys(NAMES) | {"role": role, "content": content, **other}


def one(prompt, *, before=(), parts=None, **other):
    """Return a row: a first turn in English, unless other columns say otherwise.

    `before` are (role, text) pairs; user turns among them number this one.
    """
    messages = [said(*pair) for pair in before] + [said("user", prompt, parts=parts)]
    row = {
        "chat_id": "c",
        "turn": sum(role == "user" for role, _ in before),
        "prompt": prompt,
        "language": "en",
        "user_key": None,
        "started_at": datetime(2026, 3, 2),
        "messages": messages,
        "traits": [],
        **other,
    }
    return {"prompt_id": f"{row['chat_id']}-{row['turn']}", **row}


def frame(rows):
    schema = {name: contracts.schema("prompts")[name] for name in COLUMNS}
    return pl.DataFrame(rows, schema, orient="row")


def judge(rows, **cfg):
    """Return what rules say after traits, as the stage runs them."""
    settings = FilterSettings(**cfg)
    return apply_rules(add_traits(frame(rows), settings), settings)


def rule(rows, **cfg):
    """Return what rules say about rows that have the traits they say they have."""
    return apply_rules(frame(rows), FilterSettings(**cfg))


@pytest.fixture
def row():
    return one


@pytest.fixture
def judged():
    return judge


@pytest.fixture
def ruled():
    return rule
