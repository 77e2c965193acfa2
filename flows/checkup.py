"""`flywheel doctor`: what is configured, reachable, stale, missing."""

import json
import os
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import polars as pl

from flows import console
from schemas.errors import FlywheelError
from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings, SourceSettings
from schemas.settings_file import keys
from schemas.task_types import load
from tasks import ledger
from tasks.adapters import store
from tasks.adapters.prices import prices_of
from tasks.answering.style import styles_of
from tasks.intake.ids import USER_KEY_ENV
from tasks.sources import SOURCES


class Finding(NamedTuple):
    """One thing that was looked at."""

    what: str
    state: str  # ok, note or problem
    said: str


def checkup(cfg: FlywheelSettings, *, as_json: bool) -> int:
    """Print every setting and every finding; return 1 when there is a problem."""
    settings, findings = _settings(cfg), list(_findings(cfg))
    if as_json:
        body = {"settings": dict(settings), "findings": [f._asdict() for f in findings]}
        console.raw(json.dumps(body, default=str, ensure_ascii=False))
    else:
        rows = [{"setting": name, "value": str(value)} for name, value in settings]
        console.table(pl.DataFrame(rows), "Settings")
        console.table(pl.DataFrame(findings, orient="row"), "Findings")
    return 1 if any(finding.state == "problem" for finding in findings) else 0


def _settings(cfg: FlywheelSettings) -> list[tuple[str, Any]]:
    values = cfg.model_dump(mode="json")
    return [(key, _get(values, key)) for key in keys()]


def _get(values: dict[str, Any], dotted: str) -> Any:
    value: Any = values
    for part in dotted.split("."):
        value = value[part]
    return value


def _there(source: SourceSettings) -> str:
    """Say how many files a source has, or how many rows its query finds for today."""
    if source.kind == "files":
        return f"{len(SOURCES['files'](source))} files"
    windows = SOURCES[source.kind](source, [store.now().date()])
    return f"{sum(window.stat().st_size for window in windows)} records of today, UTC"


def _findings(cfg: FlywheelSettings) -> Iterator[Finding]:
    for source in cfg.sources:
        try:
            yield Finding(f"source {source.name}", "ok", _there(source))
        except FlywheelError as error:
            yield Finding(f"source {source.name}", "problem", str(error))
    try:
        yield Finding("task types", "ok", f"{len(load(cfg.task_types).labels)} kinds")
    except FlywheelError as error:
        yield Finding("task types", "problem", str(error))
    yield _classifier(cfg)
    yield from _models("strong model", cfg.llm)
    yield _price("price", cfg.llm, "llm")
    for name in cfg.llm.endpoints:
        llm = cfg.llm.endpoint(name)
        yield from _models(f"endpoint {name}", llm)
        yield _price(f"price at {name}", llm, f"llm.endpoints.{name}")
    yield _styles(cfg)
    yield _secret(cfg.llm.api_key_env, "the server of the strong model is asked without a key")
    yield _secret(USER_KEY_ENV, "users are not told apart: repeats are found within a chat only")
    yield from _store(cfg)
    yield from _release(cfg)


def _classifier(cfg: FlywheelSettings) -> Finding:
    from tasks.tagging.local import describe, local_tagger

    try:
        local = local_tagger(load(cfg.task_types), cfg)
    except FlywheelError as error:
        return Finding("classifier", "problem", str(error))
    return Finding("classifier", "ok" if local else "note", describe(local))


def _styles(cfg: FlywheelSettings) -> Finding:
    try:
        styles_of(cfg)
    except FlywheelError as error:
        return Finding("answer", "problem", str(error))
    own = f"{len(cfg.answer.kinds)} sections of task types" if cfg.answer.kinds else "no sections"
    return Finding("answer", "ok", own)


def _price(what: str, llm: ModelSettings, section: str) -> Finding:
    prices = prices_of(llm)
    if prices.known:
        said = f"{prices.input_usd:g} and {prices.output_usd:g} USD for 1M tokens in and out"
        return Finding(what, "ok", f"{said} ({prices.source})")
    without = f"unknown: costs are not counted; set {section}.input_usd_per_mtok"
    return Finding(what, "note", f"{without} and output_usd_per_mtok (0 for a free model)")


def _models(what: str, llm: ModelSettings) -> Iterator[Finding]:
    for url in (llm.base_url, *llm.also):
        yield _model(what, url, llm)


def _model(what: str, url: str, llm: ModelSettings) -> Finding:
    if not (llm.is_set or llm.makes_vectors):
        return Finding(what, "problem", "set base_url and model under [llm]")
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), timeout=3).close()
    except OSError as error:
        return Finding(what, "problem", f"{url} does not answer: {error}")
    return Finding(what, "ok", f"{llm.model} at {url}")


def _secret(name: str, without: str) -> Finding:
    return (
        Finding(name, "ok", "set")
        if os.environ.get(name)
        else Finding(name, "note", f"not set: {without}")
    )


def _release(cfg: FlywheelSettings) -> Iterator[Finding]:
    """Look at what only a release needs: nothing here keeps a day from running."""
    without = "no model can be trained: set base_model under [train]"
    yield _noted("base model", cfg.train.base_model, without)
    installed = "torch and transformers" if find_spec("torch") and find_spec("transformers") else ""
    yield _noted("training", installed, "not installed: pip install '.[train]'")
    without = "models cannot be compared: `flywheel eval add`, then set eval_set under [evaluate]"
    yield _noted("eval set", cfg.evaluate.eval_set, without)


def _noted(what: str, said: str, without: str) -> Finding:
    return Finding(what, "ok", said) if said else Finding(what, "note", without)


def _store(cfg: FlywheelSettings) -> Iterator[Finding]:
    if not cfg.warehouse.exists():
        yield Finding("store", "note", f"no warehouse at {cfg.warehouse} yet")
        return
    try:
        stale = ledger.stale_stages(ledger.runs(cfg.warehouse), Run(cfg=cfg))
        lost = store.select(cfg.warehouse, "SELECT count(*) AS n FROM conservation").item()
    except FlywheelError as error:
        yield Finding("store", "problem", str(error))
        return
    for kind in ("inputs", "settings"):
        days = stale.filter(pl.col(kind).is_not_null())["day"].n_unique()
        if days:
            yield Finding(f"stale {kind}", "note", f"{days} days; `flywheel status` lists them")
    state = "problem" if lost else "ok"
    yield Finding("conservation", state, f"{lost} units unaccounted for")
