import polars as pl
import pytest

from tasks.homogeneity import COLUMNS, homogeneity

VARIED = [
    "Boil it for six minutes.",
    "A pan, some oil and a hot flame are all you need.",
    "That depends on the rice: twice its volume of water is a start.",
    "Never in the microwave!",
]
ALIKE = [
    f"Sure, here is what you need: {word} and time." for word in ("salt", "oil", "tea", "rice")
]
ZH = ["当然可以，这是一份早餐。", "当然可以，这里有三点。", "不行。", "当然可以，请看下面。"]


def measured(**kinds):
    rows = [
        {"answer_id": f"{kind}-{n}", "area": "qa", "kind": kind, "answer": said}
        for kind, answers in kinds.items()
        for n, said in enumerate(answers)
    ]
    schema = dict.fromkeys(("answer_id", "area", "kind", "answer"), pl.String)
    found = homogeneity(pl.DataFrame(rows, schema))
    return {row["kind"]: row for row in found.to_dicts()}


def test_answers_that_open_alike_come_first_with_what_they_open_with():
    found = measured(how_to=VARIED, open_qa=ALIKE, advice=ZH)
    assert list(found) == ["open_qa", "advice", "how_to"]
    assert (found["open_qa"]["opening"], found["open_qa"]["share"]) == ("sure, here is what", 1.0)
    assert (found["advice"]["opening"], found["advice"]["share"]) == ("当然可以,这", 0.5)
    assert (found["how_to"]["share"], found["how_to"]["openings"]) == (0.25, 1.0)


def test_lengths_and_likeness_are_told_apart():
    found = measured(how_to=VARIED, open_qa=ALIKE)
    assert found["open_qa"]["similarity"] > 0.5
    assert found["how_to"]["similarity"] < 0.1
    assert found["open_qa"]["chars_p90"] - found["open_qa"]["chars_p10"] < 3
    assert found["how_to"]["chars_p90"] - found["how_to"]["chars_p10"] > 20


def test_order_of_the_answers_does_not_count():
    many = [f"{word} and {n}" for n, word in enumerate(VARIED * 200)]
    frame = pl.DataFrame(
        {"answer_id": [f"a{n}" for n in range(800)], "area": "qa", "kind": "how_to", "answer": many}
    )
    assert homogeneity(frame).equals(homogeneity(frame.reverse()))


@pytest.mark.parametrize("answers", [[], ["Boil it."], ["", ""]])
def test_few_and_empty_answers_have_what_can_be_said_of_them(answers):
    found = measured(how_to=answers)
    assert [row["answers"] for row in found.values()] == [len(answers)] * bool(answers)
    for row in found.values():
        assert list(row) == list(COLUMNS)
        assert (row["similarity"] is None) == (len(answers) == 1)
