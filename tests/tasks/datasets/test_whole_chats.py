import polars as pl
import pytest

from schemas.conversation import text_message
from tasks.datasets.whole_chats import whole_chats

MESSAGES = pl.List(pl.Struct(dict.fromkeys(text_message("user", ""), pl.String)))
TALK = [("user", "Hi."), ("assistant", "Hello, what can I do for you today?"), ("user", "Add 1.")]
PROMPTS = [
    [text_message(*said) for said in TALK],
    [text_message("user", "Why is the sky blue at noon?")],
    [],
    [text_message("system", "Be brief.") | {"name": "s"}, text_message("user", "天空")],
]
ANSWERS = ["2", "", "Light scatters: the shorter its wave, the more.", "蓝"]


@pytest.mark.parametrize("first", range(5))
@pytest.mark.parametrize("last", range(5))
def test_the_answer_is_the_last_message_of_every_chat(first, last):
    rows = pl.DataFrame(
        {"messages": PROMPTS, "answer": ANSWERS}, {"messages": MESSAGES, "answer": pl.String}
    )
    some = pl.concat([rows, rows])[first : 4 + last]
    found = whole_chats(some["messages"], some["answer"])
    assert found.name == "messages"
    assert found.dtype == MESSAGES
    assert found.to_list() == [
        [*asked, text_message("assistant", answer)] for asked, answer in some.iter_rows()
    ]
