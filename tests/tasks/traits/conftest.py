"""Prompts as traits see them."""

import polars as pl
import pytest

from schemas import contracts
from schemas.filter_settings import FilterSettings
from tasks.traits import add_traits

COLUMNS = ("prompt_id", "turn", "prompt", "messages", "traits")
EMPTY = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))


def asked(prompt, before=(), traits=()):
    """Return a row; `before` are messages as (role, text) or (role, text, other columns)."""
    told = [*before, ("user", prompt)]
    messages = [EMPTY | {"role": role, "content": text} | dict(*more) for role, text, *more in told]
    turn = sum(role == "user" for role, *_ in before)
    row = {"turn": turn, "prompt": prompt, "messages": messages, "traits": list(traits)}
    return {"prompt_id": f"{turn}"} | row


def frame(rows):
    schema = {name: contracts.schema("prompts")[name] for name in COLUMNS}
    return pl.DataFrame(rows, schema, orient="row")


def traits_of(rows, **cfg):
    return add_traits(frame(rows), FilterSettings(**cfg))["traits"].to_list()


@pytest.fixture
def row():
    return asked


@pytest.fixture
def prompts():
    return frame


@pytest.fixture
def found():
    return traits_of
