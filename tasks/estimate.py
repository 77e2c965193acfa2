"""What a run would buy, worked out before anything is sent.

The day is thought through as the stages would do it. What costs nothing is done in memory; where
a stage has to wait for replies, the most that they can lead to is counted.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas import contracts
from schemas.run import Run
from schemas.stages import BY_NAME
from schemas.task_types import TaskTypes, load
from tasks import ledger
from tasks.adapters.budget import would_stop
from tasks.adapters.quote import Quotes
from tasks.answer import unanswered
from tasks.answering.ask import by_endpoint
from tasks.answering.logged import from_the_log
from tasks.answering.style import Styles
from tasks.answering.units import units_of
from tasks.dedupe import asked
from tasks.filter import filtered
from tasks.imagined import Imagined
from tasks.neighbours import carried_ids
from tasks.stage import Work
from tasks.tag import free_tags, tagged_rows
from tasks.tagging.local import Local, local_tagger
from tasks.tagging.strong import Plan, first_calls
from tasks.tagging.tag import nobody

FILTER, TAG, DEDUPE, ANSWER = (
    BY_NAME[name] for name in ("filter", "tag", "dedupe_prompts", "answer")
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run over some days would buy.

    not_deduped  prompts among those to answer that may yet turn out to repeat another one
    """

    days: list[date]
    quotes: Quotes
    not_deduped: int
    caps: list[str]  # those that would stop the run, and at what


def estimate(run: Run, first: date, last: date) -> Estimate:
    """Say what a run of the days from `first` to `last` would buy; nothing is sent or written.

    Days near them that the run would take along are counted too. One day is in memory at a time.
    """
    types = load(run.cfg.task_types)
    local = local_tagger(types, run.cfg)
    asking = _Asking(run, types, local, Quotes(run.cfg.warehouse, run, ("tag", "answer")), set())
    days: list[date] = []
    not_deduped = 0
    for chats in ledger.days_to_do(run, first, last):
        days += [chats.day] if chats.rows else []
        not_deduped += asking.add(chats.day)
    caps = would_stop(run.cfg.warehouse, run, asking.quotes.spend())
    return Estimate(days, asking.quotes, not_deduped, caps)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked about day after day."""

    run: Run
    types: TaskTypes
    local: Local | None
    quotes: Quotes
    tag_keys: set[str]  # that some call of this estimate asks about

    def add(self, day: date) -> int:
        """Count the calls of a day; return how many prompts to answer are not deduped yet."""
        imagined = Imagined(self.run, day, ledger.runs(self.run.cfg.warehouse, day))
        _filter(imagined)
        asked_about = self._tag(imagined)
        not_deduped = _dedupe(imagined, asked_about)
        self._answer(imagined)
        return not_deduped

    def _tag(self, imagined: Imagined) -> dict[str, str]:
        """Return the tag_key, by prompt_id, of the prompts that calls are to be made about."""
        work = imagined.work(TAG)
        if work is None:
            return {}
        warehouse, run = self.run.cfg.warehouse, self.run
        tags, left = free_tags(work.todo, self.types, self.local, warehouse, run)
        plan = Plan([], {})
        if left.height:
            plan = first_calls(left.to_dicts(), self.types, warehouse, run, self.tag_keys)
        self.tag_keys.update(plan.keys.values())
        self.quotes.add("tag", len(plan.keys), plan.requests)
        tags |= dict.fromkeys(left["prompt_id"], nobody())
        made = tagged_rows(work.todo, tags, self.types)
        imagined.write(TAG, pl.concat([work.stays(made), made]))
        return plan.keys

    def _answer(self, imagined: Imagined) -> None:
        work = imagined.work(ANSWER)
        if work is None:
            return
        cfg, styles = self.run.cfg, Styles(self.run.cfg, self.types)
        _, todo = from_the_log(unanswered(work, styles, self.run), styles, self.run)
        units = units_of(todo, self.types, cfg.warehouse, self.run)
        self.quotes.add("answer", todo.height, ())
        for name, group in by_endpoint(units).items():
            llm = cfg.llm.endpoint(name)
            if llm.is_set:
                self.quotes.add("answer", 0, (unit.request for unit in group), llm)


def _filter(imagined: Imagined) -> None:
    work = imagined.work(FILTER)
    if work is not None:
        made = filtered(work, imagined.run.cfg.filter)
        imagined.write(FILTER, pl.concat([work.stays(made), made]))


def _dedupe(imagined: Imagined, asked_about: dict[str, str]) -> int:
    """Keep what dedupe has said, and the first of each distinct text of which it has said nothing.

    A text whose task type is not known yet is distinct when the model is shown another one.

    Returns:
        How many texts are kept that dedupe may yet drop.
    """
    work = imagined.work(DEDUPE)
    if work is None:
        return 0
    stands = _standing(imagined, work, asked_about)
    news = asked(work.rows.join(stands, on="prompt_id", how="anti", maintain_order="left"))
    keys = [asked_about.get(id) for id in news["prompt_id"]]
    news = news.with_columns(pl.Series("tag_key", keys, dtype=pl.String)).unique(
        ("area", "kind", "text", "turn", "tag_key"), keep="first", maintain_order=True
    )
    missing = {
        name: pl.lit(None, dtype=kind)
        for name, kind in contracts.schema("unique_prompts").items()
        if name not in news.columns
    }
    kept = news.with_columns(**missing).select(stands.columns)
    imagined.write(DEDUPE, pl.concat([stands, kept]))
    return kept.height


def _standing(imagined: Imagined, work: Work, asked_about: dict[str, str]) -> pl.DataFrame:
    """Return the rows of `unique_prompts` that would come out as they are.

    Not those of prompts that calls are to be made about, nor of ones whose twin is gone; none
    where the stage is told to begin anew under other settings, or was compared with what changed.
    """
    last, stored = imagined.last_run(DEDUPE), imagined.stored("unique_prompts")
    forced = DEDUPE.name in imagined.run.restage
    if last is None or last.is_outdated:
        return stored.clear()
    if forced and ledger.settings_changed(last, DEDUPE, imagined.run):
        return stored.clear()
    same = work.rows.filter(~pl.col("prompt_id").is_in(list(asked_about)))
    same = stored.join(same, on=["prompt_id", "input_hash"], how="semi")
    ids = carried_ids(imagined.run.cfg.warehouse, Work(DEDUPE, work.day, work.rows, same))
    return same.join(ids, left_on="prompt_id", right_on="id", how="semi")
