import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.conversation import text_message
from tasks.token_estimate import (
    TOKENS_PER_MESSAGE,
    estimated_tokens,
    message_tokens,
    tokens_of_messages,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (None, 0),
        ("a" * 10, 3),
        ("你好", 1.2),
        ("안녕", 1.2),
        ("かな", 1.2),
        ("C语言!", 1.8),
    ],
)
def test_cjk_letters_weigh_twice_what_others_do(text, tokens):
    frame = pl.DataFrame({"text": [text]}, {"text": pl.String})
    assert frame.select(estimated_tokens(pl.col("text"))).item() == pytest.approx(tokens)


def test_a_message_weighs_its_text_its_calls_and_its_marks():
    called = text_message("assistant", "好的") | {"tool_calls": '[{"name": "f"}]'}
    assert message_tokens([called]) == [pytest.approx(1.2 + 15 * 0.3 + TOKENS_PER_MESSAGE)]


@given(st.lists(st.tuples(st.text(max_size=20), st.none() | st.text(max_size=9)), max_size=5))
def test_the_expression_and_the_function_agree(told):
    messages = [text_message("user", text) | {"tool_calls": calls} for text, calls in told]
    kind = pl.List(pl.Struct(dict.fromkeys(text_message("user", ""), pl.String)))
    frame = pl.DataFrame({"messages": [messages]}, {"messages": kind})
    counted = frame.select(tokens_of_messages(pl.col("messages"))).item().to_list()
    assert counted == pytest.approx(message_tokens(messages))
