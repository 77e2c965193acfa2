from pathlib import Path

import pytest

from schemas import contracts
from schemas.errors import NotFound, SettingsError
from schemas.run import Run
from schemas.settings import EvaluateSettings
from tasks import evaluate as evaluate_stage
from tasks import models
from tasks.adapters import store
from tasks.evaluate import answer_all, eval_prompts, evaluate, graded
from tasks.sft.generate import Answer

EXAM = "exam-1"


def exam(*references):
    """Make rows of eval_prompts, p0 and on, one per reference; None = it only has to stop."""
    blank = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    rows = [
        {
            "eval_set": EXAM,
            "prompt_id": f"p{n}",
            "area": "qa",
            "kind": "how_to" if reference is None else "sums",
            "messages": [{"role": "user", "content": f"Question {n}?", **blank}],
            "reference": reference,
            "expectation": "none" if reference is None else "exact",
        }
        for n, reference in enumerate(references)
    ]
    return contracts.frame("eval_prompts", rows)


def said(*texts):
    return [Answer(text, True, 3) for text in texts]


def test_an_answer_is_right_when_it_equals_the_reference_up_to_outer_space():
    rows = graded(exam("408", "408", "408", "Yes"), said(" 408\n", "408.", "4 08", "yes"))
    assert rows["correct"].to_list() == [True, False, False, False]


def test_without_an_exact_answer_nothing_is_right_or_wrong():
    rows = graded(exam(None), [Answer("Well ...", False, 9)])
    assert rows["correct"].to_list() == [None]
    assert rows.select("stopped", "new_tokens").rows() == [(False, 9)]


def test_private_values_in_an_answer_are_not_stored():
    rows = graded(exam(None, None), said("Ask ann@example.org.", "<EMAIL_1>"))
    assert rows["answer"].to_list() == ["Ask <EMAIL_1>.", "<EMAIL_1>"]


def test_a_private_value_that_a_model_makes_up_is_not_the_one_of_the_reference():
    rows = graded(exam("<EMAIL_1>", "<EMAIL_1>"), said("bob@example.org", "<EMAIL_1>"))
    assert rows["correct"].to_list() == [False, True]


def test_an_eval_set_must_be_named(cfg):
    unnamed = cfg.model_copy(update={"evaluate": EvaluateSettings()})
    with pytest.raises(SettingsError, match=r"no eval set ''; there are: none yet\. Make one with"):
        eval_prompts(unnamed)


def test_a_wrong_name_lists_the_right_ones(cfg):
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "eval_prompts", exam("1"))
    named = cfg.model_copy(update={"evaluate": EvaluateSettings(eval_set="exam-9")})
    with pytest.raises(SettingsError, match="no eval set 'exam-9'; there are: exam-1"):
        eval_prompts(named)


@pytest.fixture
def cfg(cfg):
    return cfg.model_copy(update={"evaluate": EvaluateSettings(eval_set=EXAM)})


@pytest.fixture
def registry(cfg, monkeypatch):
    """Three prompts, and models that know the answers to as many as their name says."""
    rows = [models.new_model(model_id="knows-0", path="knows-0", status="base")]
    about = {"run_id": "r", "dataset_version": "v", "base_model": "knows-0", "status": "candidate"}
    for name in ("knows-1", "knows-3"):
        (cfg.root / name).mkdir()
        rows.append(models.new_model(model_id=name, path=name, **about))
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "models", contracts.frame("models", rows))
        store.insert(con, "eval_prompts", exam("0", "1", None, "3"))
    asked = []

    def answers(folder, prompts, limit, **_):
        asked.append((Path(folder).name, len(prompts), limit))
        known = int(folder.rpartition("-")[2])
        return [Answer(str(n) if n < known else "?", n != 2, 2) for n in range(len(prompts))]

    monkeypatch.setattr(evaluate_stage, "answers", answers)
    return cfg, asked


def test_before_there_is_a_champion_a_model_is_compared_with_its_base(registry):
    cfg, asked = registry
    assert evaluate.fn(Run(cfg=cfg), "knows-1") == "knows-0"
    assert asked == [("knows-1", 4, 256), ("knows-0", 4, 256)]
    verdicts = store.select(cfg.warehouse, "FROM verdicts ORDER BY area, kind")
    seen = verdicts.select("kind", "prompts", "exact", "correct", "correct_against", "stopped")
    assert seen.rows() == [
        ("all", 4, 3, 1, 0, 3),
        ("how_to", 1, 0, 0, 0, 0),
        ("sums", 3, 3, 1, 0, 3),
    ]
    assert verdicts["conclusion"].to_list() == ["no_difference", "not_comparable", "no_difference"]


def test_once_there_is_a_champion_it_is_the_one_to_beat(registry):
    cfg, _ = registry
    crown(cfg, "knows-1")
    assert evaluate.fn(Run(cfg=cfg), "knows-3") == "knows-1"
    assert evaluate.fn(Run(cfg=cfg), "knows-1") == "knows-0"
    assert evaluate.fn(Run(cfg=cfg), "knows-3", "knows-0") == "knows-0"


def crown(cfg, model_id):
    with store.writing(cfg.warehouse) as con:
        model = models.find(con, model_id)
        models.write(con, model | {"status": "champion", "promoted_at": store.now()})


def test_what_a_model_has_said_is_not_asked_again(registry):
    cfg, asked = registry
    evaluate.fn(Run(cfg=cfg), "knows-1")
    evaluate.fn(Run(cfg=cfg), "knows-1")
    assert len(asked) == 2
    assert store.select(cfg.warehouse, "FROM verdicts").height == 3
    assert store.select(cfg.warehouse, "FROM eval_answers").height == 8


def test_with_another_limit_both_are_asked_again(registry):
    cfg, asked = registry
    evaluate.fn(Run(cfg=cfg), "knows-1")
    longer = EvaluateSettings(eval_set=EXAM, max_new_tokens=9)
    evaluate.fn(Run(cfg=cfg.model_copy(update={"evaluate": longer})), "knows-1")
    assert asked[2:] == [("knows-1", 4, 9), ("knows-0", 4, 9)]
    limits = store.select(cfg.warehouse, "SELECT DISTINCT max_new_tokens AS n FROM eval_answers")
    assert limits["n"].to_list() == [9]


def test_an_unknown_model_is_an_error_before_anything_is_asked(registry):
    cfg, asked = registry
    for names in (("knows-9",), ("knows-1", "knows-9")):
        with pytest.raises(NotFound, match="no model 'knows-9'"):
            evaluate.fn(Run(cfg=cfg), *names)
    assert asked == []


def test_scores_count_per_task_type(registry):
    cfg, _ = registry
    with store.reading(cfg.warehouse) as con:
        model = models.find(con, "knows-1")
    answer_all(cfg, model, eval_prompts(cfg))
    scores = store.select(cfg.warehouse, "FROM scores")
    shown = scores.select("kind", "prompts", "exact", "correct", "accuracy", "stop_rate")
    assert shown.rows() == [("how_to", 1, 0, 0, None, 0.0), ("sums", 3, 3, 1, 0.3333, 1.0)]


def test_the_view_conservation_misses_the_answer_that_is_gone(registry):
    cfg, _ = registry
    evaluate.fn(Run(cfg=cfg), "knows-1")
    problems = "SELECT stage, id, problem FROM conservation"
    assert store.select(cfg.warehouse, problems).rows() == []
    with store.writing(cfg.warehouse) as con:
        con.execute("DELETE FROM eval_answers WHERE model_id = 'knows-1' AND prompt_id = 'p1'")
    assert store.select(cfg.warehouse, problems).rows() == [
        ("evaluate", "p1", "eval prompt without answer of knows-1")
    ]
