"""The card of a trained model, README.md of its folder: what it learned from, how, and how well.

It holds figures, names and settings, and no text of a row: a model may go where its data may not.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from schemas.settings import FlywheelSettings
from tasks.adapters import store
from tasks.datasets import versions
from tasks.exports.facts import languages_in, mix_of, sources_of
from tasks.exports.front import licence_fields, yaml
from tasks.exports.markdown import table
from tasks.sft.spec import TrainResult, TrainSpec
from tasks.sft.weights import ADAPTER, CARD

_UNKNOWN = "unknown: the base model does not say"
_LICENCE = re.compile(r"^license: *[\"']?([^\"'\n]+)", re.MULTILINE)
_NOT_SHOWN = {
    *("base_model", "rows", "validation", "out", "accelerate_config"),  # places on this machine
    *("threads", "log_every", "tensorboard"),
}


@dataclass(frozen=True, slots=True)
class Learned:
    """What a card says of a run, but what came of it."""

    model_id: str
    spec: TrainSpec
    about: Mapping[str, Any]  # row of dataset_versions
    mix: pl.DataFrame  # per task type
    languages: list[str]
    licence: str  # of the logs

    @property
    def base(self) -> str:
        """The name of the base model; of a folder the last part."""
        path = Path(self.spec.base_model)
        return path.name if path.is_dir() else self.spec.base_model


def write_card(
    cfg: FlywheelSettings, spec: TrainSpec, row: Mapping[str, Any], result: TrainResult
) -> None:
    """Write the card of a model that is trained into its folder; `row` is of `training_runs`."""
    with store.reading(cfg.warehouse) as con:
        about = versions.find(con, row["dataset_version"])
        mix, sources = (of(con, row["dataset_version"]) for of in (mix_of, sources_of))
    licence = cfg.dataset.license
    learned = Learned(row["model_id"], spec, about, mix, languages_in(sources), licence)
    unready = result.model / f".{CARD}"
    unready.write_text(card(learned, result), encoding="utf-8")
    unready.replace(result.model / CARD)


def card(learned: Learned, result: TrainResult) -> str:
    """Return README.md: YAML for machines, then the same for people."""
    sections = {
        "Load it": _loading(result),
        "Data": _data(learned, result),
        "Results": _results(result),
        "Training": _training(learned.spec),
        "Padding and stopping": _tokens(result),
        "Notes of the run": "\n".join(f"- {note}" for note in result.notes),
        "Licence and consent": _licences(learned),
        "Versions": _pairs(result.versions, ("package", "version")),
    }
    body = "".join(f"\n## {title}\n\n{text}\n" for title, text in sections.items() if text)
    opening = f"`{learned.base}`, fine-tuned on answers to what users asked in production."
    return f"---\n{yaml(_front(learned, result))}---\n\n# {learned.model_id}\n\n{opening}\n{body}"


def _front(learned: Learned, result: TrainResult) -> dict[str, Any]:
    return {
        **licence_fields(_base_licence(learned.spec) or _UNKNOWN),
        **({"language": learned.languages} if learned.languages else {}),
        "base_model": learned.base,
        "library_name": "peft" if _is_adapter(result) else "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["sft-flywheel", "sft", "trl"],
        "dataset_version": learned.about["dataset_version"],
        "dataset_sha256": learned.about["sha256"],
    }


def _loading(result: TrainResult) -> str:
    code = _ADAPTER if _is_adapter(result) else _WHOLE
    served = (
        "It needs its base model; served and compared it is best with the two merged "
        "(`merge = true` under `[train.lora]`)."
        if _is_adapter(result)
        else "Over the OpenAI API, from this folder: `transformers serve .` or `vllm serve .`."
    )
    return f"```python\n{code}```\n\n{served} Answers end with `{result.stop_token}`."


def _is_adapter(result: TrainResult) -> bool:
    return (result.model / ADAPTER).is_file()


def _data(learned: Learned, result: TrainResult) -> str:
    about = learned.about
    return (
        f"Dataset {about['dataset_version']}, chats from {about['first_day']} to "
        f"{about['last_day']} (UTC), sha256 of its rows `{about['sha256']}`. {result.rows} rows "
        f"({result.rows_with_copies} with copies), {result.label_tokens} tokens with loss in an "
        f"epoch; {len(result.dropped)} rows left out.\n\nPer task type; `share_shown` is its share "
        f"of the loss.\n\n{table(learned.mix)}"
    )


def _results(result: TrainResult) -> str:
    step = result.best_step or result.steps
    figures = {
        "weights": f"of step {step} of {result.steps}",
        "training loss at the end": f"{result.loss:.4f}",
        "validation loss": _figure(result.validation_loss),
        **{
            f"answers that end by themselves, step {one.step}": f"{one.stopped} of {one.prompts}"
            for one in result.stop_rates
        },
    }
    last = result.validated[-1].validation if result.validated else ()
    rows = [(one.task_type, one.rows, one.label_tokens, _figure(one.loss)) for one in last]
    columns = ["task type", "validation rows", "label tokens", "loss"]
    losses = table(pl.DataFrame(rows, schema=columns, orient="row")) if rows else ""
    return f"{_pairs(figures, ('figure', 'value'))}\n\n{losses}".rstrip()


def _training(spec: TrainSpec) -> str:
    settings = spec.model_dump(mode="json", exclude=_NOT_SHOWN, exclude_none=True)
    settings["lora"] = settings["lora"] if spec.lora.rank else "off"
    return _pairs({name: json.dumps(said) for name, said in settings.items()}, ("setting", "value"))


def _tokens(result: TrainResult) -> str:
    return (
        f"Answers end with `{result.stop_token}`. Rows were padded with `{result.pad_token}` "
        f"({result.pad_reason}), which ends no answer."
    )


def _licences(learned: Learned) -> str:
    extra = json.loads(learned.about["settings"]).get("dataset", {}).get("extra", ())
    said = {
        f"Base model {learned.base}": _base_licence(learned.spec) or _UNKNOWN,
        "Logs": learned.licence,
        **{f"Extra set {one['name']}": one["license"] for one in extra},
    }
    lines = "\n".join(f"- {name}: {licence}" for name, licence in said.items())
    return f"{lines}\n\nConsent: not recorded. Whoever collected the logs must know."


def _base_licence(spec: TrainSpec) -> str | None:
    """Read the licence in the card of a base model that is a folder."""
    path = Path(spec.base_model) / CARD
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    front = text.split("\n---", 1)[0] if text.startswith("---\n") else ""
    found = _LICENCE.search(front)
    return found[1].strip() if found else None


def _pairs(said: Mapping[str, str], names: Sequence[str]) -> str:
    return table(pl.DataFrame(list(said.items()), schema=list(names), orient="row"))


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"


_WHOLE = """\
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # of this file
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
"""
_ADAPTER = """\
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

folder = "."  # of this file
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoPeftModelForCausalLM.from_pretrained(folder, dtype="auto")
"""
