"""What calls would cost, before one of them is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from schemas.run import Run
from tasks.adapters import purchases, store
from tasks.adapters.prices import Prices, prices_of
from tasks.adapters.request import Request, Size, call_key, size

_MEAN = """
SELECT avg(answer_tokens) AS tokens FROM llm_calls
WHERE purpose = $purpose AND endpoint = $endpoint AND error IS NULL
"""


@dataclass(slots=True)
class Quote:
    """What the calls for one purpose would take."""

    purpose: str
    prompts: int = 0  # that the calls are about
    cached: int = 0  # calls that are in the store, or that stand in this quote already
    to_buy: int = 0
    prompt_tokens: int = 0
    answer_tokens: float = 0.0  # as long as bought answers were; without any, at most
    answer_tokens_at_most: int = 0

    def usd(self, prices: Prices) -> float | None:
        """Return the expected price; None when it is unknown."""
        return self._usd(prices, round(self.answer_tokens))

    def usd_at_most(self, prices: Prices) -> float | None:
        """Return the price if every answer were as long as it may be; None when it is unknown."""
        return self._usd(prices, self.answer_tokens_at_most)

    def _usd(self, prices: Prices, answer_tokens: int) -> float | None:
        return prices.usd(self.prompt_tokens, answer_tokens) if self.to_buy else 0.0


class Quotes:
    """Adds up calls of several purposes and days; one that is wanted twice is bought once."""

    def __init__(self, warehouse: Path, run: Run, purposes: Iterable[str]) -> None:
        """Look up how long the model's answers have been so far."""
        self._warehouse, self._run = warehouse, run
        self.prices = prices_of(run.cfg.llm)
        self.of = {purpose: Quote(purpose) for purpose in purposes}
        self._mean = {purpose: _mean(warehouse, run, purpose) for purpose in self.of}
        self._seen: set[str] = set()

    def add(self, purpose: str, prompts: int, requests: Iterable[Request]) -> None:
        """Count calls about `prompts` prompts."""
        quote, mean = self.of[purpose], self._mean[purpose]
        sizes = [(call_key(each, self._run.cfg.llm), size(each)) for each in requests]
        wanted = dict(sizes)
        known = purchases.bought(self._warehouse, list(wanted), self._run) | self._seen
        free = {key: each for key, each in wanted.items() if key not in known}
        self._seen |= free.keys()
        quote.prompts += prompts
        quote.cached += len(sizes) - len(free)
        _count(quote, free.values(), mean)

    def spend(self) -> dict[str, float | None]:
        """Return what is expected in all, in the units of caps; usd is None when unknown."""
        usd = [quote.usd(self.prices) for quote in self.of.values()]
        known = [each for each in usd if each is not None]
        tokens = sum(quote.prompt_tokens + quote.answer_tokens for quote in self.of.values())
        return {
            "calls": sum(quote.to_buy for quote in self.of.values()),
            "tokens": tokens,
            "usd": sum(known) if len(known) == len(usd) else None,
        }


def _count(quote: Quote, sizes: Iterable[Size], mean: float | None) -> None:
    for each in sizes:
        quote.to_buy += 1
        quote.prompt_tokens += each.prompt
        quote.answer_tokens += each.answer if mean is None else min(mean, each.answer)
        quote.answer_tokens_at_most += each.answer


def _mean(warehouse: Path, run: Run, purpose: str) -> float | None:
    """Return the mean length of the answers of the strong model, under any name it gives itself."""
    endpoint = run.cfg.llm.group or run.cfg.llm.model
    mean: float | None = store.select(warehouse, _MEAN, purpose=purpose, endpoint=endpoint).item()
    return mean
