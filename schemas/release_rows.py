"""What a row of each table of the release half must be: datasets, runs, models and verdicts."""

from typing import get_args

import dataframely as dy
import polars as pl

from schemas import columns as col
from schemas.release_settings import DropReason


class EvalPrompts(dy.Schema):
    """One prompt of a frozen eval set."""

    eval_set = col.key()
    prompt_id = col.key()
    area = dy.String()
    kind = dy.String()
    messages = col.messages()
    reference = col.text()
    expectation = col.one_of("exact", "none")

    @dy.rule()
    def exact_needs_a_reference(cls) -> pl.Expr:
        """Ask for a reference where answers are compared with it."""
        return (pl.col("expectation") != "exact") | pl.col("reference").is_not_null()


class DatasetVersions(dy.Schema):
    """One frozen dataset."""

    dataset_version = col.key()
    created_at = dy.Datetime(time_unit="us")
    first_day = dy.Date()
    last_day = dy.Date()
    sha256 = dy.String(regex="^[0-9a-f]{64}$")
    tokenizer = col.text()
    tokenizer_sha256 = dy.String(nullable=True, regex="^[0-9a-f]{64}$")
    settings = dy.String()
    inputs = dy.String()
    rows_in = col.count()
    train_rows = col.count()
    validation_rows = col.count()
    dropped = col.count()
    train_rows_with_copies = col.count()
    label_tokens = col.count()
    plan = col.text()

    @dy.rule()
    def nothing_is_lost(cls) -> pl.Expr:
        """Ask that what came in is trained on, measured, or left out with a reason."""
        return pl.col("rows_in") == pl.sum_horizontal("train_rows", "validation_rows", "dropped")


class SftRows(dy.Schema):
    """One row of a frozen dataset."""

    dataset_version = col.key()
    answer_id = col.key()
    day = dy.Date()
    split = col.one_of("train", "validation")
    area = dy.String()
    kind = dy.String()
    messages = col.messages()
    learned_turns = dy.List(dy.Int32(min=0), nullable=True)
    tools = col.text()
    copies = dy.Int32(min=1)
    weight = dy.Float64(min=0)
    tokens = col.count()
    label_tokens = dy.Int64(min=1)


class DatasetDrops(dy.Schema):
    """One kept answer that a dataset left out."""

    dataset_version = col.key()
    answer_id = col.key()
    day = dy.Date()
    area = dy.String()
    kind = dy.String()
    reason = col.one_of("leak", *get_args(DropReason), "split_conflict", "quota", "unreadable")
    match = col.text()
    jaccard = col.share(nullable=True)


class TrainingRuns(dy.Schema):
    """One SFT run."""

    run_id = col.key()
    model_id = dy.String()
    dataset_version = dy.String()
    base_model = dy.String()
    batching = col.one_of("padding", "concat", "packed", "padding_free")
    status = col.one_of("running", "complete", "failed")
    settings = dy.String()
    rows_trained = col.count(nullable=True)
    dropped = dy.List(
        dy.Struct({"answer_id": dy.String(), "reason": dy.String(), "tokens": dy.Int64()})
    )
    label_tokens = col.count(nullable=True)
    tokens = col.count(nullable=True)
    steps = col.count(nullable=True)
    resumed_from = col.count(nullable=True)
    loss = dy.Float64(nullable=True)
    validation_loss = dy.Float64(nullable=True)
    best_step = col.count(nullable=True)
    stop_rates = dy.List(
        dy.Struct({"step": dy.Int64(), "prompts": dy.Int64(), "stopped": dy.Int64()}),
        nullable=True,
    )
    checks = dy.List(
        dy.Struct({"name": dy.String(), "passed": dy.Bool(), "finding": dy.String()}),
        nullable=True,
    )
    notes = dy.List(dy.String(), nullable=True)
    pad_token = col.text()
    pad_reason = col.text()
    stop_token = col.text()
    versions = col.text()
    message = col.text()
    seconds = dy.Float64(min=0, nullable=True)
    started_at = dy.Datetime(time_unit="us")
    finished_at = dy.Datetime(time_unit="us", nullable=True)


class TrainingMetrics(dy.Schema):
    """One logged step of an SFT run."""

    run_id = col.key()
    step = dy.Int64(min=1, primary_key=True)
    epoch = dy.Float64(min=0)
    loss = dy.Float64()
    learning_rate = dy.Float64(min=0)
    grad_norm = dy.Float64(min=0)
    token_accuracy = col.share()
    tokens = col.count()


class TrainingValidation(dy.Schema):
    """The loss of one task type at one step of an SFT run."""

    run_id = col.key()
    step = dy.Int64(min=1, primary_key=True)
    area = col.key()
    kind = col.key()
    rows = dy.Int64(min=1)
    label_tokens = dy.Int64(min=1)
    loss = dy.Float64()


class Models(dy.Schema):
    """One model of the registry."""

    model_id = col.key()
    run_id = col.text()
    dataset_version = col.text()
    base_model = col.text()
    path = dy.String()
    status = col.one_of("base", "candidate", "champion", "retired")
    registered_at = dy.Datetime(time_unit="us")
    promoted_at = dy.Datetime(time_unit="us", nullable=True)
    reason = col.text()


class EvalAnswers(dy.Schema):
    """What one model said to one prompt of an eval set."""

    model_id = col.key()
    eval_set = col.key()
    prompt_id = col.key()
    answer = dy.String()
    stopped = dy.Bool()
    new_tokens = col.count()
    max_new_tokens = dy.Int64(min=1)
    correct = dy.Bool(nullable=True)


class Verdicts(dy.Schema):
    """One comparison of two models for one task type."""

    model_id = col.key()
    against = col.key()
    eval_set = col.key()
    area = col.key()
    kind = col.key()
    prompts = dy.Int64(min=1)
    exact = col.count()
    correct = col.count()
    correct_against = col.count()
    won = col.count()
    lost = col.count()
    stopped = col.count()
    stopped_against = col.count()
    p_better = col.share()
    p_worse = col.share()
    conclusion = col.one_of("better", "worse", "no_difference", "not_comparable")
    judged_at = dy.Datetime(time_unit="us")
