"""Make a candidate the champion if it is better, or say why not; go back to the one before."""

from typing import Any, NamedTuple

import polars as pl

from schemas.errors import NotFound, Refused
from schemas.release_settings import PromoteSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks import models
from tasks.adapters import store
from tasks.announce import show
from tasks.comparison import ALL
from tasks.models import Model
from tasks.stage import stage_task


class Decision(NamedTuple):
    """Whether a candidate became champion, and why or why not."""

    model_id: str
    promoted: bool
    reason: str


@stage_task(name="promote")
def promote(run: Run, model_id: str) -> Decision:
    """Decide on a candidate by its verdicts against the champion, or its base before there is one.

    Raises:
        NotFound: there is no such model.
        Refused: it has not been compared with today's champion on today's eval set.
    """
    decision, verdicts = promote_now(run.cfg, model_id)
    said = "promoted" if decision.promoted else "refused"
    show(f"promote-{model_id}", verdicts, f"promote {model_id}: {said}: {decision.reason}")
    return decision


def promote_now(cfg: FlywheelSettings, model_id: str) -> tuple[Decision, pl.DataFrame]:
    """Read verdicts, decide and write the registry in one transaction: killed, it did not happen.

    Raises:
        NotFound, Refused: as `promote`.
    """
    with store.writing(cfg.warehouse) as con:
        model, champion = models.find(con, model_id), models.champion(con)
        if champion and champion["model_id"] == model_id:
            said = f"is champion already: {champion['reason']}"
            return Decision(model_id, True, said), pl.DataFrame()
        if model["base_model"] is None:
            raise Refused(f"{model_id} is a base model; only trained ones become champion.")
        verdicts = _verdicts(con, cfg, model, champion)
        decision = decide(verdicts, cfg.promote)
        if not decision.promoted:
            models.write(con, model | {"reason": f"refused: {decision.reason}"})
            return decision, verdicts
        if champion:
            gone = {"status": "retired", "reason": f"{model_id} took its place"}
            models.write(con, champion | gone)
        now = {"status": "champion", "promoted_at": store.now(), "reason": decision.reason}
        models.write(con, model | now)
        return decision, verdicts


def decide(verdicts: pl.DataFrame, cfg: PromoteSettings) -> Decision:
    """Say whether a candidate is better, and why or why not.

    It must have been compared by exact answers, end its answers by itself, be worse in no task
    type and be better over all; chance is ruled out at `cfg.alpha`.

    Args:
        verdicts: rows of `verdicts` against one model, the one over all task types among them.
        cfg: how sure to be.
    """
    model_id = verdicts["model_id"][0]
    whole = verdicts.row(by_predicate=pl.col("area") == ALL, named=True)
    each = verdicts.filter(pl.col("area") != ALL).sort("area", "kind").to_dicts()
    if whole["exact"] == 0:
        return Decision(
            model_id, False, "no prompt of the eval set has an exact answer to compare by"
        )
    if whole["stopped"] < cfg.min_stop_rate * whole["prompts"]:
        share = whole["stopped"] / whole["prompts"]
        return Decision(
            model_id,
            False,
            f"only {share:.1%} of {whole['prompts']} answers end by themselves, wanted "
            f"{cfg.min_stop_rate:.1%}",
        )
    worse = [_difference(row) for row in each if row["p_worse"] < cfg.alpha]
    if worse:
        return Decision(model_id, False, f"worse than {whole['against']} in {'; '.join(worse)}")
    if whole["p_better"] >= cfg.alpha:
        return Decision(
            model_id, False, f"not proven better than {whole['against']}: {_difference(whole)}"
        )
    return Decision(model_id, True, f"better than {whole['against']}: {_difference(whole)}")


def rollback(cfg: FlywheelSettings) -> tuple[Model, Model]:
    """Make the champion before this one champion again; return (who is, who was).

    Who was loses its `promoted_at`: a later rollback passes it by.

    Raises:
        NotFound: there is no champion, or there was none before it.
    """
    with store.writing(cfg.warehouse) as con:
        was = models.champion(con)
        if was is None:
            raise NotFound("there is no champion to go back from.")
        before = store.frame(con, _BEFORE, at=was["promoted_at"]).to_dicts()
        if not before:
            raise NotFound(f"there was no champion before {was['model_id']}.")
        back = before[0] | {"status": "champion", "reason": f"rolled back from {was['model_id']}"}
        models.write(con, back)
        gone = {"status": "retired", "promoted_at": None}
        models.write(con, was | gone | {"reason": f"rolled back to {back['model_id']}"})
    return back, was


def _verdicts(
    con: store.Connection, cfg: FlywheelSettings, model: Model, champion: Model | None
) -> pl.DataFrame:
    other = champion["model_id"] if champion else model["base_model"]
    names = {"id": model["model_id"], "against": other, "eval_set": cfg.evaluate.eval_set}
    verdicts = store.frame(con, _VERDICTS, **names)
    if not verdicts.height:
        who = "the champion" if champion else "its base"
        raise Refused(
            f"{names['id']} has not been compared with {who} {other} on the eval set "
            f"{names['eval_set']!r}. First: flywheel evaluate --model {names['id']}"
        )
    return verdicts


def _difference(row: dict[str, Any]) -> str:
    whole = row["area"] == ALL
    better = row["correct"] >= row["correct_against"]
    chance = row["p_better"] if better else row["p_worse"]
    return (
        f"{'' if whole else row['area'] + '/' + row['kind'] + ' '}"
        f"{row['correct_against']} -> {row['correct']} of {row['exact']} right "
        f"({row['won']} won, {row['lost']} lost, p = {chance:.2g})"
    )


_BEFORE = """
FROM models WHERE promoted_at < $at ORDER BY promoted_at DESC LIMIT 1
"""
_VERDICTS = """
FROM verdicts WHERE model_id = $id AND against = $against AND eval_set = $eval_set
ORDER BY area, kind
"""
