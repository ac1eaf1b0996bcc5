"""`Requires`: what a normal-return model needs besides the security's own returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eventstudy.design import Design, Window
from eventstudy.errors import DesignError
from eventstudy.events.firm_events import FirmEvents


@dataclass(frozen=True)
class Requires:
    """What a normal-return model needs; the panel provides it, and prices are loaded for it.

    Attributes
    ----------
    benchmark
        The benchmark's return is the first regressor.
    factors
        Columns of the factor table that are regressors; None = those of ``Design.factors``.
    excess
        Returns of securities and benchmarks are taken over the risk-free return ``RF``.
    lags, leads
        Sessions before and after its own with which each regressor enters too.
    peers
        The returns of the study's other tickers, in ``Sample.peers``.
    pool
        Securities of which the model chooses or weighs some, in ``Sample.pool``: ``peers`` or ``donors``, as
        the field of the design of that name lists them.
    at_hand
        The securities that are at hand, where the design lists none; empty = every series of the returns.
    between
        The sessions between the two windows, in ``Sample.between`` of the estimation window.
    """

    benchmark: bool = False
    factors: tuple[str, ...] | None = ()
    excess: bool = False
    lags: int = 0
    leads: int = 0
    peers: bool = False
    pool: Literal["", "peers", "donors"] = ""
    at_hand: tuple[str, ...] = ()
    between: bool = False

    @property
    def beside_market(self) -> bool:
        """Whether the fit is shown beside that of the market model, where the benchmark has returns."""
        return self.pool == "donors"

    @property
    def offsets(self) -> range:
        """The sessions, relative to its own, with which each regressor enters."""
        return range(-self.lags, self.leads + 1)

    def factor_columns(self, design: Design) -> tuple[str, ...]:
        """Return the factors that are regressors: the model's own, or the design's.

        Raises
        ------
        DesignError
            The model takes the design's, and it has none.
        """
        if self.factors is not None:
            return self.factors
        if not design.factors:
            raise DesignError("factors", f"the model {design.model} needs columns, such as factors: [SMH]")
        return design.factors

    def tickers(self, firm_events: FirmEvents) -> tuple[str, ...]:
        """Return the tickers whose prices are needed."""
        return firm_events.price_tickers if self.benchmark else firm_events.tickers

    def further_tickers(self, firm_events: FirmEvents, design: Design) -> tuple[str, ...]:
        """Return the tickers of further benchmarks and of the pool that are not needed anyway."""
        own = set(self.tickers(firm_events))
        further = design.benchmarks if self.benchmark else ()
        beside = firm_events.price_tickers if self.beside_market else ()
        others = [ticker for each in further for ticker in firm_events.against(each).price_tickers]
        others += (*beside, *self.pooled(design))
        return tuple(ticker for ticker in dict.fromkeys(others) if ticker not in own)

    def pooled(self, design: Design) -> tuple[str, ...]:
        """Return the securities of the pool: those that the design lists, else those at hand."""
        listed: tuple[str, ...] = getattr(design, self.pool) if self.pool else ()
        return listed or self.at_hand

    def return_window(self, design: Design) -> Window:
        """Return the sessions around day 0 whose returns enter, from the first to the last."""
        each = (design.window, *design.estimation_windows)
        start, end = min(window.start for window in each), max(window.end for window in each)
        return Window(start - self.lags, end + self.leads)

    def price_window(self, design: Design) -> Window:
        """Return the sessions around day 0 whose prices enter: each return needs the price before it too."""
        window = self.return_window(design)
        return Window(window.start - 1, window.end)
