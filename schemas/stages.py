"""The stages of a day and of a release, in order: what each reads and writes.

For a day also what makes its rows stale; a release makes new versions and never old ones anew.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage over one day."""

    name: str  # in stage_runs and on the command line
    file: str
    reads: tuple[str, ...]  # tables
    writes: tuple[str, ...]  # tables; the first one is handed on
    settings: tuple[str, ...]  # dotted names of the settings that decide its rows
    code: tuple[str, ...]  # globs of further files that decide its rows
    key: str = ""  # id column that its input rows and output rows share
    drop: str = ""  # output column that says why a row stops here; empty = none does
    alone: bool = False  # no other day of it may run at the same time: it reads its own history


_DEDUPE_CODE = (
    "tasks/neighbours.py",
    "tasks/rekey.py",
    "tasks/similarity/*.py",
    "schemas/queries/earlier_*.sql",
    "schemas/queries/rekeyed_*.sql",
)

STAGES: tuple[Stage, ...] = (
    Stage(
        name="pull",
        file="tasks/pull.py",
        reads=(),
        writes=("chats", "records", "votes", "quarantine", "pulled_files"),
        settings=("pull.max_record_bytes", "redaction"),
        code=(
            "tasks/intake/*.py",
            "tasks/sources/**/*.py",
            "tasks/redaction/*.py",
            "tasks/language.py",
            "tasks/control_tokens.py",
        ),
    ),
    Stage(
        name="filter",
        file="tasks/filter.py",
        reads=("chats",),
        writes=("prompts",),
        settings=("filter",),
        code=(
            "schemas/patterns.py",
            "tasks/rules/*.py",
            "tasks/traits/*.py",
            "tasks/traits/*.txt",
            "tasks/token_estimate.py",
            "tasks/judge.py",
            "tasks/turns.py",
            "tasks/context.py",
            "tasks/word_list.py",
            "tasks/language.py",
            "tasks/visible.py",
            "tasks/similarity/normalise.py",
        ),
        key="chat_id",
        drop="drop_reason",
    ),
    Stage(
        name="tag",
        file="tasks/tag.py",
        reads=("prompts",),
        writes=("tagged_prompts",),
        settings=(
            *("tag.use_model", "tag.max_prompt_chars", "tag.pack", "tag.precision", "classifier"),
            *("task_types", "task_labels", "llm.model", "llm.group"),
        ),
        code=(
            "tasks/tagging/*.py",
            "tasks/keywords.py",
            "tasks/similarity/normalise.py",
            "tasks/traits/attacks.py",
            "tasks/traits/pattern.py",
            "tasks/visible.py",
            "tasks/templates/tag*",
            "tasks/checks/aloud.py",
            "tasks/checks/marked.py",
            "tasks/checks/reasoning.py",
            "schemas/queries/known_tags.sql",
            "schemas/patterns.py",
            "schemas/task_types.py",
            "schemas/task_examples.*",
            "schemas/replies.py",
        ),
        key="prompt_id",
    ),
    Stage(
        name="dedupe_prompts",
        file="tasks/dedupe.py",
        reads=("prompts", "tagged_prompts"),
        writes=("unique_prompts", "bands"),
        settings=("dedupe",),
        code=_DEDUPE_CODE,
        key="prompt_id",
        drop="drop_reason",
        alone=True,
    ),
    Stage(
        name="answer",
        file="tasks/answer.py",
        reads=("chats", "prompts", "unique_prompts"),
        writes=("answers",),
        settings=("answer", "task_types", "llm.model", "llm.group"),
        code=(
            "tasks/answering/*.py",
            "tasks/templates/answer*",
            "tasks/checks/aloud.py",
            "tasks/checks/marked.py",
            "tasks/checks/reasoning.py",
            "tasks/similarity/*.py",
            "schemas/queries/few_shot_*.sql",
            "schemas/queries/up_voted.sql",
            "schemas/views/25_resolved_votes.sql",
            "schemas/views/27_voted_answers.sql",
            "schemas/views/28_liked_answers.sql",
        ),
        key="prompt_id",
        drop="failed",
    ),
    Stage(
        name="check",
        file="tasks/check.py",
        reads=("chats", "prompts", "answers"),
        writes=("checked_answers",),
        settings=("check", "task_types", "answer", "llm.model", "llm.group"),
        code=(
            "tasks/checks/*.py",
            "tasks/repair.py",
            "tasks/backfit.py",
            "tasks/answering/*.py",
            "tasks/similarity/*.py",
            "tasks/templates/answer*",
            "tasks/templates/repair*",
            "schemas/queries/few_shot_*.sql",
            "tasks/visible.py",
            "tasks/language.py",
            "schemas/check_names.py",
            "schemas/patterns.py",
            "schemas/task_types.py",
        ),
        key="answer_id",
        drop="defects",
    ),
    Stage(
        name="dedupe_answers",
        file="tasks/dedupe.py",
        reads=("prompts", "answers", "checked_answers"),
        writes=("unique_answers", "bands"),
        settings=("dedupe", "task_types"),
        code=_DEDUPE_CODE,
        key="answer_id",
        drop="drop_reason",
        alone=True,
    ),
)

RELEASE: tuple[Stage, ...] = (
    Stage(
        name="upsample",
        file="tasks/upsample.py",
        reads=("chats", "prompts", "answers", "unique_answers", "eval_prompts"),
        writes=("dataset_versions", "sft_rows", "dataset_drops"),
        settings=(
            *("dataset", "dedupe", "task_types"),
            *("train.base_model", "train.max_tokens", "train.length_alpha"),
        ),
        code=("tasks/datasets/*.py",),
    ),
    Stage(
        name="train",
        file="tasks/train.py",
        reads=("dataset_versions", "sft_rows", "eval_prompts"),
        writes=("training_runs", "training_metrics", "training_validation", "models"),
        settings=("train",),
        code=("tasks/sft/*.py", "tasks/model_card.py"),
    ),
    Stage(
        name="evaluate",
        file="tasks/evaluate.py",
        reads=("eval_prompts", "models"),
        writes=("eval_answers", "verdicts"),
        settings=("evaluate",),
        code=(
            "tasks/comparison.py",
            *(f"tasks/sft/{n}.py" for n in ("generate", "greedy", "room")),
        ),
    ),
    Stage(
        name="promote",
        file="tasks/promote.py",
        reads=("verdicts", "models"),
        writes=("models",),
        settings=("promote",),
        code=(),
    ),
)

BY_NAME: dict[str, Stage] = {stage.name: stage for stage in STAGES}


def writer_of(table: str) -> Stage:
    """Return the stage that writes `table`; bands belong to no one else's inputs."""
    return next(stage for stage in STAGES if table in stage.writes)
