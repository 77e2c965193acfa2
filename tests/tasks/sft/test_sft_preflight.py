"""Set-ups that would train a model in vain, each caught before the first step by its own check."""

import json
from dataclasses import replace

import pytest

from schemas.errors import PreflightFailed

pytest.importorskip("torch", reason="not run: no torch")

BATCHINGS = ("padding", "concat", "padding_free", "packed")


@pytest.fixture(scope="module")
def run_spec(base, intents, write_rows, tmp_path_factory):
    from tasks.sft.spec import TrainSpec

    folder = tmp_path_factory.mktemp("preflight")
    rows = write_rows(folder / "rows.jsonl", intents, copies=2, task_type="classification/intent")
    told = {"base_model": str(base), "rows": rows, "out": folder, "epochs": 2}
    return TrainSpec(**told, max_tokens=200, threads=1)


@pytest.fixture
def assembled(run_spec):
    """Make a run that is ready to begin; a test may break it."""
    from tasks.sft.assemble import assemble

    return lambda **told: assemble(run_spec.model_copy(update=told))


def failed(run):
    from tasks.sft.preflight_checks import CHECKS

    return [found.name for found in (check(run) for check in CHECKS) if not found.passed]


def found(run, name):
    from tasks.sft import preflight_checks

    return getattr(preflight_checks, name)(run)


@pytest.mark.parametrize("batching", BATCHINGS)
def test_a_good_run_passes_every_check(assembled, batching):
    from tasks.sft.preflight_checks import CHECKS

    run = assembled(batching=batching)
    assert failed(run) == []
    assert [check(run).name for check in CHECKS] == [check.__name__ for check in CHECKS]


@pytest.mark.parametrize(("wanted", "taken"), [("auto", "sdpa"), ("eager", "eager")])
def test_a_run_is_trained_with_the_attention_that_is_set(assembled, wanted, taken):
    assert f"({taken})" in found(assembled(attention=wanted), "rows_are_alone").finding


@pytest.mark.parametrize("batching", BATCHINGS)
def test_earlier_answers_that_are_learned_pass_every_check(assembled, intents, tmp_path, batching):
    pairs = list(zip(intents[::2], intents[1::2], strict=True))
    lines = [
        {
            "prompt": [said("user", a.prompt), said("assistant", a.answer), said("user", b.prompt)],
            "completion": [said("assistant", b.answer)],
            "learned_turns": learned,
        }
        for a, b in pairs
        for learned in ([], [1])
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = assembled(rows=tmp_path / "rows.jsonl", batching=batching)
    assert failed(run) == []
    last = sum(encoded.answer_tokens for _, encoded in run.kept)
    first = sum(encoded.label_tokens for _, encoded in run.kept) - last
    assert 0 < first < last  # of half the rows
    if batching != "packed":
        finding = found(run, "only_answers_are_learned").finding
        assert finding.startswith(f"{first + last} tokens carry loss, the 60 answers to learn")


def said(role, content):
    return {"role": role, "content": content}


def test_findings_say_what_was_looked_at(assembled):
    run = assembled(batching="concat")
    assert found(run, "padding_token").finding == "<|pad|> (1): the tokenizer's own"
    assert found(run, "stop_token").finding == "<|end|> ends every answer"
    assert found(run, "rows_left_out").finding == "40 rows to train on; left out: none"
    assert found(run, "every_row_ends").finding == "0 of 80 rows do not end in <|end|> with loss"
    assert "classification/intent" in found(run, "lengths").finding
    assert found(run, "steps").finding.startswith("3 steps an epoch, 26.7 rows each; 9")


def test_what_is_left_out_is_counted_with_its_reason(assembled):
    lengths = sorted(encoded.tokens for _, encoded in assembled().kept)
    run = assembled(max_tokens=lengths[30])
    kept = sum(length <= lengths[30] for length in lengths)
    finding = found(run, "rows_left_out").finding
    assert finding == f"{kept} rows to train on; left out: {40 - kept} too_long"


def test_what_cannot_be_measured_is_counted_too(assembled, run_spec, intents, write_rows, tmp_path):
    rows = write_rows(tmp_path / "validation.jsonl", [replace(intents[0], answer=""), intents[1]])
    run = assembled(validation=rows)
    assert len(run.validation) == 1
    assert found(run, "rows_left_out").finding == (
        "40 rows to train on; left out: none; of the rows to validate with 1 empty_answer"
    )


def test_packed_rows_are_cut_and_preflight_counts_them(assembled):
    cut = found(assembled(batching="packed", max_tokens=64), "every_row_ends")
    assert cut.passed
    assert "cut rows do not end" in cut.finding
    assert not cut.finding.startswith("0 ")


def test_a_collator_that_pads_with_the_end_is_caught(assembled):
    run = assembled()
    run.trainer.data_collator.pad_token_id = run.tokenizer.eos_token_id
    assert failed(run) == ["padding_token"]


def test_a_collator_that_masks_by_id_is_caught(assembled):
    from transformers import DataCollatorForLanguageModeling

    run = assembled(batch_rows=1)
    run.tokenizer.pad_token = run.tokenizer.eos_token
    run.trainer.data_collator = DataCollatorForLanguageModeling(run.tokenizer, mlm=False)
    run.trainer.data_collator.pad_token_id = run.tokenizer.pad_token_id
    assert {"padding_token", "batches_keep_labels"} <= set(failed(run))


def test_a_server_that_would_not_stop_is_caught(assembled):
    run = assembled()
    run.trainer.model.generation_config.eos_token_id = 5
    assert failed(run) == ["stop_token"]
    assert "generate() would not stop" in found(run, "stop_token").finding


def relabelled(run, change):
    rows = run.trainer.train_dataset.to_list()
    for row in rows:
        row["labels"] = change(row["labels"])
    from tasks.sft.prepare import dataset
    from tasks.sft.rows import Encoded

    made = dataset(Encoded(row["input_ids"], 0) for row in rows)
    labels = made.data.column("labels").type
    import pyarrow as pa
    from datasets import Dataset

    table = made.data.table.drop(["labels"])
    given = pa.array([row["labels"] for row in rows], type=labels)
    run.trainer.train_dataset = Dataset(table.append_column("labels", given))


def test_a_row_whose_end_carries_no_loss_is_caught(assembled):
    run = assembled()
    relabelled(run, lambda labels: [*labels[:-1], -100])
    assert failed(run) == ["every_row_ends", "only_answers_are_learned"]
    assert found(run, "every_row_ends").finding.startswith("80 of 80 rows")


def test_a_prompt_that_carries_loss_is_caught(assembled):
    run = assembled()
    ids = iter(run.trainer.train_dataset["input_ids"])
    relabelled(run, lambda labels: [next(ids)[0], *labels[1:]])
    assert failed(run) == ["only_answers_are_learned"]


def test_a_line_break_after_the_end_is_no_end(assembled):
    from tasks.sft.labels import Labels, last_words
    from tasks.sft.prepare import dataset
    from tasks.sft.rows import Encoded

    tokenizer = assembled().tokenizer
    end, [line] = tokenizer.eos_token_id, tokenizer("\n")["input_ids"]
    ids = [[9, 10, end, line], [9, 10, end], [9, end, 10, line], [line, line, line, line]]
    rows = Labels.of(dataset(Encoded(row, 1) for row in ids))
    assert last_words(rows, tokenizer).tolist() == [end, end, 10, -100]
    assert rows.counts.tolist() == [3, 2, 3, 3]


@pytest.mark.parametrize("batching", ["concat", "padding_free"])
def test_rows_that_see_one_another_are_caught(assembled, batching):
    import torch

    run = assembled(batching=batching)
    collate = run.trainer.data_collator

    class Leaking(type(collate)):
        def torch_call(self, examples):
            batch = super().torch_call(examples)
            batch["position_ids"] = torch.ones_like(batch["position_ids"]).cumsum(1)
            return batch

    run.trainer.data_collator = Leaking(collate.pad_token_id, padding_free=True)
    assert failed(run) == ["rows_are_alone"]


def test_padding_that_is_attended_to_is_caught(assembled):
    run = assembled()
    collate = run.trainer.data_collator

    class Attending(type(collate)):
        def torch_call(self, examples):
            batch = super().torch_call(examples)
            batch["attention_mask"] = batch["attention_mask"] * 0 + 1
            return batch

    run.trainer.data_collator = Attending(collate.pad_token_id)
    assert failed(run) == ["batches_keep_labels"]


def test_broken_weights_are_caught(assembled):
    run = assembled()
    run.trainer.model.get_input_embeddings().weight.data.fill_(float("nan"))
    assert "first_loss" in failed(run)


def test_embeddings_that_the_config_does_not_know_are_caught(assembled):
    run = assembled()
    run.trainer.model.config.vocab_size += 1
    assert failed(run) == ["embeddings"]


def test_a_row_longer_than_the_model_can_see_is_caught(assembled):
    run = assembled()
    run.trainer.model.config.max_position_embeddings = 20
    assert failed(run) == ["positions"]
    assert found(run, "positions").fix == "Set `max_tokens` under [train] to 20 or less."


def test_too_small_a_machine_is_caught(assembled, monkeypatch):
    from tasks.sft import resources

    run = assembled()
    monkeypatch.setattr(resources, "parameters", lambda _: 10**15)
    assert failed(run) == ["disk", "memory"]


def test_a_failed_check_stops_the_run_and_names_its_fix(assembled, tmp_path):
    from tasks.sft.preflight import looked_at
    from tasks.sft.train import checked

    run = assembled(out=tmp_path)
    run.trainer.model.config.max_position_embeddings = 20
    with pytest.raises(
        PreflightFailed, match=r"^1 of 14 checks failed\. positions: .*Set `max_tok"
    ):
        looked_at(run)
    assert [check.name for check in checked(run.spec) if not check.passed] == ["positions"]


def test_what_cannot_be_assembled_is_a_failed_check(run_spec, tmp_path):
    from tasks.sft.preflight import look_only
    from tasks.sft.train import checked

    for told, name, fix in (
        ({"pad_token": "<|end|>"}, "padding_token", "leave it unset"),
        ({"max_tokens": 8}, "model_and_rows", "Raise `max_tokens` (8)"),
        ({"base_model": str(tmp_path)}, "model_and_rows", "Set `base_model`"),
    ):
        spec = run_spec.model_copy(update={**told, "out": tmp_path})
        look_only(spec)
        [check] = checked(spec)
        assert (check.name, check.passed) == (name, False), told
        assert fix in check.fix, told
        assert check.fix not in check.finding, told


@pytest.mark.slow
def test_preflight_in_its_own_process_trains_nothing(run_spec, tmp_path):
    from tasks.sft.train import preflight

    checks = preflight(run_spec.model_copy(update={"out": tmp_path / "run"}))
    assert len(checks) == 14
    assert all(check.passed for check in checks), checks
    assert not (tmp_path / "run" / "model").exists()
    assert json.loads((tmp_path / "run" / "preflight.json").read_text())["max_tokens"] == 200


def test_findings_are_read_back_with_any_line_separator_in_them(run_spec, tmp_path):
    from tasks.sft.preflight import _write
    from tasks.sft.spec import Check
    from tasks.sft.train import checked

    spec = run_spec.model_copy(update={"out": tmp_path})
    found = (Check(name="stop_token", passed=True, finding="a\u2028b\x85c", fix=""),) * 2
    _write(spec, found)
    assert checked(spec) == found
