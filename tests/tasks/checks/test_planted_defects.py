"""The examination of all checks: planted defects are caught, clean answers pass."""

import json
from collections import Counter

import jsonschema
import polars as pl
import pytest

from schemas.settings import CheckSettings
from schemas.task_types import load
from tasks.checks import apply_checks
from tests.tasks.checks.planted import CLEAN, DEFECTS, EACH, rows
from tests.tasks.checks.planting.material import LANGUAGES

TEXT = pl.String
SCHEMA = {
    **dict.fromkeys(("prompt", "answer", "reasoning", "tools", "finish_reason"), TEXT),
    **dict.fromkeys(("language", "area", "kind"), TEXT),
    "messages": pl.List(pl.Struct({"role": TEXT, "content": TEXT})),
}
TWINS = {(defect, language): EACH for defect in DEFECTS for language in LANGUAGES}


@pytest.fixture(scope="module")
def planted():
    return rows()


@pytest.fixture(scope="module")
def examined(planted):
    """(row, the defect planted in it or None, the defects found), for every row."""
    frame = pl.DataFrame([row for row, _ in planted], schema=SCHEMA)
    found = apply_checks(frame, CheckSettings(), load())["defects"].to_list()
    return [(row, defect, names) for (row, defect), names in zip(planted, found, strict=True)]


def shown(rows):
    return "\n\n".join(
        f"{row['language']} {names} {row['prompt'][:200]!r}\n{row['answer'][:300]!r}"
        for row, _, names in rows[:12]
    )


@pytest.mark.parametrize("defect", DEFECTS)
def test_planted_defect_is_caught_under_its_name(examined, defect):
    planted = [row for row in examined if row[1] == defect]
    missed = [row for row in planted if defect not in row[2]]
    assert len(missed) <= 0.01 * len(planted), f"{len(missed)} missed\n{shown(missed)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_answers_raise_no_alarm(examined, language):
    clean = [row for row in examined if row[1] is None and row[0]["language"] == language]
    alarms = [row for row in clean if row[2]]
    counts = Counter(name for row in alarms for name in row[2])
    assert len(alarms) <= 0.01 * len(clean), f"{counts}\n{shown(alarms)}"


@pytest.mark.parametrize("defect", DEFECTS)
def test_no_check_alarms_at_the_clean_answers(examined, defect):
    clean = [row for row in examined if row[1] is None]
    alarms = [row for row in clean if defect in row[2]]
    assert len(alarms) <= 0.01 * len(clean), shown(alarms)


# --- that the examination itself is right ------------------------------------------------------


def test_every_defect_is_planted_as_often_in_every_language(planted):
    assert Counter((defect, row["language"]) for row, defect in planted if defect) == TWINS
    clean = Counter(row["language"] for row, defect in planted if not defect)
    assert clean == dict.fromkeys(LANGUAGES, EACH * len(DEFECTS) + CLEAN)


def test_planted_and_clean_answers_are_never_the_same(planted):
    clean = {(row["prompt"], row["answer"]) for row, defect in planted if not defect}
    bad = [row for row, defect in planted if defect and row["finish_reason"] == "stop"]
    assert not [row for row in bad if (row["prompt"], row["answer"]) in clean]


def test_invalid_json_does_not_parse_and_its_twin_does(planted):
    for (bad, defect), (good, _) in zip(planted[::2], planted[1::2], strict=False):
        if defect != "invalid_json":
            continue
        with pytest.raises(ValueError, match=r"."):
            json.loads(bad["answer"])
        fenced = good["answer"].partition("```json\n")[2].rpartition("\n```")[0]
        assert json.loads(fenced or good["answer"])


def test_tool_calls_hold_to_their_schema_only_in_the_twin(planted):
    for (bad, defect), (good, _) in zip(planted[::2], planted[1::2], strict=False):
        if defect == "invalid_tool_call":
            tools = good["tools"] or good["messages"][0]["content"].partition("\n")[2]
            assert is_valid(good["answer"], tools)
            assert not is_valid(bad["answer"], tools)


def is_valid(answer, tools):
    """Validate one tool call, in a tag, bare or as OpenAI's API returns it."""
    known = {tool["function"]["name"]: tool["function"] for tool in json.loads(tools)}
    try:
        call = json.loads(answer.removeprefix("<tool_call>").removesuffix("</tool_call>"))
        if isinstance(call, list):
            call = {
                **call[0]["function"],
                "arguments": json.loads(call[0]["function"]["arguments"]),
            }
        jsonschema.validate(call["arguments"], known[call["name"]]["parameters"])
    except (ValueError, KeyError, jsonschema.ValidationError):
        return False
    return True
