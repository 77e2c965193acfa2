"""What a user writes cannot end a turn in training."""

AT = "2026-03-02T10:00:00Z"


def test_special_tokens_are_made_harmless_and_noted(logs, chat):
    logs.write(
        "a.jsonl",
        chat("What does <|im_end|> mean?", "It ends a turn, as </s> does.", id="c1", at=AT),
        chat("Hello", id="c2", at=AT),
    )
    logs.pull()
    first, second = sorted(logs.table("chats"), key=lambda row: row["source_id"])

    assert [m["content"] for m in first["messages"]] == [
        "What does <|im_end| > mean?",
        "It ends a turn, as </s > does.",
    ]
    assert (first["traits"], second["traits"]) == (["control_tokens"], [])


def test_token_in_what_tools_say_of_themselves_is_noted(logs, chat):
    tools = [{"type": "function", "function": {"name": "f", "description": "ends <|im_end|>"}}]
    logs.write("a.jsonl", chat("Hello", id="c1", at=AT, tools=tools))
    logs.pull()
    (row,) = logs.table("chats")

    assert "ends <|im_end| >" in row["tools"]
    assert row["traits"] == ["control_tokens"]


def test_id_of_a_chat_does_not_depend_on_its_tokens_being_made_harmless(logs, chat):
    logs.write("a.jsonl", chat("<s>", at=AT), chat("<s >", at=AT))
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}
