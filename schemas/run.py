"""What every stage of one command or flow run needs to know."""

from datetime import UTC, datetime
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from schemas.settings import FlywheelSettings


def new_run_id() -> str:
    """Return a name for a run that sorts by time: 20260302T041500-1f3a."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:4]}"


class Run(BaseModel):
    """One command or flow run: its settings, its name, and what it was told to do over."""

    model_config = ConfigDict(frozen=True)

    cfg: FlywheelSettings
    run_id: str = Field(default_factory=new_run_id)
    restage: frozenset[str] = frozenset()  # stages whose rows are all made anew
    only: frozenset[str] = frozenset()  # when set, the stages to run; others stay as they are
    retry_failed: bool = False  # ask again what the strong model refused for good
