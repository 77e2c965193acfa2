"""Caps on what one run may buy, over all its stages."""

from pathlib import Path
from typing import Any

from schemas.errors import SettingsError
from schemas.run import Run
from tasks.adapters import store
from tasks.adapters.prices import priced

_SPENT = """
SELECT count(*) AS calls, coalesce(sum(cost_usd), 0) AS usd,
       coalesce(sum(prompt_tokens), 0) + coalesce(sum(answer_tokens), 0) AS tokens,
       count(*) FILTER (error IS NULL AND prompt_tokens IS NULL) AS unmeasured
FROM llm_calls WHERE run_id = $run_id
"""


class Budget:
    """What a run has bought so far, and whether it may go on."""

    def __init__(self, warehouse: Path, run: Run) -> None:
        """Start from what the run's earlier stages have bought.

        Raises:
            SettingsError: a cap in USD without prices, which could never be reached.
        """
        self._caps = run.cfg.caps
        if self._caps.max_usd is not None and not priced(run.cfg.llm):
            raise SettingsError(
                "caps.max_usd needs prices: set llm.input_usd_per_mtok and "
                "llm.output_usd_per_mtok in flywheel.toml (0 for a free model)."
            )
        spent = store.select(warehouse, _SPENT, run_id=run.run_id).to_dicts()[0]
        self._calls: int = spent["calls"]
        self._usd: float = spent["usd"]
        self._tokens: int = int(spent["tokens"])
        self._unmeasured: int = spent["unmeasured"]  # answers whose usage the server kept quiet

    @property
    def spent(self) -> str | None:
        """Say which cap is reached; None when the run may go on."""
        for name, cap, used in (
            ("max_calls", self._caps.max_calls, self._calls),
            ("max_usd", self._caps.max_usd, self._usd),
            ("max_tokens", self._caps.max_tokens, self._tokens),
        ):
            if cap is not None and used >= cap:
                return f"caps.{name} = {cap} is reached"
            if cap is not None and self._unmeasured and name != "max_calls":
                return f"caps.{name} = {cap} cannot be kept: the server reports no usage"
        return None

    def reserve(self) -> None:
        """Count a call that is about to be sent."""
        self._calls += 1

    def refund(self) -> None:
        """Take back a call that brought nothing."""
        self._calls -= 1

    def count(self, record: dict[str, Any]) -> None:
        """Count what a bought call cost."""
        self._usd += record["cost_usd"] or 0.0
        self._tokens += (record["prompt_tokens"] or 0) + (record["answer_tokens"] or 0)
        self._unmeasured += record["error"] is None and record["prompt_tokens"] is None
