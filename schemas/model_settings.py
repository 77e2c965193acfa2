"""The servers that are asked: the strong model, and endpoints that task types may name."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, field_validator

from schemas.errors import SettingsError
from schemas.settings_base import Overrides, Settings

EndpointName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
# What belongs to a server, and what to a model: another server or model does not take it over.
_OF_SERVER = frozenset({"also", "api_key_env", "rpm", "tpm"})
_OF_MODEL = frozenset({"group", "input_usd_per_mtok", "output_usd_per_mtok"})


class ServerSettings(Settings):
    """Any server that speaks OpenAI's chat completions, or its embeddings."""

    base_url: str = Field("", description="Address up to /v1; empty = no strong model")
    model: str = Field("", description="Model name the server knows")
    api_key_env: str = Field(
        "FLYWHEEL_API_KEY", description="Name of the environment variable with the key"
    )
    api: Literal["chat", "embeddings"] = Field(
        "chat", description="What it is asked for: chat completions, or vectors of texts"
    )
    group: str = Field(
        "", description="Name shared by endpoints that serve one model; default: model"
    )
    also: tuple[str, ...] = Field(
        (), description="More addresses of the same model; calls go where there is room"
    )
    transport: Literal["openai", "aiohttp"] = Field(
        "openai", description="openai's client, or aiohttp alone: a third of the CPU"
    )
    concurrency: int = Field(32, ge=1, le=1_024, description="Calls in flight at once, per address")
    rpm: float | None = Field(None, gt=0, description="Requests per minute allowed, per address")
    tpm: float | None = Field(None, gt=0, description="Tokens per minute allowed, per address")
    timeout_s: float = Field(120.0, gt=0, description="Longest wait for one reply, in seconds")
    deadline_s: float = Field(
        900.0, gt=0, description="Longest time for one call, tries and waits together, in seconds"
    )
    max_attempts: int = Field(6, ge=1, description="Tries per call")
    input_usd_per_mtok: float | None = Field(
        None, ge=0, description="Price of 1M prompt tokens; unset: that of the price book"
    )
    output_usd_per_mtok: float | None = Field(
        None, ge=0, description="Price of 1M answer tokens; unset: that of the price book"
    )

    @field_validator("base_url", "also")
    @classmethod
    def _names_nobody(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        urls = (given,) if isinstance(given, str) else given
        if any(re.search(r"://[^/?]*@", url) for url in urls):
            raise ValueError("holds a user or password; put the key into the environment")
        return given

    @property
    def is_set(self) -> bool:
        """Whether there is a strong model to ask."""
        return bool(self.base_url and self.model and self.api == "chat")

    @property
    def makes_vectors(self) -> bool:
        """Whether there is a model to ask for embeddings."""
        return bool(self.base_url and self.model and self.api == "embeddings")


class EndpointSettings(ServerSettings, Overrides):
    """Another server or model, for task types that name it: a `[llm.endpoints.NAME]` section."""


class ModelSettings(ServerSettings):
    """The strong model, and what differs at other endpoints."""

    endpoints: Mapping[EndpointName, EndpointSettings] = Field(
        {}, description="Servers for single task types: sections [llm.endpoints.NAME]"
    )

    def endpoint(self, name: str) -> "ModelSettings":
        """Return the settings of a named endpoint; without a name, these.

        What it leaves unset is as here, with two exceptions: another address has no part in this
        one's key, rate limits and further addresses, and another model or address none in this
        one's group and prices.

        Raises:
            SettingsError: there is none of that name; the message names the nearest.
        """
        if not name:
            return self
        if name not in self.endpoints:
            near = get_close_matches(name, self.endpoints, n=1, cutoff=0)
            hint = f"The nearest is {near[0]!r}." if near else "There is no such section yet."
            raise SettingsError(f"endpoint = {name!r} names no [llm.endpoints.NAME]. {hint}")
        given = self.endpoints[name].given
        apart = _OF_SERVER | _OF_MODEL if "base_url" in given else frozenset[str]()
        apart |= _OF_MODEL if "model" in given else frozenset()
        shared = {
            key: getattr(self, key) for key in ServerSettings.model_fields if key not in apart
        }
        return ModelSettings(**{"api_key_env": "", **shared, **given})
