"""`Benchmark`: what a security is measured against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from eventstudy.design.arguments import as_names, check_kind
from eventstudy.errors import DesignError, UnknownNameError, UsageError

ESTIMATE = "estimate"  #: in the place of weights: they are estimated
NO_BENCHMARK = "none"  #: in the place of a benchmark: the model needs none
OTHER_TICKERS = "other tickers of the study"  #: the name of the basket of those outside an event
Exclusion = Literal["", "self", "event"]
KEYS = ("ticker", "exclude", "weights", "as_of", "drift", "source", "stocks", "exclude_self")


@dataclass(frozen=True)
class Benchmark:
    """What a security is measured against.

    Attributes
    ----------
    tickers
        One ticker, or the members of an equal-weighted basket, which never holds a ticker of the event.
    weights
        What is known of the members of a one-ticker benchmark: ticker and weight, a share. Empty together
        with ``exclude``: they are estimated.
    exclude
        What is taken out by its weight: nothing, the security itself, or every ticker of the event and of
        other events on its day 0.
    as_of
        The day at whose close the weights hold; None: the session before day 0.
    drift
        Whether the weights follow the prices on other days, or stay.
    source
        Where the weights are from, or that in each language: pairs of code and text, the first read first.
    stocks
        Further members of the benchmark, which the estimate of the weights needs.
    """

    tickers: tuple[str, ...]
    weights: tuple[tuple[str, float], ...] = ()
    exclude: Exclusion = ""
    as_of: date | None = None
    drift: bool = True
    source: str | tuple[tuple[str, str], ...] = ""
    stocks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "tickers", as_names("tickers", self.tickers, "SPY"))
        except UsageError as error:
            raise DesignError("benchmark", str(error)) from None
        if not self.tickers:
            raise DesignError("benchmark", "tickers need at least one ticker, such as SPY")
        object.__setattr__(self, "weights", _pairs(self.weights))
        if len(set(self.tickers)) < len(self.tickers):
            raise DesignError("benchmark", f"basket {list(self.tickers)} names a ticker twice")
        if self.exclude not in get_args(Exclusion):
            raise UnknownNameError("exclude", str(self.exclude), ("self", "event"))
        if (self.weights or self.exclude) and len(self.tickers) > 1:
            raise DesignError("benchmark", "weights go with one ticker, not with a basket")
        for ticker, weight in self.weights:
            if not 0 <= weight < 1:
                raise DesignError("benchmark", f"weight of {ticker} is {weight}; it must lie between 0 and 1")
        if isinstance(self.source, Mapping):
            object.__setattr__(self, "source", tuple(self.source.items()))
        check_kind("benchmark: source", self.source, (str, tuple), "text, or a text for each language")
        object.__setattr__(self, "stocks", as_names("benchmark: stocks", self.stocks))
        object.__setattr__(self, "as_of", _day(self.as_of))
        if not isinstance(self.drift, bool):
            raise DesignError("benchmark", f"drift {self.drift!r} is neither true nor false")
        if sum(weight for _, weight in self.weights) >= 1:
            raise DesignError("benchmark", "the weights add up to 1 or more; write shares, such as 0.066")

    @property
    def estimated(self) -> bool:
        """Whether the weights are to be estimated."""
        return bool(self.exclude) and not self.weights

    @classmethod
    def parse(cls, value: str | Iterable[str] | Mapping[str, Any] | Benchmark) -> Benchmark:
        """Read ``"SPY"``, ``["A", "B"]``, a mapping with the keys `KEYS`, or itself.

        ``{"ticker": "SPY", "exclude": "event", "weights": {"NVDA": 0.066}, "as_of": "2025-01-24"}`` takes the
        event's tickers out; ``"weights": "estimate"`` estimates their weights. ``exclude_self`` is short for
        ``exclude: self`` with weights that do not drift.
        """
        if isinstance(value, Benchmark):
            return value
        if isinstance(value, str):
            return cls(tickers=(value,))
        if isinstance(value, Mapping):
            return cls._from_mapping(value)
        return cls(tickers=value)  # type: ignore[arg-type]  # what is no list of names is refused there

    @classmethod
    def _from_mapping(cls, value: Mapping[str, Any]) -> Benchmark:
        if unknown := set(value) - set(KEYS):
            raise UnknownNameError("benchmark key", sorted(unknown)[0], KEYS)
        tickers = (value.get("ticker", ""),)
        if "exclude_self" in value:
            if more := set(value) - {"ticker", "exclude_self"}:
                raise DesignError("benchmark", f"{sorted(more)[0]} goes with exclude, not with exclude_self")
            own = _weights(value["exclude_self"])
            return cls(tickers, own, "self" if own else "", drift=False)
        weights: Any = value.get("weights")
        exclude: Any = value.get("exclude") or ""
        if exclude and not weights:
            example = "weights: {NVDA: 0.066}, or weights: estimate"
            raise DesignError("benchmark", f"exclude: {exclude} needs {example}")
        if weights == ESTIMATE and not exclude:
            raise DesignError("benchmark", "weights: estimate goes with exclude: event")
        return cls(
            tickers=tickers,
            weights=() if weights == ESTIMATE else _weights(weights or {}),
            exclude=exclude,
            as_of=_day(value.get("as_of")),
            drift=value.get("drift", True),
            source=value.get("source", ""),
            stocks=tuple(value.get("stocks", ())),
        )

    def notation(self) -> Any:
        """Return the benchmark as it is written in a study file; `parse` reads it back."""
        if not (self.weights or self.exclude):
            return self.tickers[0] if len(self.tickers) == 1 else list(self.tickers)
        if self == Benchmark(self.tickers, self.weights, "self", drift=False):
            return {"ticker": self.tickers[0], "exclude_self": dict(self.weights)}
        written = {name: value for name, value in asdict(self).items() if value not in ("", (), None)}
        written |= {"weights": dict(self.weights) or ESTIMATE}
        if self.source and not isinstance(self.source, str):
            written["source"] = dict(self.source)
        if self.as_of:
            written["as_of"] = self.as_of.isoformat()
        if self.stocks:
            written["stocks"] = list(self.stocks)
        return {"ticker": written.pop("tickers")[0], **written}

    def __str__(self) -> str:
        how = " (estimated)" if self.estimated else ""
        if self.exclude == "event" and self.weights and not self.drift:
            how = " (fixed weights)"
        return "+".join(self.tickers) + (f" ex {self.exclude}{how}" if self.exclude else "")


BenchmarkLike = str | Iterable[str] | Mapping[str, Any] | Benchmark  #: what `Benchmark.parse` reads


def read_benchmark(_: str, value: BenchmarkLike | None) -> Benchmark | None:
    """Read a benchmark, or None and ``"none"`` where the model needs none."""
    if value is None or (isinstance(value, str) and value == NO_BENCHMARK):
        return None
    return Benchmark.parse(value)


def read_benchmarks(field: str, value: Iterable[BenchmarkLike]) -> tuple[Benchmark, ...]:
    """Read several benchmarks; one that is named twice is an error."""
    if value is None or not isinstance(value, Iterable | Benchmark):
        raise DesignError(field, f"{value!r} is not a list of benchmarks, such as ['QQQ', 'SMH']")
    listed = (value,) if isinstance(value, str | Mapping | Benchmark) else tuple(value)
    benchmarks = tuple(Benchmark.parse(each) for each in listed)
    names = [str(each) for each in benchmarks]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DesignError(field, f"{twice} is listed twice; keep one")
    return benchmarks


def _weights(weights: Any) -> tuple[tuple[str, float], ...]:
    if not isinstance(weights, Mapping):
        raise DesignError("benchmark", f"weights {weights!r} are no mapping such as {{NVDA: 0.066}}")
    return _pairs(sorted(weights.items()))


def _pairs(weights: Any) -> tuple[tuple[str, float], ...]:
    """Return pairs of ticker and weight, or refuse what is none."""
    try:
        return tuple((str(ticker), float(weight)) for ticker, weight in weights)
    except (TypeError, ValueError):
        problem = f"weights {str(weights)[:60]!r} are not shares of tickers, such as {{NVDA: 0.066}}"
        raise DesignError("benchmark", problem) from None


def _day(value: Any) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise DesignError("benchmark", f"as_of {value!r} is not a date such as 2025-01-24") from None
