"""The card of a trained model says what the store and the run know, and nothing that users said."""

import re

import pytest
import yaml

from schemas.settings import DatasetSettings, TrainSettings
from tasks import runs
from tasks.datasets.versions import about, freeze
from tasks.model_card import write_card
from tasks.sft.spec import Look, StopRate, TrainResult, TrainSpec, TypeLoss
from tasks.sft.weights import digest
from tasks.upsample import prepare

PART = TypeLoss(task_type="qa/how_to", rows=4, label_tokens=40, loss=0.25)


@pytest.fixture
def cfg(cfg, keep, kept, offer):
    """A frozen dataset, and a base model whose card names a licence."""
    base = cfg.root / "my-base"
    base.mkdir()
    (base / "config.json").write_text("{}")
    (base / "README.md").write_text("---\nlanguage: en\nlicense: Apache-2.0\n---\nlicense: none\n")
    keep(cfg, kept("a1", "Why is grass zebra-green?", "Because of zebra-chlorophyll."))
    offer(cfg, a1=None)
    dataset = DatasetSettings(validation_share=0, license="CC-BY-4.0")
    told = {"dataset": dataset, "train": TrainSettings(base_model=str(base))}
    freeze(cfg.warehouse, prepare(cfg.model_copy(update={"dataset": dataset})), "v1")
    return cfg.model_copy(update=told)


@pytest.fixture
def written(cfg):
    """The YAML of a card, and its sections by title."""

    def write(*files, **more):
        out = cfg.var / "training" / "0123456789abcdef"
        (out / "model").mkdir(parents=True)
        spec = TrainSpec(base_model=cfg.train.base_model, rows=out / "rows.jsonl", out=out)
        for name in files:
            (out / "model" / name).write_text("{}")
        row = runs.begin(cfg, spec, "v1", "m1")
        write_card(cfg, spec, row, result(out / "model", **more))
        _, front, body = (out / "model" / "README.md").read_text("utf-8").split("---\n", 2)
        parts = re.split(r"^## (.+)\n", body, flags=re.M)
        return yaml.safe_load(front), dict(zip(parts[1::2], parts[2::2], strict=True)), body

    return write


def result(model, **more):
    told = {"fingerprint": "f", "rows": 8, "rows_with_copies": 11, "dropped": ()}
    told |= {"label_tokens": 70, "tokens": 300, "steps": 9, "resumed_from": 0, "seconds": 1.5}
    told |= {"loss": 0.5, "validation_loss": 0.25, "best_step": 3, "pad_token": "<|pad|>"}
    told |= {"pad_reason": "the tokenizer's own", "stop_token": "<|end|>"}
    told |= {"stop_rates": (StopRate(step=0, prompts=20, stopped=7),)}
    told |= {"validated": (Look(step=3, validation=(PART,)),), "versions": {"trl": "1.16.0"}}
    return TrainResult(model=model, **{**told, "notes": ("it overfitted",), **more})


def test_machines_read_base_data_languages_and_licence(cfg, written):
    front, _, _ = written()
    assert front == {
        "license": "apache-2.0",
        "language": ["en"],
        "base_model": "my-base",
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["sft-flywheel", "sft", "trl"],
        "dataset_version": "v1",
        "dataset_sha256": about(cfg.warehouse, "v1")["sha256"],
    }


def test_people_read_what_was_learned_how_and_how_well(written):
    _, sections, _ = written()
    assert "| qa/how_to | 1 | 0 | 0 | 1.0 | 1.0 |" in sections["Data"]
    results = sections["Results"]
    assert "| figure | value |" in results
    assert "| weights | of step 3 of 9 |" in results
    assert "| answers that end by themselves, step 0 | 7 of 20 |" in results
    assert "| qa/how_to | 4 | 40 | 0.2500 |" in results
    assert '| batching | "padding" |' in sections["Training"]
    assert '| lora | "off" |' in sections["Training"]
    assert "null" not in sections["Training"]
    assert "`<|pad|>` (the tokenizer's own)" in sections["Padding and stopping"]
    assert sections["Notes of the run"].strip() == "- it overfitted"
    licences = sections["Licence and consent"]
    assert "- Base model my-base: Apache-2.0\n- Logs: CC-BY-4.0" in licences
    assert "| trl | 1.16.0 |" in sections["Versions"]


def test_what_was_not_measured_is_said_so(written):
    _, sections, _ = written(validation_loss=None, validated=(), notes=(), best_step=None)
    assert "| validation loss | not measured |" in sections["Results"]
    assert "| weights | of step 9 of 9 |" in sections["Results"]
    assert "Notes of the run" not in sections


def test_a_card_holds_no_text_of_a_row_and_no_place_on_this_machine(cfg, written):
    _, _, body = written()
    assert "zebra" not in body
    assert str(cfg.root) not in body


def test_a_base_without_a_card_has_no_known_licence(cfg, written):
    (cfg.root / "my-base" / "README.md").unlink()
    front, sections, _ = written()
    assert front["license"] == "unknown"
    assert "Base model my-base: unknown" in sections["Licence and consent"]


def test_an_adapter_is_loaded_with_its_base(written):
    front, sections, _ = written("adapter_config.json")
    assert front["library_name"] == "peft"
    assert "AutoPeftModelForCausalLM.from_pretrained(folder" in sections["Load it"]
    assert "serve ." not in sections["Load it"]


def test_a_card_makes_no_other_model(cfg):
    base = cfg.train.base_model
    before = digest(base)
    (cfg.root / "my-base" / "README.md").write_text("Another card.")
    assert digest(base) == before
    (cfg.root / "my-base" / "config.json").write_text('{"layers": 2}')
    assert digest(base) != before
