"""One prompt sent over and over is a program; many people may still ask the same."""

from datetime import datetime

import pytest

CAPS = {"max_same_template": 3, "max_same_template_per_user": 2, "off": ("same_user_repeat",)}


def calls(row, *prompts, user=None, **other):
    return [
        row(
            prompt,
            chat_id=f"{user or 'c'}{n}",
            user_key=user,
            started_at=datetime(2026, 3, 2, 0, n),
            **other,
        )
        for n, prompt in enumerate(prompts)
    ]


def reasons(judged_rows):
    return judged_rows.sort("chat_id")["drop_reason"].to_list()


@pytest.mark.parametrize(
    "prompts",
    [
        ["Price of item 1?", "price of item 22?", "PRICE OF  ITEM 333?", "Price of item ４?"],
        ["第1个订单在哪里？", "第22个订单在哪里？", "第3个订单在哪里?", "第４个订单在哪里？"],
        ["주문 1 어디야?", "주문 22 어디야?", " 주문 3 어디야?", "주문\n4 어디야?"],
    ],
)
def test_numbers_case_width_and_blanks_are_one_template(prompts, row, judged):
    found = judged(calls(row, *prompts), **CAPS)
    assert reasons(found) == [None, None, None, "template_traffic"]
    assert found.sort("chat_id")["rule_hits"][3][0]["value"] == 4


def test_other_words_are_another_template(row, judged):
    prompts = [f"Price of {thing}?" for thing in ("tea", "ink", "rice", "salt")]
    assert reasons(judged(calls(row, *prompts), **CAPS)) == [None] * 4


def test_a_user_has_a_cap_of_their_own(row, judged):
    ann = calls(row, "item 1", "item 2", "item 3", user="ann")
    bob = calls(row, "item 4", user="bob")
    caps = CAPS | {"max_same_template": 9}
    assert reasons(judged(ann + bob, **caps)) == [None, None, "user_template_traffic", None]


def test_people_without_a_key_are_not_one_user(row, judged):
    caps = CAPS | {"max_same_template": 9}
    assert reasons(judged(calls(row, *["item 1"] * 4), **caps)) == [None] * 4


def test_later_turns_may_say_the_same_in_every_chat(row, judged):
    before = (("user", "Is it so?"), ("assistant", "Yes."))
    assert reasons(judged(calls(row, *["why is that?"] * 5, before=before), **CAPS)) == [None] * 5


def test_later_turns_do_not_count_for_first_ones(row, judged):
    before = (("user", "Is it so?"), ("assistant", "Yes."))
    later = calls(row, *["why is that?"] * 5, user="a", before=before)
    first = calls(row, "why is that?", user="b")
    assert reasons(judged(later + first, **CAPS)) == [None] * 6


def test_the_earliest_stay_whatever_the_order_of_the_rows(row, judged):
    rows = calls(row, *["item 1"] * 5)
    wanted = [None, None, None, "template_traffic", "template_traffic"]
    assert reasons(judged(rows, **CAPS)) == reasons(judged(rows[::-1], **CAPS)) == wanted


def test_a_retry_is_no_repeat(row, judged):
    """In a loop "still broken" is said as often as it is true."""
    talk = [("user", "Write a script."), ("assistant", "Here.")]
    rows = [row("Write a script.")]
    for reply in ("Try this.", "Or this."):
        rows.append(row("It still doesn't work", before=tuple(talk)))
        talk += [("user", "It still doesn't work"), ("assistant", reply)]
    found = judged(rows)
    assert found["traits"].to_list() == [[], ["retry_loop"], ["retry_loop"]]
    assert found["drop_reason"].to_list() == [None, None, None]
    told = [row(r["prompt"], before=tuple(talk[: 2 * n]), turn=n) for n, r in enumerate(rows)]
    loud = judged(
        [{**r, "prompt": "Tell me more of it, and tell it in other words."} for r in told[1:]]
    )
    assert loud["drop_reason"].to_list() == [None, "same_user_repeat"]
