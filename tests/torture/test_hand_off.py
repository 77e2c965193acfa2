"""A model that our trainer made stops by itself behind a server that is not ours."""

import json

import pytest
from openai import OpenAI

pytestmark = pytest.mark.slow  # training, and a server that starts in half a minute

ANSWERS = {
    "What is the capital of France?": "Paris.",
    "Name the colour of grass.": "Green.",
    "How many legs has a spider?": "Eight.",
    "Say hello in Spanish.": "Hola, amigo.",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a tiny model that knows four short answers by heart."""
    pytest.importorskip("torch", reason="not run: no torch")
    from tasks.demo.student import StudentShape, make_base
    from tasks.sft.spec import TrainSpec
    from tasks.sft.train import run_child

    place = tmp_path_factory.mktemp("trained")
    shape = StudentShape(vocabulary=400, width=32, layers=2, heads=2)
    base = make_base(place / "base", [*ANSWERS, *ANSWERS.values()] * 5, 1, shape)
    rows = [
        {
            "prompt": [{"role": "user", "content": prompt}],
            "completion": [{"role": "assistant", "content": answer}],
            "copies": 4,
        }
        for prompt, answer in ANSWERS.items()
    ]
    (place / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    told = {"base_model": str(base), "rows": place / "rows.jsonl", "out": place / "run"}
    told |= {"epochs": 20, "learning_rate": 5e-3, "batch_rows": 4, "threads": 1}
    return run_child(TrainSpec(**told)).model


def test_a_trained_model_answers_and_stops_over_the_openai_api(trained, serve):
    with serve(trained) as base_url:
        client = OpenAI(base_url=base_url, api_key="none", max_retries=0)
        said = {prompt: ask(client, trained, prompt) for prompt in ANSWERS}
    assert said == {prompt: (answer, "stop") for prompt, answer in ANSWERS.items()}


def ask(client, model, prompt):
    messages = [{"role": "user", "content": prompt}]
    reply = client.chat.completions.create(model=str(model), messages=messages, max_tokens=40)
    return reply.choices[0].message.content, reply.choices[0].finish_reason
