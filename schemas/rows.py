"""What a row of each table must be: types, keys, which numbers make sense, which words are allowed.

DuckDB's DDL says less (DuckLake has no keys and no CHECK). `contracts.check` holds every frame to
these before it is written; a test compares each with its table.
"""

from typing import Any

import dataframely as dy
import polars as pl

MESSAGE: dict[str, dy.Column] = {
    name: dy.String(nullable=name not in {"role", "content"})
    for name in ("role", "content", "parts", "name", "tool_call_id", "tool_calls")
}


def _text(**options: Any) -> dy.String:
    return dy.String(nullable=True, **options)


def _one_of(*words: str, nullable: bool = False) -> dy.String:
    return dy.String(regex=f"^({'|'.join(words)})$", nullable=nullable)


def _key() -> dy.String:
    return dy.String(primary_key=True, min_length=1)


def _messages() -> dy.List:
    return dy.List(dy.Struct(MESSAGE), min_length=1)


def _words() -> dy.List:
    return dy.List(dy.String())


def _hash() -> dy.UInt64:
    return dy.UInt64()


def _share(**options: Any) -> dy.Float64:
    return dy.Float64(min=0, max=1, **options)


def _count(**options: Any) -> dy.Int64:
    return dy.Int64(min=0, **options)


def _turn(**options: Any) -> dy.Int32:
    return dy.Int32(min=0, **options)


class Records(dy.Schema):
    """One log record that was read."""

    day = dy.Date()
    record_id = _key()
    source = dy.String()
    path = dy.String()
    line = dy.Int64(min=1)
    digest = dy.String()
    outcome = _one_of("chat", "vote", "quarantine")
    ref_key = _text()
    session_key = _text()
    chat_id = _text()
    turn = _turn(nullable=True)


class Chats(dy.Schema):
    """One conversation as pulled."""

    day = dy.Date()
    chat_id = _key()
    source = dy.String()
    source_id = _text()
    session_id = _text()
    record_id = dy.String()
    started_at = dy.Datetime(time_unit="us")
    updated_at = dy.Datetime(time_unit="us")
    model = _text()
    user_key = _text()
    language = dy.String(regex=r"^([a-z]{2,3}|und)$")
    messages = _messages()
    traits = _words()
    pii = dy.List(dy.Struct({"kind": dy.String(), "replaced": dy.Int32(min=1)}))


class Votes(dy.Schema):
    """One sign of what a user thought."""

    vote_id = _key()
    chat_id = _text()
    turn = _turn(nullable=True)
    source = dy.String()
    target_key = _text()
    target_id = _text()
    kind = dy.String()
    value = dy.Float64(nullable=True)
    comment = _text()
    voted_at = dy.Datetime(time_unit="us", nullable=True)
    status = _one_of("joined", "dangling", "conflicting")


class Quarantine(dy.Schema):
    """One log record that could not become a chat."""

    day = dy.Date()
    record_id = _key()
    source = dy.String()
    location = dy.String()
    reason = dy.String()
    detail = dy.String()
    payload = _text()


class PulledFiles(dy.Schema):
    """How far one log file has been read."""

    source = _key()
    path = _key()
    size = _count()
    mtime_ns = dy.Int64()
    mark = dy.String()
    read_to = _count()
    torn = _text()
    last_day = dy.Date(nullable=True)


class Prompts(dy.Schema):
    """One user turn with the verdict of the rules."""

    day = dy.Date()
    prompt_id = _key()
    chat_id = dy.String()
    turn = _turn()
    started_at = dy.Datetime(time_unit="us")
    user_key = _text()
    language = dy.String(regex=r"^([a-z]{2,3}|und)$")
    messages = _messages()
    prompt = dy.String()
    traits = _words()
    origin = _one_of("log")
    rule_hits = dy.List(dy.Struct({"rule": dy.String(), "value": dy.Float64()}))
    drop_reason = _text()
    input_hash = _hash()


class TaggedPrompts(dy.Schema):
    """The task type of one kept prompt."""

    day = dy.Date()
    prompt_id = _key()
    area = dy.String()
    kind = dy.String()
    confidence = _share()
    tagger = _one_of("keywords", "model", "none")
    taxonomy_version = dy.Int32(min=1)
    reason = _text()
    call_key = _text()
    input_hash = _hash()


class UniquePrompts(dy.Schema):
    """One tagged prompt and its twin."""

    day = dy.Date()
    prompt_id = _key()
    area = dy.String()
    kind = dy.String()
    duplicate_of = _text()
    template_of = _text()
    jaccard = _share(nullable=True)
    drop_reason = _one_of("duplicate", "template_over_cap", nullable=True)
    input_hash = _hash()


class Answers(dy.Schema):
    """One answer of the strong model, or the reason why there is none."""

    day = dy.Date()
    answer_id = _key()
    prompt_id = dy.String()
    sample_ = _turn(alias="sample")  # Schema.sample is a method
    area = dy.String()
    kind = dy.String()
    answer = _text()
    reasoning = _text()
    origin = _one_of("model")
    model = _text()
    finish_reason = _text()
    prompt_tokens = _count(nullable=True)
    answer_tokens = _count(nullable=True)
    cost_usd = dy.Float64(min=0, nullable=True)
    template_version = dy.String()
    few_shot_ids = _words()
    call_key = dy.String()
    failed = _text()
    input_hash = _hash()

    @dy.rule()
    def answered_or_failed(cls) -> pl.Expr:
        """Ask for a text or a reason: never both, never neither."""
        return pl.col("answer").is_null() == pl.col("failed").is_not_null()


class CheckedAnswers(dy.Schema):
    """One version of one answer and its defects."""

    day = dy.Date()
    answer_id = _key()
    version = dy.Int32(min=0, max=1, primary_key=True)
    prompt_id = dy.String()
    answer = dy.String()
    defects = _words()
    input_hash = _hash()


class UniqueAnswers(dy.Schema):
    """One good answer and its twin."""

    day = dy.Date()
    answer_id = _key()
    prompt_id = dy.String()
    version = dy.Int32(min=0, max=1)
    area = dy.String()
    kind = dy.String()
    answer = dy.String()
    duplicate_of = _text()
    template_of = _text()
    jaccard = _share(nullable=True)
    drop_reason = _one_of("duplicate", "template_over_cap", nullable=True)
    input_hash = _hash()


class Bands(dy.Schema):
    """One MinHash band of one row."""

    pass_ = dy.String(alias="pass", regex="^(prompts|answers)$")
    day = dy.Date()
    key = dy.UInt64()
    id = dy.String()
    kept = dy.Bool()


class LlmCalls(dy.Schema):
    """One bought call."""

    call_key = _key()
    endpoint = dy.String()
    purpose = dy.String()
    model = dy.String()
    reply = _text()
    error = _text()
    prompt_tokens = _count(nullable=True)
    answer_tokens = _count(nullable=True)
    cost_usd = dy.Float64(min=0, nullable=True)
    latency_s = dy.Float64(min=0)
    attempts = dy.Int32(min=1)
    bought_at = dy.Datetime(time_unit="us")
    run_id = dy.String()


class Claims(dy.Schema):
    """One call that some process is buying right now."""

    call_key = _key()
    owner = dy.String()
    until = dy.Datetime(time_unit="us")


class StageRuns(dy.Schema):
    """The latest run of one stage over one day."""

    stage = _key()
    day = dy.Date(primary_key=True)
    run_id = dy.String()
    status = _one_of("complete", "partial", "failed")
    rows_in = _count()
    kept = _count()
    dropped = _count()
    quarantined = _count()
    pending = _count()
    fingerprint = dy.String()
    code_version = dy.String()
    inputs = dy.String()
    outputs = dy.String()
    stale = _text()
    message = _text()
    seconds = dy.Float64(min=0)
    finished_at = dy.Datetime(time_unit="us")
