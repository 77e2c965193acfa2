"""What all settings share."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Base of all settings: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
