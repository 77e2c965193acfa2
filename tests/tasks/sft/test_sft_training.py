"""Real training runs of a tiny student, and its answers, in child processes.

They start in seconds, so all tests of one trained model are in one file: one worker has them.
"""

import json
import os
import signal

import pytest

from schemas.errors import PadEqualsEos, TrainingError, TrainingFailed
from schemas.release_settings import LoraSettings
from tasks.sft import generate
from tasks.sft.spec import Progress
from tasks.sft.train import run_child

pytest.importorskip("torch", reason="not run: no torch")


class Killed(Exception):
    """Raised while listening: `run_child` then ends its child with SIGKILL."""


def metrics(spec):
    lines = (spec.out / "metrics.jsonl").read_text().splitlines()
    return [Progress.model_validate_json(line) for line in lines]


def test_a_run_says_what_it_did(result, spec):
    assert (result.rows, result.rows_with_copies, result.dropped) == (40, 80, ())
    assert result.steps == 80 * 9 / 4
    assert 80 < result.label_tokens < result.tokens
    assert result.resumed_from == 0
    assert result.versions["torch"].startswith("2.")
    assert json.loads((spec.out / "result.json").read_text())["steps"] == result.steps


def test_a_run_learns_and_logs_it(result, spec):
    lines = metrics(spec)
    assert lines[-1].step == lines[-1].steps == result.steps
    assert lines[-1].loss < lines[0].loss / 2
    assert lines[-1].loss == result.loss
    assert lines[-1].tokens == result.tokens * 9
    assert all(line.step % 7 == 0 or line.step % 10 == 0 for line in lines)


def test_a_finished_run_leaves_no_checkpoints_and_is_not_run_again(result, spec):
    assert not (spec.out / "checkpoints").exists()
    assert run_child(spec, on_progress=pytest.fail) == result


def killed_and_resumed(spec, out, step):
    """Kill a run with SIGKILL after `step`, leave a torn checkpoint behind, and run it again."""
    again = spec.model_copy(update={"out": out})

    def kill(line):
        if line.step >= step:
            raise Killed

    with pytest.raises(Killed):
        run_child(again, kill)
    torn = again.checkpoints / "checkpoint-999"
    torn.mkdir()
    heard = []
    resumed = run_child(again, heard.append)
    assert heard[0].step > resumed.resumed_from
    return again, resumed


def weights(result):
    return (result.model / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_with_the_same_weights(result, spec, tmp_path):
    again, resumed = killed_and_resumed(spec, tmp_path / "run", 50)
    assert 40 <= resumed.resumed_from < resumed.steps == result.steps
    assert weights(resumed) == weights(result)
    assert metrics(again) == metrics(spec)


@pytest.mark.slow
def test_a_run_that_is_told_to_end_saves_and_goes_on(result, spec, tmp_path):
    again = spec.model_copy(update={"out": tmp_path / "run"})

    def end(line):
        if line.step == 77:
            os.kill(os.getpid(), signal.SIGTERM)  # as systemd and Kubernetes do, to this process

    with pytest.raises(TrainingFailed, match=r"ended by SIGTERM after step (\d+) of 180, which"):
        run_child(again, end)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    [newest] = again.checkpoints.glob("checkpoint-[789]*[1-9]")
    resumed = run_child(again)
    assert f"checkpoint-{resumed.resumed_from}" == newest.name
    assert weights(resumed) == weights(result)


@pytest.mark.slow
@pytest.mark.parametrize("batching", ["concat", "padding_free", "packed"])
def test_a_killed_run_goes_on_in_every_batching(spec, tmp_path, batching):
    told = {"batching": batching, "max_tokens": 64, "save_every": 3, "log_every": 1, "epochs": 3}
    told |= {"length_alpha": 0.0 if batching == "packed" else 0.5, "batch_rows": 3}
    whole = spec.model_copy(update={**told, "out": tmp_path / "whole"})
    result = run_child(whole)
    again, resumed = killed_and_resumed(whole, tmp_path / "again", 8)
    assert 3 <= resumed.resumed_from < resumed.steps == result.steps
    assert resumed.resumed_from % (result.steps / 3), "it died in the middle of an epoch"
    assert weights(resumed) == weights(result)
    assert metrics(again) == metrics(whole)


@pytest.mark.slow
def test_a_killed_run_of_lora_goes_on(spec, tmp_path):
    told = {"lora": LoraSettings(rank=4, dropout=0.1), "epochs": 4, "log_every": 1}
    whole = spec.model_copy(update={**told, "out": tmp_path / "whole"})
    result = run_child(whole)
    again, resumed = killed_and_resumed(whole, tmp_path / "again", 37)
    assert 30 <= resumed.resumed_from < resumed.steps == result.steps
    assert weights(resumed) == weights(result)
    assert metrics(again) == metrics(whole)


def test_the_fingerprint_is_of_rows_and_settings_not_of_places(spec, tmp_path, intents, write_rows):
    moved = tmp_path / "rows.jsonl"
    moved.write_bytes(spec.rows.read_bytes())
    same = spec.model_copy(update={"rows": moved, "out": tmp_path, "threads": 2})
    assert same.fingerprint() == spec.fingerprint()
    write_rows(moved, intents, copies=1)
    assert same.fingerprint() != spec.fingerprint()
    assert spec.model_copy(update={"seed": 8}).fingerprint() != spec.fingerprint()


def test_a_base_that_pads_with_its_end_is_trained_with_another_token(spec, tmp_path, loaded):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from tasks.sft.child import train

    tokenizer, model = loaded
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(tmp_path / "base")
    model.save_pretrained(tmp_path / "base")
    told = {"base_model": str(tmp_path / "base"), "out": tmp_path / "run", "epochs": 0.1}
    (tmp_path / "run").mkdir()
    result = train(spec.model_copy(update=told), lambda _: None)
    assert (result.pad_token, result.stop_token) == ("<|pad|>", "<|end|>")
    assert result.pad_reason == "unused in the vocabulary; its own, <|end|>, ends answers"
    saved = AutoTokenizer.from_pretrained(result.model)
    config = AutoModelForCausalLM.from_pretrained(result.model).generation_config
    assert saved.pad_token_id == config.pad_token_id != saved.eos_token_id == config.eos_token_id


def test_an_end_token_for_padding_is_refused_by_the_run(spec, tmp_path):
    from tasks.sft.child import train

    wrong = spec.model_copy(update={"pad_token": "<|end|>", "out": tmp_path / "run"})
    with pytest.raises(PadEqualsEos, match="pad_token"):
        train(wrong, print)
    assert not (tmp_path / "run" / "result.json").exists()


def test_rows_that_are_all_too_long_are_refused(spec, tmp_path):
    from tasks.sft.child import train

    with pytest.raises(TrainingError, match=r"train on: 40 too_long\. Raise `max_tokens` \(8\)"):
        train(spec.model_copy(update={"max_tokens": 8, "out": tmp_path / "run"}), print)


def test_a_loss_that_is_no_number_ends_the_run_with_what_to_change(tmp_path):
    from tasks.sft.child import Report
    from tasks.sft.metrics import Metrics

    report = Report(Metrics(tmp_path / "metrics.jsonl", print))
    state = type("State", (), {"global_step": 30, "max_steps": 90})
    logs = {"loss": float("nan"), "grad_norm": 1.0}
    with pytest.raises(TrainingError, match=r"diverged: at step 30 the loss is nan.*learning_rate"):
        report.on_log(None, state, None, logs)


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
