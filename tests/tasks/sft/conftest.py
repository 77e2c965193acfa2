"""A tiny base model and a few rows to train it on."""

import json
from random import Random

import pytest

from tasks.demo.skills import skill

INTENT = skill("classification/intent")


@pytest.fixture(scope="session")
def intents():
    """Forty prompts with their answers, always the same."""
    rng = Random(3)
    return [INTENT.example(rng, "en") for _ in range(40)]


@pytest.fixture(scope="session")
def base(tmp_path_factory, intents):
    """A base model of 60,000 random weights that knows the words of `intents`."""
    pytest.importorskip("torch", reason="not run: no torch")
    from tasks.demo.student import StudentShape, make_base

    shape = StudentShape(vocabulary=400, width=32, layers=2, heads=2)
    texts = [text for one in intents for text in (one.prompt, one.answer)]
    return make_base(tmp_path_factory.mktemp("student") / "base", texts, 1, shape)


@pytest.fixture
def loaded(base):
    """Its tokenizer and model, freshly loaded: a test may change them."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoTokenizer.from_pretrained(base), AutoModelForCausalLM.from_pretrained(base)


def said(role, content):
    return {"role": role, "content": content}


@pytest.fixture(scope="session")
def write_rows():
    """Write examples as the rows file of a training run."""

    def write(path, examples, **more):
        rows = (
            {
                "id": f"a{number}",
                "prompt": [said("user", one.prompt)],
                "completion": [said("assistant", one.answer)],
                **more,
            }
            for number, one in enumerate(examples)
        )
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def spec(tmp_path_factory, base, intents, write_rows):
    """A training run of 180 steps over `intents`, each row twice."""
    from tasks.sft.spec import TrainSpec

    folder = tmp_path_factory.mktemp("training")
    return TrainSpec(
        base_model=str(base),
        rows=write_rows(folder / "rows.jsonl", intents, copies=2),
        out=folder / "run",
        epochs=9,
        learning_rate=5e-3,
        batch_rows=4,
        log_every=7,
        save_every=10,
        tensorboard=True,
        threads=1,
    )


@pytest.fixture(scope="session")
def result(spec):
    """What came of it; starting its child takes seconds, so it is run once."""
    from tasks.sft.train import run_child

    return run_child(spec)
