"""The small receipt that stages hand to each other."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Batch(BaseModel):
    """Points at one day of one table; carries no rows."""

    model_config = ConfigDict(frozen=True)

    warehouse: Path
    table: str
    day: date
    rows: int
