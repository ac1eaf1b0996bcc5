"""`Window` and `Design`: what is requested of a study."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

from eventstudy._typing import Alternative, Gaps, Quality, ReturnKind
from eventstudy.errors import DesignError, UnknownNameError

MIN_OBSERVATIONS_OVER_K = 10  #: the estimation window never has fewer than k + 10 returns
FARTHEST = 50_000  #: sessions from day 0 that a window may reach: two centuries
MIN_ESTIMATION_SHARE = 0.6  #: and by default never fewer than 60% of its sessions


class Window(NamedTuple):
    """A closed interval of event time in trading sessions, ``start <= tau <= end``."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Number of sessions in the window."""
        return self.end - self.start + 1

    @property
    def sessions(self) -> tuple[Window, ...]:
        """Each session of the window as a window of its own."""
        return tuple(Window(tau, tau) for tau in range(self.start, self.end + 1))

    @property
    def paths(self) -> tuple[Window, ...]:
        """The windows from the first session to each."""
        return tuple(Window(self.start, tau) for tau in range(self.start, self.end + 1))

    def __str__(self) -> str:
        start, end = (f"{tau:+d}" if tau else "0" for tau in self)
        return f"[{start},{end}]" if self.start != self.end else f"[{start}]"


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


PairOrWindow = tuple[int, int] | Window


@dataclass(frozen=True, kw_only=True)
class Design:
    """One request: how abnormal returns are to be measured and tested. Validated once, hashable.

    Parameters
    ----------
    model
        Name of a normal-return model in ``eventstudy.models.MODELS``, or a `NormalReturnModel`.
    benchmark
        A ticker, a basket, or ``{"ticker": T, "exclude_self": {...}}``; events may name their own.
    estimation, window
        Estimation and event window in sessions relative to day 0; the first ends before the second begins.
    car_windows
        Windows over which abnormal returns are cumulated, inside the event window.
    returns
        ``"simple"`` or ``"log"``, for the security and the benchmark alike.
    factors
        Columns used by the model ``factors``.
    min_estimation
        Least number of usable estimation returns (an int), or their share of the window (a float up to 1).
        Never below ``k + 10``.
    tests
        Names of the tests to report; empty means all that apply.
    by
        Columns of the event list whose values are groups too, beside all, event, ticker and kind.
    alternative, confidence
        Of p-values and of intervals.
    mask_events
        Leave sessions -1 to +1 around every other listed event of a ticker out of its estimation window.
    gaps
        ``"missing"``: an event-window gap makes the CARs that need it missing; ``"lump"``: the first return
        after a gap spans it (Maynes & Rumsey 1993).
    quality
        What an error among the findings in the prices that a firm-event uses does: ``"skip"``: it is not
        measured, and the finding is the reason; ``"flag"``: it is measured and flagged, as a warning is.
    max_loss
        Share of firm-events that may be skipped before the run is refused.
    seed
        Of everything random.

    Raises
    ------
    DesignError
        A field that contradicts another, with the field and what would be right.
    UnknownNameError
        An option that is not one of the allowed names.
    """

    model: Any = "market"
    benchmark: Any = "SPY"
    estimation: PairOrWindow = Window(-260, -11)
    window: PairOrWindow = Window(-5, 5)
    car_windows: tuple[PairOrWindow, ...] = ((0, 0), (-1, 1), (0, 1), (0, 5), (-5, 5))
    returns: ReturnKind = "simple"
    factors: tuple[str, ...] = ()
    min_estimation: float | None = None
    tests: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    alternative: Alternative = "two-sided"
    confidence: float = 0.95
    mask_events: bool = False
    gaps: Gaps = "missing"
    quality: Quality = "skip"
    max_loss: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        for field in ("estimation", "window"):
            object.__setattr__(self, field, _window(field, getattr(self, field)))
        windows = dict.fromkeys(_window("car_windows", pair) for pair in self.car_windows)
        object.__setattr__(self, "car_windows", tuple(windows))
        object.__setattr__(self, "benchmark", Benchmark.parse(self.benchmark))
        object.__setattr__(self, "factors", _names("factors", self.factors))
        object.__setattr__(self, "tests", _names("tests", self.tests))
        object.__setattr__(self, "by", _names("by", self.by))
        self._check_windows()
        self._check_options()

    def _check_windows(self) -> None:
        estimation, window = Window(*self.estimation), Window(*self.window)
        if estimation.end >= window.start:
            raise DesignError(
                "estimation", f"{estimation} must end before the event window {window} begins (look-ahead)"
            )
        if not self.car_windows:
            raise DesignError("car_windows", "needs at least one window, such as (0, 0)")
        for car in self.car_windows:
            if car[0] < window.start or car[1] > window.end:
                raise DesignError("car_windows", f"{Window(*car)} is not inside the event window {window}")

    def _check_options(self) -> None:
        kinds = {"returns": ReturnKind, "gaps": Gaps, "quality": Quality, "alternative": Alternative}
        for field, allowed in kinds.items():
            if getattr(self, field) not in get_args(allowed):
                raise UnknownNameError(field, str(getattr(self, field)), get_args(allowed))
        if not 0 < self.confidence < 1:
            raise DesignError("confidence", f"{self.confidence} must lie between 0 and 1, such as 0.95")
        if not 0 <= self.max_loss <= 1:
            raise DesignError("max_loss", f"{self.max_loss} must be a share from 0 to 1")
        if self.min_estimation is not None and not self.min_estimation > 0:
            raise DesignError("min_estimation", f"{self.min_estimation} must be a count or a share above 0")
        if self.seed < 0:
            raise DesignError("seed", f"{self.seed} must not be negative")

    def required_observations(self, k: int) -> int:
        """Return the least number of usable estimation returns for a model with ``k`` coefficients."""
        asked = MIN_ESTIMATION_SHARE if self.min_estimation is None else self.min_estimation
        length = Window(*self.estimation).length
        count = math.ceil(asked * length) if isinstance(asked, float) and asked <= 1 else int(asked)
        return max(count, k + MIN_OBSERVATIONS_OVER_K)

    def replace(self, **changes: Any) -> Design:
        """Return a copy with some fields changed; an unknown field is an error that names the nearest."""
        allowed = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in allowed:
                raise UnknownNameError("design field", name, allowed)
        return dataclasses.replace(self, **changes)


def _window(field: str, pair: Any) -> Window:
    try:
        start, end = pair
        window = Window(_whole(start), _whole(end))
    except (TypeError, ValueError):
        raise DesignError(field, f"{pair!r} is not a pair of whole sessions such as (-5, 5)") from None
    if max(-window.start, window.end) > FARTHEST:
        raise DesignError(field, f"{str(pair)[:40]} reaches farther than {FARTHEST:,} sessions from day 0")
    if window.start > window.end:
        raise DesignError(field, f"{pair!r} ends before it starts; write ({window.end}, {window.start})")
    return window


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(value)
    return int(value)


def _names(field: str, value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(name, str) and name for name in names):
        raise DesignError(field, f"{value!r} is not a list of names")
    return names
