"""What a check is."""

from collections.abc import Callable

import polars as pl

from schemas.settings import CheckSettings

Check = Callable[[CheckSettings], pl.Expr]
