"""A run that is looked at while it trains: validation per task type, stop rates, best weights."""

import pytest

from schemas.errors import StopRateFell
from tasks.sft.looks import mean

pytest.importorskip("torch", reason="not run: no torch")


@pytest.fixture(scope="module")
def told(tmp_path_factory, base, intents, write_rows):
    """Fit eight rows by heart in 120 steps; rows of two other task types are validated."""
    from tasks.sft.spec import TrainSpec

    folder = tmp_path_factory.mktemp("watched")
    rows = write_rows(folder / "rows.jsonl", intents[:8], task_type="a/a")
    validation = folder / "validation.jsonl"
    parts = [
        write_rows(folder / f"{name}.jsonl", examples, task_type=f"b/{name}").read_text()
        for name, examples in (("one", intents[8:20]), ("two", intents[20:]))
    ]
    validation.write_text("".join(parts))
    spec = {"base_model": str(base), "rows": rows, "validation": validation, "epochs": 60}
    spec |= {"batch_rows": 4, "learning_rate": 1e-2, "log_every": 5, "save_every": 15}
    return TrainSpec(**spec, out=folder / "run", threads=1)


@pytest.fixture(scope="module")
def done(told):
    """The result, run in this process."""
    from tasks.sft.child import train

    told.out.mkdir()
    return train(told, lambda _: None)


@pytest.fixture
def watch(done, told, tmp_path):
    """Watch the model that came of it."""
    from tasks.sft.assemble import assemble
    from tasks.sft.looks import Looks
    from tasks.sft.watch import Watch

    spec = told.model_copy(update={"base_model": str(done.model), "out": tmp_path})
    return Watch(assemble(spec), Looks(tmp_path / "looks.jsonl"))


def test_each_checkpoint_is_validated_per_task_type(done):
    *looks, final = done.validated
    assert [look.step for look in looks] == [15, 30, 45, 60, 75, 90, 105, 120]
    for look in done.validated:
        counts = [(part.task_type, part.rows) for part in look.validation]
        assert counts == [("b/one", 12), ("b/two", 20)]
    assert done.validation_loss == mean(final.validation)


def test_the_weights_of_the_best_step_are_kept(done, watch):
    losses = {look.step: mean(look.validation) for look in done.validated[:-1]}
    assert done.best_step == min(losses, key=losses.get) < 120, losses
    assert done.validation_loss == losses[done.best_step]
    again = watch._losses(watch.run.validation)
    assert mean(again) == pytest.approx(done.validation_loss, rel=1e-6)
    assert any("it overfitted" in note for note in done.notes)


def test_stops_are_counted_before_after_50_steps_and_at_the_end(done):
    assert [rate.step for rate in done.stop_rates] == [0, 50, done.best_step]
    assert {rate.prompts for rate in done.stop_rates} == {20}
    assert done.stop_rates[-1].stopped >= 19


def test_a_validation_loss_is_the_mean_over_label_tokens_of_rows_alone(watch):
    import torch
    from torch.nn.functional import cross_entropy

    [one, _] = watch._losses(watch.run.validation)
    model = watch.run.trainer.model.eval()
    losses = []
    for row, encoded in watch.run.validation:
        if row.task_type == "b/one":
            ids = torch.tensor(encoded.ids)
            logits = model(ids[None]).logits[0, encoded.prompt_tokens - 1 : -1]
            losses.append(cross_entropy(logits, ids[encoded.prompt_tokens :], reduction="none"))
    assert one.loss == pytest.approx(torch.cat(losses).mean().item(), rel=1e-5)
    assert one.label_tokens == len(torch.cat(losses))


def test_a_handful_of_validation_rows_chooses_no_step(watch):
    from dataclasses import replace

    from tasks.sft.watch import Watch

    few = Watch(replace(watch.run, validation=watch.run.validation[:19]), watch.looks)
    enough = Watch(replace(watch.run, validation=watch.run.validation[:20]), watch.looks)
    assert (len(few.validation), len(enough.validation)) == (0, 20)


def test_a_model_that_unlearns_to_stop_ends_the_run(watch):
    watch.on_train_begin(None, State(0), None)
    assert watch.looks.stop_rates[-1].stopped >= 19
    end = watch.run.tokenizer.eos_token_id
    watch.run.trainer.model.get_input_embeddings().weight.data[end] = 0
    with pytest.raises(StopRateFell, match=r"after 50 steps 0 of 20 .*unlearns to stop.*preflight"):
        watch.on_step_end(None, State(50), None)


class State:
    def __init__(self, step):
        self.global_step, self.max_steps = step, 120


def test_a_sample_has_every_task_type_and_is_always_the_same():
    from tasks.sft.rows import Row
    from tasks.sft.stopping import sample

    rows = [(Row(n, None, [], [], task_type="b" if n % 10 == 9 else "a"), n) for n in range(100)]
    taken = [number for _, number in sample(rows, 5)]
    assert taken == [0, 9, 1, 19, 2]
    assert len(sample(rows, 200)) == 100


def test_twenty_prompts_are_asked_and_those_that_are_waited_for_end_soon():
    from array import array

    from tasks.sft.rows import Encoded, Row
    from tasks.sft.stopping import asked

    def row(tokens):
        return Row(0, None, [], []), Encoded(array("i", range(tokens)), 0)

    rows = [row(300), *(row(tokens) for tokens in range(10, 40))]
    ours = [encoded for _, encoded in rows]
    assert asked([], rows) == ours[1:21]
    assert asked([rows[5], rows[0]], rows) == [ours[5], *ours[1:20]]
    assert asked([rows[0]], rows[:1]) == [ours[0], ours[0]]


@pytest.mark.slow
def test_a_killed_run_keeps_the_same_best_weights(done, told, tmp_path):
    from tasks.sft.train import run_child

    class Killed(Exception):
        pass

    def kill(line):
        if line.step >= 70:
            raise Killed

    again = told.model_copy(update={"out": tmp_path / "run"})
    with pytest.raises(Killed):
        run_child(again, kill)
    resumed = run_child(again)
    assert resumed.resumed_from >= 60
    for name in ("best_step", "validated", "stop_rates", "notes", "validation_loss"):
        assert getattr(resumed, name) == getattr(done, name), name
    weights = "model.safetensors"
    assert (resumed.model / weights).read_bytes() == (done.model / weights).read_bytes()
