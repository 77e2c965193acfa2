"""What calls would cost, before one of them is sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from schemas.model_settings import ModelSettings
from schemas.run import Run
from tasks.adapters import purchases, store
from tasks.adapters.prices import Prices, prices_of
from tasks.adapters.request import Request, Size, call_key, size

_MEAN = """
SELECT avg(answer_tokens) AS tokens FROM llm_calls
WHERE purpose = $purpose AND endpoint = $endpoint AND error IS NULL
"""


@dataclass(slots=True)
class Bill:
    """Calls that cost the same per token."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: float = 0.0
    answer_tokens_at_most: int = 0

    def add(self, size: Size, mean: float | None) -> None:
        """Count a call, its answer as long as bought ones were."""
        self.calls += 1
        self.prompt_tokens += size.prompt
        self.answer_tokens += size.answer if mean is None else min(mean, size.answer)
        self.answer_tokens_at_most += size.answer


@dataclass(slots=True)
class Quote:
    """What the calls for one purpose would take."""

    purpose: str
    prompts: int = 0  # that the calls are about
    cached: int = 0  # calls that are in the store, or that stand in this quote already
    bills: dict[Prices, Bill] = field(default_factory=dict)

    @property
    def to_buy(self) -> int:
        """Calls to send."""
        return sum(bill.calls for bill in self.bills.values())

    @property
    def prompt_tokens(self) -> int:
        """Tokens of their prompts."""
        return sum(bill.prompt_tokens for bill in self.bills.values())

    @property
    def answer_tokens(self) -> float:
        """Tokens of their answers, as long as bought answers were; without any, at most."""
        return sum(bill.answer_tokens for bill in self.bills.values())

    @property
    def answer_tokens_at_most(self) -> int:
        """Tokens of their answers, if each were as long as it may be."""
        return sum(bill.answer_tokens_at_most for bill in self.bills.values())

    @property
    def usd(self) -> float | None:
        """The expected price; None when it is unknown."""
        return _sum(
            prices.usd(bill.prompt_tokens, round(bill.answer_tokens))
            for prices, bill in self.bills.items()
        )

    @property
    def usd_at_most(self) -> float | None:
        """The price if every answer were as long as it may be; None when it is unknown."""
        return _sum(
            prices.usd(bill.prompt_tokens, bill.answer_tokens_at_most)
            for prices, bill in self.bills.items()
        )


class Quotes:
    """Adds up calls of several purposes and days; one that is wanted twice is bought once."""

    def __init__(self, warehouse: Path, run: Run, purposes: Iterable[str]) -> None:
        self._warehouse, self._run = warehouse, run
        self.prices = prices_of(run.cfg.llm)
        self.of = {purpose: Quote(purpose) for purpose in purposes}
        self.unpriced: dict[str, None] = {}  # models to buy from, whose price nobody knows
        self._means: dict[tuple[str, str], float | None] = {}
        self._seen: set[str] = set()

    def add(
        self,
        purpose: str,
        prompts: int,
        requests: Iterable[Request],
        llm: ModelSettings | None = None,
    ) -> None:
        """Count calls about `prompts` prompts, to the strong model or to another endpoint."""
        quote, llm = self.of[purpose], llm or self._run.cfg.llm
        sizes = [(call_key(each, llm), size(each, llm)) for each in requests]
        wanted = dict(sizes)
        known = purchases.bought(self._warehouse, list(wanted), self._run) | self._seen
        free = {key: each for key, each in wanted.items() if key not in known}
        self._seen |= free.keys()
        quote.prompts += prompts
        quote.cached += len(sizes) - len(free)
        if free:
            self._bill(quote, free.values(), llm)

    def spend(self) -> dict[str, float | None]:
        """Return what is expected in all, in the units of caps; usd is None when unknown."""
        tokens = sum(quote.prompt_tokens + quote.answer_tokens for quote in self.of.values())
        return {
            "calls": sum(quote.to_buy for quote in self.of.values()),
            "tokens": tokens,
            "usd": _sum(quote.usd for quote in self.of.values()),
        }

    def _bill(self, quote: Quote, sizes: Iterable[Size], llm: ModelSettings) -> None:
        prices, mean = prices_of(llm), self._mean(quote.purpose, llm)
        if not prices.known:
            self.unpriced[llm.model] = None
        bill = quote.bills.setdefault(prices, Bill())
        for each in sizes:
            bill.add(each, mean)

    def _mean(self, purpose: str, llm: ModelSettings) -> float | None:
        """Return how long a model's answers have been so far, under any name it gives itself."""
        endpoint = llm.group or llm.model
        if (purpose, endpoint) not in self._means:
            asked = {"purpose": purpose, "endpoint": endpoint}
            mean: float | None = store.select(self._warehouse, _MEAN, **asked).item()
            self._means[purpose, endpoint] = mean
        return self._means[purpose, endpoint]


def _sum(usd: Iterable[float | None]) -> float | None:
    """Add up what is known; None when a part is not."""
    parts = list(usd)
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
