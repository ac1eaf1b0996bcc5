"""`Situation`: what is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.design.arguments import is_number, is_whole
from eventstudy.errors import UnknownNameError, UsageError

Draw = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]

GAMMA_SHAPE = 4.0  #: the skewness of a gamma variate is 2 / sqrt(shape): 1


def _student(df: float) -> Draw:
    scale = np.sqrt((df - 2) / df)
    return lambda rng, shape: np.asarray(scale * rng.standard_t(df, shape))


def _skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    return np.asarray((rng.standard_gamma(GAMMA_SHAPE, shape) - GAMMA_SHAPE) / np.sqrt(GAMMA_SHAPE))


#: Of residuals: mean 0, variance 1, tails and skewness as named.
DISTRIBUTIONS: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "t3": _student(3),
    "t4": _student(4),
    "skewed": _skewed,
}
#: Default effects injected on day 0, decimal.
EFFECTS = (-0.02, -0.01, -0.005, 0.0, 0.005, 0.01, 0.02)
SYNTHETIC = (
    "securities",
    "sessions",
    "distribution",
    "correlation",
    "factor_variance",
)  #: fields of a synthetic panel


@dataclass(frozen=True, kw_only=True)
class Situation:
    """How many placebo events are drawn, where, and with which effect and variance.

    Parameters
    ----------
    firm_events
        Firm-events of one replication, N.
    dates
        Distinct dates that they share evenly; 1 clusters all on one date, None gives each a random date of
        its own.
    effects
        Abnormal returns injected on day 0, decimal; 0 shows the size of a test, the others its power.
    variance
        Factor by which the variance of the abnormal return on day 0 is multiplied.
    missing
        Share of the securities' returns that are missing, at random; on synthetic markets, unless the gaps
        of the design are missing, of their sessions without a trade.
    replications
        Number of independent replications.
    securities, sessions
        Of a synthetic panel; None = one for each firm-event, and 100 more than the windows need.
    distribution
        Of a synthetic panel's residuals, a name of ``DISTRIBUTIONS``; mean 0 and unit variance.
    correlation
        Of the residuals of any two securities of a synthetic panel: the share of a factor unknown to the
        model.
    factor_variance
        Factor by which the variance of that factor is multiplied on the dates of events.

    Raises
    ------
    UsageError
        A field that is out of its range, with the range.
    UnknownNameError
        A distribution that does not exist.
    """

    firm_events: int = 50
    dates: int | None = None
    effects: tuple[float, ...] = EFFECTS
    variance: float = 1.0
    missing: float = 0.0
    replications: int = 1_000
    securities: int | None = None
    sessions: int | None = None
    distribution: str = "normal"
    correlation: float = 0.0
    factor_variance: float = 1.0

    def __post_init__(self) -> None:
        self._check_types()
        object.__setattr__(self, "effects", tuple(dict.fromkeys(float(effect) for effect in self.effects)))
        for field in ("firm_events", "replications", "dates", "securities", "sessions"):
            count = getattr(self, field)
            _demand(count is None or count >= 1, field, count, "at least 1")
        _demand(
            self.dates is None or self.dates <= self.firm_events, "dates", self.dates, "at most firm_events"
        )
        _demand(bool(self.effects), "effects", self.effects, "at least one abnormal return")
        _demand(all(-1 < effect < 1 for effect in self.effects), "effects", self.effects, "between -1 and 1")
        for name in ("variance", "factor_variance"):
            factor = getattr(self, name)
            _demand(0 < factor < float("inf"), name, factor, "a factor above 0")
        _demand(0 <= self.missing < 1, "missing", self.missing, "a share from 0 to below 1")
        _demand(0 <= self.correlation < 1, "correlation", self.correlation, "from 0 to below 1")
        if self.factor_variance != 1 and not self.correlation:
            raise UsageError("factor_variance is of what the residuals share; correlation is 0")
        if self.distribution not in DISTRIBUTIONS:
            raise UnknownNameError("distribution", str(self.distribution), DISTRIBUTIONS)

    def _check_types(self) -> None:
        for field in ("firm_events", "replications", "dates", "securities", "sessions"):
            count = getattr(self, field)
            optional = count is None and field not in ("firm_events", "replications")
            _demand(optional or is_whole(count), field, count, "a whole number")
        for field in ("variance", "missing", "correlation", "factor_variance"):
            _demand(is_number(getattr(self, field)), field, getattr(self, field), "a number")
        listed = isinstance(self.effects, Iterable) and all(map(is_number, self.effects))
        _demand(listed, "effects", self.effects, "a list of returns, such as (0.0, 0.01)")

    @property
    def of_synthetic(self) -> tuple[str, ...]:
        """The fields of a synthetic panel that differ from their defaults."""
        standard = {field.name: field.default for field in fields(self)}
        return tuple(name for name in SYNTHETIC if getattr(self, name) != standard[name])


def _demand(right: bool, field: str, value: Any, need: str) -> None:
    if not right:
        raise UsageError(f"{field} is {value}; it must be {need}")
