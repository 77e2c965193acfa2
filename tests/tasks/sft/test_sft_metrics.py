from tasks.sft.metrics import Metrics
from tasks.sft.spec import Progress


def logs(tokens, loss=1.5):
    return {
        **{"epoch": 0.5, "loss": loss, "learning_rate": 1e-3, "grad_norm": 2.0},
        **{"mean_token_accuracy": 0.25, "num_tokens": float(tokens), "entropy": 3.0},
    }


def lines(path):
    return [Progress.model_validate_json(line) for line in path.read_text().splitlines()]


def test_each_line_goes_to_the_file_and_to_the_parent(tmp_path):
    heard = []
    metrics = Metrics(tmp_path / "metrics.jsonl", heard.append)
    metrics.add(10, 40, logs(500))
    [line] = lines(metrics.path)
    assert (line.step, line.steps, line.loss, line.tokens) == (10, 40, 1.5, 500)
    assert heard == [line.model_dump()]


def test_a_resumed_run_takes_back_what_it_trains_again_and_counts_tokens_on(tmp_path):
    path = tmp_path / "metrics.jsonl"
    died = Metrics(path, lambda _: None)
    for step in (10, 20, 30):
        died.add(step, 40, logs(step * 100, loss=step))
    with path.open("a") as torn:
        torn.write('{"step": 4')
    resumed = Metrics(path, lambda _: None)
    resumed.resume(20)
    assert [line.step for line in lines(path)] == [10, 20]
    assert resumed.last_loss == 20
    resumed.add(30, 40, logs(1_000))
    assert [line.tokens for line in lines(path)] == [1_000, 2_000, 3_000]


def test_a_run_from_the_start_empties_the_file(tmp_path):
    metrics = Metrics(tmp_path / "metrics.jsonl", lambda _: None)
    metrics.add(10, 40, logs(500))
    metrics.resume(0)
    assert lines(metrics.path) == []
