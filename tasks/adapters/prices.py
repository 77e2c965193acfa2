"""What a call costs: the prices of the settings, else those of the price book.

The book is the data of genai-prices, which ships with it: nothing is fetched. A model at one of
its providers' addresses has that provider's price; at any other address, a gateway or a server of
one's own, the price that its name has anywhere. 0 in the settings makes a model free.
"""

from dataclasses import dataclass
from functools import lru_cache

from genai_prices import Usage, calc_price

from schemas.model_settings import ModelSettings

_MTOK = 1e6
_SAMPLE = 1_000  # tokens of one ordinary call: some models cost more beyond 200,000


@dataclass(frozen=True, slots=True)
class Prices:
    """USD for a million tokens; None when nobody knows."""

    input_usd: float | None
    output_usd: float | None
    source: str  # where they are from, for the user

    @property
    def known(self) -> bool:
        """Whether both prices are there; 0 is a price."""
        return self.input_usd is not None and self.output_usd is not None

    def usd(self, prompt_tokens: int | None, answer_tokens: int | None) -> float | None:
        """Return the price of one call in USD; None without prices or without usage."""
        if self.input_usd is None or self.output_usd is None or prompt_tokens is None:
            return None
        return (prompt_tokens * self.input_usd + (answer_tokens or 0) * self.output_usd) / _MTOK


def prices_of(cfg: ModelSettings) -> Prices:
    """Return the prices of the strong model, as of today."""
    if cfg.input_usd_per_mtok is not None and cfg.output_usd_per_mtok is not None:
        return Prices(cfg.input_usd_per_mtok, cfg.output_usd_per_mtok, "flywheel.toml")
    return _in_the_book(cfg.model, cfg.base_url)


@lru_cache(maxsize=64)
def _in_the_book(model: str, base_url: str) -> Prices:
    usages = Usage(input_tokens=_SAMPLE), Usage(output_tokens=_SAMPLE)
    for url in (base_url, None):
        try:
            found = [calc_price(usage, model, provider_api_url=url) for usage in usages]
        except (LookupError, ValueError):
            continue
        per_mtok = [float(price.total_price) * _MTOK / _SAMPLE for price in found]
        return Prices(per_mtok[0], per_mtok[1], f"genai-prices, {found[0].provider.name}")
    return Prices(None, None, "unknown")
