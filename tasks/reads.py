"""Which settings a rule or a trait reads, found by watching it read them."""

from collections.abc import Callable
from typing import Any, cast

import polars as pl

from schemas.filter_settings import FilterSettings

Judge = Callable[[FilterSettings], pl.Expr]


class Watched:
    """Settings that remember which of them were read."""

    def __init__(self, cfg: FilterSettings) -> None:
        self._cfg = cfg
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        """Give the setting `name`, and remember it."""
        self.read.add(name)
        return getattr(self._cfg, name)


def settings_read(judge: Judge, cfg: FilterSettings) -> frozenset[str]:
    """Return the names of the settings that decide what `judge` says.

    A rule makes its expression of the settings, so it has read what it needs when it returns.
    """
    watched = Watched(cfg)
    judge(cast(FilterSettings, watched))
    return frozenset(watched.read)
