from datetime import date, datetime

import polars as pl
import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import CheckSettings
from schemas.task_types import load
from tasks.adapters import store
from tasks.check import check
from tasks.checks import apply_checks

DAY = date(2026, 3, 2)
GOOD = {
    "en": "Bring a small pan of water to the boil before the egg goes in.",
    "zh": "先把小锅里的水烧开，再把鸡蛋放进去煮六分钟。",
    "ko": "작은 냄비에 물을 끓인 다음 달걀을 넣고 6분 동안 삶으세요.",
}
REFUSED = {
    "en": "I'm sorry, but I can't help with that request.",
    "zh": "抱歉，我无法帮助您完成这个请求。",
    "ko": "죄송하지만 그 요청은 도와드릴 수 없습니다.",
}
ALOUD = {
    "en": "Okay, the user wants to boil an egg. ",
    "zh": "用户想要煮鸡蛋。让我一步一步地想。",
    "ko": "사용자는 달걀 삶는 법을 원한다. ",
}


ASKED = {"en": "How do I boil an egg?", "zh": "鸡蛋怎么煮？", "ko": "달걀은 어떻게 삶나요?"}


def answer(id_, text, *, language="en", finish_reason="stop", failed=None):
    asked = {"prompt": ASKED[language], "language": language}
    return {"id": id_, "answer": text, "finish_reason": finish_reason, "failed": failed, **asked}


PLANTED = [
    *(
        (f"{name}-{language}", answer(f"{name}-{language}", text, language=language), [name])
        for language, good in GOOD.items()
        for name, text in {
            "empty": "\u200b \n",
            "refusal": REFUSED[language],
            "reasoning_residue": ALOUD[language] + good,
        }.items()
    ),
    *(
        (
            f"cut-{language}",
            answer(f"cut-{language}", good[:10], language=language, finish_reason="length"),
            ["cut_off"],
        )
        for language, good in GOOD.items()
    ),
    *(
        (f"good-{language}", answer(f"good-{language}", text, language=language), [])
        for language, text in GOOD.items()
    ),
    ("tag", answer("tag", f"<think>Eggs.\n{GOOD['en']}"), ["reasoning_residue"]),
    ("two", answer("two", "I cannot help", finish_reason="length"), ["cut_off", "refusal"]),
    ("none", answer("none", "", finish_reason="length"), ["empty", "cut_off"]),
]


def rows_of(*answers):
    given = [
        {"answer_id": row["id"], "day": DAY, "prompt_id": row["id"], "area": "qa", "kind": "how_to"}
        | {name: row[name] for name in ("answer", "finish_reason", "prompt", "language")}
        | {"reasoning": None, "messages": None, "tools": None, "input_hash": 1}
        for row in answers
    ]
    types = {"reasoning": pl.String, "input_hash": pl.UInt64, "finish_reason": pl.String}
    return pl.DataFrame(given, schema_overrides=types)


@pytest.mark.parametrize(
    ("row", "defects"), [case[1:] for case in PLANTED], ids=[c[0] for c in PLANTED]
)
def test_planted_defects_are_found_and_clean_answers_have_none(row, defects):
    found = apply_checks(rows_of(row), CheckSettings(), load())
    assert found["defects"].to_list() == [defects]


def checked(cfg, *answers):
    """Run the stage over a day with these answers; return its counts and defects by id."""
    prompts, bought = zip(*map(_stored, answers), strict=True) if answers else ((), ())
    with store.writing(cfg.warehouse) as con:
        store.replace(con, "prompts", DAY, contracts.frame("prompts", list(prompts)))
        store.replace(con, "answers", DAY, contracts.frame("answers", list(bought)))
    check.fn(Batch(warehouse=cfg.warehouse, table="answers", day=DAY, rows=0), Run(cfg=cfg))
    done = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'check'").to_dicts()[0]
    rows = store.select(cfg.warehouse, "FROM checked_answers ORDER BY answer_id").to_dicts()
    counts = done["rows_in"], done["kept"], done["dropped"]
    return counts, {row["answer_id"]: row["defects"] for row in rows}


def _stored(row):
    blank = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    said = {
        "messages": [{"role": "user", "content": row["prompt"], **blank}],
        "prompt": row["prompt"],
    }
    shared = {"day": DAY, "prompt_id": row["id"], "input_hash": 0}
    prompt = {
        **shared,
        **said,
        "chat_id": row["id"],
        "turn": 0,
        "started_at": datetime(2026, 3, 2),
        "user_key": None,
        "language": row["language"],
        "traits": [],
        "origin": "log",
        "rule_hits": [],
        "drop_reason": None,
    }
    unset = ("reasoning", "model", "prompt_tokens", "answer_tokens", "cost_usd", "pool_version")
    unset += ("logged_for",)
    bought = {
        **shared,
        **dict.fromkeys(unset),
        "answer_id": row["id"],
        "sample": 0,
        "area": "qa",
        "kind": "how_to",
        "answer": None if row["failed"] else row["answer"],
        "origin": "model",
        "finish_reason": row["finish_reason"],
        "template_version": "t",
        "few_shot_ids": [],
        "call_key": "k",
        "failed": row["failed"],
    }
    return prompt, bought


def test_answers_are_passed_or_dropped_and_failed_ones_are_not_checked(cfg):
    failed = answer("failed", None, failed="HTTP 400: no")
    counts, defects = checked(cfg, *(case[1] for case in PLANTED), failed)
    assert counts == (18, 3, 15)
    assert defects == {name: found for name, _, found in PLANTED}
    assert store.select(cfg.warehouse, "FROM conservation WHERE stage = 'check'").is_empty()


def test_empty_day_goes_through(cfg):
    assert checked(cfg) == ((0, 0, 0), {})
