"""What a row of each table must be: types, keys, which numbers make sense, which words are allowed.

DuckDB's DDL says less (DuckLake has no keys and no CHECK). `contracts.check` holds every frame to
these before it is written; a test compares each with its table.
"""

import dataframely as dy
import polars as pl

from schemas import columns as col


class Records(dy.Schema):
    """One log record that was read."""

    day = dy.Date()
    record_id = col.key()
    source = dy.String()
    path = dy.String()
    line = dy.Int64(min=1)
    digest = dy.String()
    format = col.text()
    outcome = col.one_of("chat", "vote", "quarantine")
    ref_keys = col.words()
    message_keys = dy.List(dy.Struct({"key": dy.String(), "turn": dy.Int32(min=0)}))
    session_keys = col.words()
    chat_id = col.text()
    turn = col.turn(nullable=True)


class Chats(dy.Schema):
    """One conversation as pulled."""

    day = dy.Date()
    chat_id = col.key()
    source = dy.String()
    source_id = col.text()
    session_id = col.text()
    record_id = dy.String()
    started_at = dy.Datetime(time_unit="us")
    updated_at = dy.Datetime(time_unit="us")
    model = col.text()
    user_key = col.text()
    language = dy.String(regex=r"^([a-z]{2,3}|und)$")
    messages = col.messages()
    traits = col.words()
    pii = dy.List(dy.Struct({"kind": dy.String(), "replaced": dy.Int32(min=1)}))
    tools = col.text()
    vote = dy.Float64(min=0, max=1, nullable=True)


class Votes(dy.Schema):
    """One sign of what a user thought."""

    vote_id = col.key()
    chat_id = col.text()
    turn = col.turn(nullable=True)
    source = dy.String()
    target_key = col.text()
    within_key = col.text()
    target_id = col.text()
    kind = dy.String()
    value = dy.Float64(nullable=True)
    comment = col.text()
    voted_at = dy.Datetime(time_unit="us", nullable=True)
    status = col.one_of("joined", "dangling", "conflicting")


class Quarantine(dy.Schema):
    """One log record that could not become a chat."""

    day = dy.Date()
    record_id = col.key()
    source = dy.String()
    location = dy.String()
    reason = dy.String()
    detail = dy.String()
    payload = col.text()


class PulledFiles(dy.Schema):
    """How far one log file has been read."""

    source = col.key()
    path = col.key()
    size = col.count()
    mtime_ns = dy.Int64()
    mark = dy.String()
    read_to = col.count()
    torn = col.text()
    last_day = dy.Date(nullable=True)


class Prompts(dy.Schema):
    """One user turn with the verdict of the rules."""

    day = dy.Date()
    prompt_id = col.key()
    chat_id = dy.String()
    turn = col.turn()
    started_at = dy.Datetime(time_unit="us")
    user_key = col.text()
    language = dy.String(regex=r"^([a-z]{2,3}|und)$")
    messages = col.messages()
    prompt = dy.String()
    traits = col.words()
    origin = col.one_of("log")
    rule_hits = dy.List(dy.Struct({"rule": dy.String(), "value": dy.Float64()}))
    drop_reason = col.text()
    input_hash = col.row_hash()


class TaggedPrompts(dy.Schema):
    """The task type of one kept prompt."""

    day = dy.Date()
    prompt_id = col.key()
    area = dy.String()
    kind = dy.String()
    confidence = col.share()
    tagger = col.one_of("keywords", "classifier", "model", "none")
    taxonomy_version = dy.Int32(min=1)
    reason = col.text()
    tag_key = col.text()
    call_key = col.text()
    input_hash = col.row_hash()


class UniquePrompts(dy.Schema):
    """One tagged prompt and its twin."""

    day = dy.Date()
    prompt_id = col.key()
    area = dy.String()
    kind = dy.String()
    duplicate_of = col.text()
    template_of = col.text()
    jaccard = col.share(nullable=True)
    drop_reason = col.one_of("duplicate", "template_over_cap", nullable=True)
    input_hash = col.row_hash()


class Answers(dy.Schema):
    """One answer, or the reason why there is none."""

    day = dy.Date()
    answer_id = col.key()
    prompt_id = dy.String()
    sample_ = col.turn(alias="sample")  # Schema.sample is a method
    area = dy.String()
    kind = dy.String()
    answer = col.text()
    reasoning = col.text()
    origin = col.one_of("model", "logged")
    model = col.text()
    logged_for = col.text()
    finish_reason = col.text()
    prompt_tokens = col.count(nullable=True)
    answer_tokens = col.count(nullable=True)
    cost_usd = dy.Float64(min=0, nullable=True)
    template_version = col.text()
    few_shot_ids = col.words()
    pool_version = dy.Int32(min=1, nullable=True)
    call_key = col.text()
    failed = col.text()
    input_hash = col.row_hash()

    @dy.rule()
    def answered_or_failed(cls) -> pl.Expr:
        """Ask for a text or a reason: never both, never neither."""
        return pl.col("answer").is_null() == pl.col("failed").is_not_null()


class FewShotPool(dy.Schema):
    """One example of one version of the pool."""

    pool_version = dy.Int32(min=1, primary_key=True)
    area = dy.String()
    kind = dy.String()
    example_id = col.key()
    language = dy.String(regex=r"^([a-z]{2,3}|und)$")
    prompt = dy.String(min_length=1)
    answer = dy.String(min_length=1)
    origin = col.one_of("file", "answer")
    added_in = dy.Int32(min=1)
    added_at = dy.Datetime(time_unit="us")


class CheckedAnswers(dy.Schema):
    """One version of one answer and its defects."""

    day = dy.Date()
    answer_id = col.key()
    version = dy.Int32(min=0, max=2, primary_key=True)
    prompt_id = dy.String()
    answer = dy.String()
    defects = col.words()
    input_hash = col.row_hash()
    detail = col.text()
    call_key = col.text()
    rewritten = col.text()


class UniqueAnswers(dy.Schema):
    """One good answer and its twin."""

    day = dy.Date()
    answer_id = col.key()
    prompt_id = dy.String()
    version = dy.Int32(min=0, max=2)
    area = dy.String()
    kind = dy.String()
    answer = dy.String()
    duplicate_of = col.text()
    template_of = col.text()
    jaccard = col.share(nullable=True)
    drop_reason = col.one_of("duplicate", "template_over_cap", nullable=True)
    input_hash = col.row_hash()


class Bands(dy.Schema):
    """The MinHash bands of one row."""

    pass_ = dy.String(alias="pass", regex="^(prompts|answers)$")
    day = dy.Date()
    id = dy.String()
    kept = dy.Bool()
    keys = dy.List(dy.UInt64(), min_length=1)
    made_with = dy.String()


class LlmCalls(dy.Schema):
    """One bought call."""

    call_key = col.key()
    endpoint = dy.String()
    purpose = dy.String()
    model = dy.String()
    reply = col.text()
    error = col.text()
    prompt_tokens = col.count(nullable=True)
    answer_tokens = col.count(nullable=True)
    cost_usd = dy.Float64(min=0, nullable=True)
    latency_s = dy.Float64(min=0)
    attempts = dy.Int32(min=1)
    bought_at = dy.Datetime(time_unit="us")
    run_id = dy.String()


class Claims(dy.Schema):
    """One call that some process is buying right now."""

    call_key = col.key()
    owner = dy.String()
    until = dy.Datetime(time_unit="us")
    run_id = dy.String()
    tokens = col.count()
    usd = dy.Float64(min=0)


class StageRuns(dy.Schema):
    """The latest run of one stage over one day."""

    stage = col.key()
    day = dy.Date(primary_key=True)
    run_id = dy.String()
    status = col.one_of("complete", "partial", "failed")
    rows_in = col.count()
    kept = col.count()
    dropped = col.count()
    quarantined = col.count()
    pending = col.count()
    fingerprint = dy.String()
    settings = col.text()
    code_version = dy.String()
    inputs = dy.String()
    outputs = dy.String()
    stale = col.text()
    message = col.text()
    seconds = dy.Float64(min=0)
    finished_at = dy.Datetime(time_unit="us")
