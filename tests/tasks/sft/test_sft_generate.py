import json

import pytest

from tasks.sft import generate

pytest.importorskip("torch", reason="not run: no torch")


def asked(examples):
    return [[{"role": "user", "content": one.prompt, "name": None}] for one in examples]


@pytest.fixture
def answer_here(tmp_path, result):
    """Answer in this process, which is the child's own function."""
    from tasks.sft.greedy import greedy_answers

    def answer(prompts, max_new_tokens, batch_rows):
        spec = generate.AnswerSpec(
            model=str(result.model),
            prompts=tmp_path / "prompts.jsonl",
            answers=tmp_path / "answers.json",
            max_new_tokens=max_new_tokens,
            batch_rows=batch_rows,
            threads=1,
        )
        spec.prompts.write_text("\n".join(map(json.dumps, prompts)))
        return greedy_answers(spec, lambda _: None)

    return answer


def test_a_trained_model_stops_and_answers_keep_their_order(result, intents, answer_here):
    heard = []
    found = generate.answers(
        result.model, asked(intents), 24, batch_rows=16, threads=1, on_progress=heard.append
    )
    assert all(one.stopped and 1 < one.new_tokens <= 24 for one in found)
    assert sum(one.text == ref.answer for one, ref in zip(found, intents, strict=True)) >= 25
    assert found == answer_here(asked(intents), 24, batch_rows=1)
    assert heard == [16, 32, 40]


def test_an_answer_that_reaches_the_limit_has_not_stopped(answer_here, intents):
    found = answer_here(asked(intents[:3]), 1, batch_rows=3)
    assert [(one.stopped, one.new_tokens) for one in found] == [(False, 1)] * 3


def test_no_prompts_need_no_model():
    assert generate.answers("nowhere", [], 8) == []
