"""Mark prompts, and later answers, that say what an earlier one of their task type says."""

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import DedupeSettings
from schemas.stages import BY_NAME
from schemas.task_types import TaskTypes, load
from tasks.fingerprint import text_hash
from tasks.neighbours import carried_ids, earlier, rewrite_bands, template_counts
from tasks.rekey import rekey
from tasks.similarity.alike import Alike
from tasks.similarity.bands import U64, band_keys, choose_bands
from tasks.similarity.greedy import Compared, Followers, mark_repeats
from tasks.similarity.signatures import signatures
from tasks.stage import Outcome, Work, run_stage, stage_task

SAME_PROMPT = Alike(("text", "turn"), guards=("text",), any_digits=True)
SAME_ANSWER = Alike(("answer", "turn", "text"), unless_equal="prompt_id", guards=("answer", "text"))
_JSON = r"(?s)^\s*(?:<\w+>\s*)?(?:```\w*\s*)?[\[{].*[\]}]\s*(?:```\s*)?(?:</\w+>\s*)?$"
NO_CAP = 1 << 40  # rows


Mark = Callable[[pl.DataFrame, U64, pl.DataFrame, dict[str, int], DedupeSettings], pl.DataFrame]


class Pass(NamedTuple):
    """What tells the two passes apart.

    name       prompts or answers
    text       the column whose band keys nominate
    prepared   adds the columns that are compared
    salts      says who may be compared with whom
    mark       makes the rows of the stage's table
    made_with  what band keys depend on besides the rows
    """

    name: str
    text: str
    prepared: Callable[[pl.DataFrame], pl.DataFrame]
    salts: Callable[[pl.DataFrame], pl.Series]
    mark: Mark
    made_with: str


@stage_task(name="dedupe_prompts")
def dedupe_prompts(tagged: Batch, run: Run) -> Batch:
    """Copy every tagged prompt of the day to `unique_prompts`, with its twin."""
    made_with = _made_with(run.cfg.dedupe)
    pass_ = Pass("prompts", "text", asked, _prompt_salts, mark_prompts, made_with)
    return _dedupe(pass_, tagged, run)


@stage_task(name="dedupe_answers")
def dedupe_answers(checked: Batch, run: Run) -> Batch:
    """Copy every good answer of the day to `unique_answers`, with its twin."""
    types, cfg = load(run.cfg.task_types), run.cfg.dedupe

    def prepared(rows: pl.DataFrame) -> pl.DataFrame:
        return compared_across(asked(rows), types, cfg)

    short = f"short: {text_hash(sorted(types.short))}"
    made_with = _made_with(cfg, f"across from {cfg.min_answer_chars} characters, no JSON", short)
    pass_ = Pass("answers", "answer", prepared, _answer_salts, mark_answers, made_with)
    return _dedupe(pass_, checked, run)


def _dedupe(pass_: Pass, upstream: Batch, run: Run) -> Batch:
    stage, cfg, warehouse = BY_NAME[f"dedupe_{pass_.name}"], run.cfg.dedupe, upstream.warehouse

    def keyed(rows: pl.DataFrame) -> pl.DataFrame:
        rows = pass_.prepared(rows)
        return _bands(pass_, rows, _keys(pass_, rows, cfg))

    def think(work: Work) -> Outcome:
        stays = carried_ids(warehouse, work)
        rows = pass_.prepared(_todo(work, stays))
        keys = _keys(pass_, rows, cfg)
        rekey(warehouse, pass_.name, pass_.made_with, keyed)
        before = earlier(warehouse, f"earlier_{pass_.name}", work.day, keys, stays)
        followers = template_counts(warehouse, stage, work.day, stays)
        return Outcome(
            pass_.mark(rows, keys, _by_key(asked(before)), followers, cfg),
            also=lambda con, now: rewrite_bands(
                con, stage, work.day, _bands(pass_, rows, keys), now
            ),
        )

    return run_stage(stage, upstream, run, think)


def mark_prompts(
    rows: pl.DataFrame,
    keys: U64,
    history: pl.DataFrame,
    followers: dict[str, int],
    cfg: DedupeSettings,
) -> pl.DataFrame:
    """Return the rows of `unique_prompts`.

    Two prompts are the same when everything their users said is near, and the last turn by itself
    is too: a long shared context must not hide that the questions differ. Near ones that deny
    what the other says, or name something else, follow a template, and so do those with other
    numbers or another last turn: they stay, up to `cfg.max_prompts_per_template`.

    Args:
        rows: `id`, `text`, `turn` (see `asked`) and the columns of the table, in order.
        keys: [rows, bands] band keys of `text`.
        history: `key`, `id`, `text`, `turn`, `template_of` of kept prompts before these.
        followers: kept prompts per template so far.
    """
    may = Followers(followers, cfg.max_prompts_per_template or NO_CAP)
    marks = mark_repeats(Compared(rows, keys, history), SAME_PROMPT, cfg, may)
    marked = rows.join(marks, on="id", maintain_order="left").with_columns(drop_reason=_DROPPED)
    return marked.rename({"id": "prompt_id"}).select(list(contracts.schema("unique_prompts")))


def mark_answers(
    rows: pl.DataFrame,
    keys: U64,
    history: pl.DataFrame,
    followers: dict[str, int],
    cfg: DedupeSettings,
) -> pl.DataFrame:
    """Return the rows of `unique_answers`.

    A duplicate needs prompt and answer near. A near answer to another prompt follows a template:
    it stays until `cfg.max_per_template` answers have it.

    Args:
        rows: `id`, `answer`, `text`, `turn` and the columns of the table, best first.
        keys: [rows, bands] band keys of `answer`.
        history: `key`, `id`, `answer`, `text`, `turn`, `prompt_id`, `template_of` of kept answers.
        followers: kept answers per template so far.
    """
    may = Followers(followers, cfg.max_per_template)
    marks = mark_repeats(Compared(rows, keys, history), SAME_ANSWER, cfg, may)
    marked = rows.join(marks, on="id", maintain_order="left").with_columns(drop_reason=_DROPPED)
    return marked.rename({"id": "answer_id"}).select(list(contracts.schema("unique_answers")))


_DROPPED = (
    pl.when(pl.col("duplicate_of").is_not_null())
    .then(pl.lit("duplicate"))
    .when("over_cap")
    .then(pl.lit("template_over_cap"))
)


def asked(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `text`, all that the user said up to this turn, and `turn`, the last of it.

    System prompts, tool results and the assistant's words are left out: they are shared
    preamble, or differ where the question does not.
    """
    message = pl.element().struct
    turns = pl.col("messages").list.eval(
        message.field("content").filter(message.field("role") == "user")
    )
    return rows.with_columns(text=turns.list.join("\n"), turn=turns.list.last())


def compared_across(rows: pl.DataFrame, types: TaskTypes, cfg: DedupeSettings) -> pl.DataFrame:
    """Add `across`: whether an answer may be compared with answers to other prompts.

    Labels and short answers may not: 10,003 rows of an intent classifier have 77 distinct ones.
    Nor may JSON: calls of a tool are alike but for their arguments.
    """
    is_short = pl.concat_str("area", "kind", separator="/").is_in(sorted(types.short))
    is_long = pl.col("answer").str.len_chars() >= cfg.min_answer_chars
    return rows.with_columns(across=~is_short & is_long & ~pl.col("answer").str.contains(_JSON))


def _todo(work: Work, stays: pl.DataFrame) -> pl.DataFrame:
    rows = work.rows.rename({work.stage.key: "id"})
    return rows.join(stays, on="id", how="anti", maintain_order="left")


def _made_with(cfg: DedupeSettings, *others: str) -> str:
    bands, width = choose_bands(cfg.threshold, cfg.recall)
    return ", ".join([f"{bands} bands of {width}", *others])


def _prompt_salts(rows: pl.DataFrame) -> pl.Series:
    label = pl.concat_str(pl.lit("prompts"), "area", "kind", separator="/")
    return rows.select(salt=label)["salt"]


def _answer_salts(rows: pl.DataFrame) -> pl.Series:
    """Let answers that may not be compared across prompts meet those to their own prompt only."""
    alone = pl.when("across").then(pl.lit("")).otherwise("prompt_id")
    label = pl.concat_str(pl.lit("answers"), "area", "kind", alone, separator="/")
    return rows.select(salt=label)["salt"]


def _keys(pass_: Pass, rows: pl.DataFrame, cfg: DedupeSettings) -> U64:
    bands = choose_bands(cfg.threshold, cfg.recall)
    return band_keys(signatures(rows[pass_.text].to_list()), *bands, pass_.salts(rows).to_list())


def _by_key(history: pl.DataFrame) -> pl.DataFrame:
    """Return a row per band key, without the messages: they are large, and have been read."""
    return history.drop("messages").explode("key")


def _bands(pass_: Pass, rows: pl.DataFrame, keys: U64) -> pl.DataFrame:
    """Return `id`, `keys`, `made_with` of every row."""
    lists = pl.Series(keys, dtype=pl.Array(pl.UInt64, keys.shape[1])).arr.to_list()
    return rows.select("id", keys=lists, made_with=pl.lit(pass_.made_with))
