import pytest

from schemas.conversation import Unreadable
from tasks.sources import read_record

ROW = {"instruction": "Translate.", "input": "chat", "output": "cat"}


def turns(**fields):
    read = read_record({**ROW, **fields})
    return [(message["role"], message["content"]) for message in read.messages]


def test_the_prompt_is_instruction_newline_input():
    assert turns() == [("user", "Translate.\nchat"), ("assistant", "cat")]
    assert turns(input="")[0] == turns(input=None)[0] == ("user", "Translate.")
    assert turns(instruction="")[0] == ("user", "chat")


def test_history_and_system_come_first():
    assert turns(input="", system="Be terse.", history=[["Hi", "Hey"], ["Ready?", "Yes"]]) == [
        ("system", "Be terse."),
        ("user", "Hi"),
        ("assistant", "Hey"),
        ("user", "Ready?"),
        ("assistant", "Yes"),
        ("user", "Translate."),
        ("assistant", "cat"),
    ]


def test_of_ranked_answers_the_first_is_the_logged_one():
    assert turns(output=["cat", "dog"])[1] == ("assistant", "cat")


@pytest.mark.parametrize("nothing", [None, "", []])
def test_without_an_answer_the_prompt_is_still_a_prompt(nothing):
    assert turns(output=nothing) == [("user", "Translate.\nchat")]


def test_the_answer_may_be_called_response():
    read = read_record({"instruction": "Name a colour.", "response": "Blue"})
    assert [message["content"] for message in read.messages] == ["Name a colour.", "Blue"]


def test_one_instance_is_read_and_several_are_not():
    instance = {"input": "chat", "output": "cat"}
    read = read_record({"id": "t1", "instruction": "Translate.", "instances": [instance]})
    assert [message["content"] for message in read.messages] == ["Translate.\nchat", "cat"]
    assert read.source_id == "t1"
    with pytest.raises(Unreadable, match="expected one instance"):
        read_record({"instruction": "Translate.", "instances": [instance, instance]})


def test_without_an_id_there_is_none():
    assert read_record(ROW).source_id is None


@pytest.mark.parametrize(
    "wrong", [{"history": [["alone"]]}, {"history": "x"}, {"input": 7}, {"instruction": []}]
)
def test_other_shapes_are_refused(wrong):
    with pytest.raises(Unreadable) as caught:
        read_record({**ROW, **wrong})
    assert caught.value.reason == "unknown_format"
