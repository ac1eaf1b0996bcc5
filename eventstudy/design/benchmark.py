"""`Benchmark`: what a security is measured against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eventstudy.errors import DesignError, UnknownNameError


@dataclass(frozen=True)
class Benchmark:
    """What a security is measured against.

    ``tickers`` holds one ticker or the members of an equal-weighted basket. ``weights`` gives, per security,
    its weight in a one-ticker benchmark from which it is taken out: ``(R_m - w R_i) / (1 - w)``.
    """

    tickers: tuple[str, ...]
    weights: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.tickers or any(not ticker for ticker in self.tickers):
            raise DesignError("benchmark", "needs at least one ticker")
        if len(set(self.tickers)) < len(self.tickers):
            raise DesignError("benchmark", f"basket {list(self.tickers)} names a ticker twice")
        if self.weights and len(self.tickers) > 1:
            raise DesignError("benchmark", "exclude_self goes with one ticker, not with a basket")
        for ticker, weight in self.weights:
            if not 0 < weight < 1:
                raise DesignError("benchmark", f"weight of {ticker} is {weight}; it must lie between 0 and 1")

    @classmethod
    def parse(cls, value: str | Iterable[str] | Mapping[str, Any] | Benchmark) -> Benchmark:
        """Read ``"SPY"``, ``["A", "B"]``, ``{"ticker": "SPY", "exclude_self": {"NVDA": 0.07}}`` or itself."""
        if isinstance(value, Benchmark):
            return value
        if isinstance(value, str):
            return cls(tickers=(value,))
        if isinstance(value, Mapping):
            if unknown := set(value) - {"ticker", "exclude_self"}:
                raise UnknownNameError("benchmark key", sorted(unknown)[0], ("ticker", "exclude_self"))
            weights = dict(value.get("exclude_self", {}))
            return cls((value.get("ticker", ""),), tuple((t, float(w)) for t, w in sorted(weights.items())))
        return cls(tickers=tuple(value))

    def __str__(self) -> str:
        return "+".join(self.tickers) + (" ex self" if self.weights else "")


BenchmarkLike = str | Iterable[str] | Mapping[str, Any] | Benchmark
