"""`Design`: how abnormal returns are measured and tested."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eventstudy._typing import Alternative, Gaps, GarchDist, Measured, Noise, PeerMethod, Quality, ReturnKind
from eventstudy.design.benchmark import Benchmark, BenchmarkLike, read_benchmark, read_benchmarks
from eventstudy.design.field import DesignField, count, documented, field, fields_of
from eventstudy.design.mask_dates import MaskDates, MaskDatesLike
from eventstudy.design.observations import MIN_ESTIMATION_SHARE, MIN_OBSERVATIONS_OVER_K, least_observations
from eventstudy.design.readers import read_column, read_history, read_model, read_names, read_tests
from eventstudy.design.regression import Regression, RegressionLike, check_regressions, read_regressions
from eventstudy.design.window import (
    EstimationLike,
    PairOrWindow,
    Window,
    Windows,
    check_windows,
    each_window,
    read_estimation,
    read_window,
    read_windows,
)
from eventstudy.errors import DesignError, UnknownNameError

#: what is said of a study whose estimation windows, or some of them, follow the event
LOOK_AHEAD = "look-ahead: the parameters use sessions after the event"
MOST_SHIFTS = 20  #: sessions before or after its own from which a return may follow the market
MOST_AUTOMATIC = 20_000  #: firm-events up to which a study is compared with earlier sessions by default


@documented
@dataclass(frozen=True, kw_only=True)
class Design:
    """One request: how abnormal returns are measured and tested. Validated once, hashable.

    Parameters
    ----------
    (fields)

    Raises
    ------
    DesignError
        A value that is not allowed or contradicts another, with the field and what would be right.
    UnknownNameError
        An option that is not one of the allowed names.
    """

    measure: Measured = field(
        "returns",
        "What is abnormal: returns; volume, the log of shares traded (of turnover where shares outstanding"
        " are given); or volatility, the log of Parkinson's variance by high and low. The last two are in"
        " log units.",
    )
    model: DesignField[Any, str] = DesignField(  # or a `NormalReturnModel`, whose text is its name
        "market", "Normal-return model, such as market or ff3.", metavar="NAME", read=read_model
    )
    benchmark: DesignField[BenchmarkLike | None, Benchmark | None] = DesignField(
        Benchmark(("SPY",)),
        "Benchmark: a ticker, an equal-weighted basket, an index without the event's tickers, or none where"
        " the model needs none. An event's own goes before the study's, and --benchmark before both.",
        metavar="T|A+B+C|none",
        read=read_benchmark,
    )
    benchmarks: DesignField[Iterable[BenchmarkLike], tuple[Benchmark, ...]] = DesignField(
        (),
        "Further benchmarks, against which every event is measured too: the table of benchmarks says whether"
        " the sign and the significance depend on the choice.",
        metavar="T|A+B+C",
        read=read_benchmarks,
    )
    estimation: DesignField[EstimationLike, Window | Windows | None] = DesignField(
        Window(-260, -11),
        "Estimation window in sessions relative to day 0, outside the event window; or several, such as"
        " -130:-11,11:130, which are fitted together. None for a model that estimates nothing: then nothing"
        " that needs a residual variance is reported.",
        metavar="A:B[,C:D]|none",
        read=read_estimation,
    )
    window: DesignField[PairOrWindow, Window] = DesignField(
        Window(-5, 5), "Event window in sessions relative to day 0.", metavar="A:B", read=read_window
    )
    car_windows: DesignField[Iterable[PairOrWindow], tuple[Window, ...]] = DesignField(
        (Window(0, 0), Window(-1, 1), Window(0, 1), Window(0, 5), Window(-5, 5)),
        "Windows over which abnormal returns are cumulated, inside the event window; the first is printed"
        " first.",
        option="--car",
        metavar="A:B",
        read=read_windows,
    )
    returns: ReturnKind = field("simple", "Kind of returns, of the security and the benchmark alike.")
    noise: Noise = field(
        "auto",
        "Noise of neighbouring sessions: independent, or autocorrelated at first order (ar1), which is"
        " estimated by generalised least squares. auto: ar1 for volume and volatility.",
    )
    factors: DesignField[str | Iterable[str], tuple[str, ...]] = DesignField(
        (),
        "Columns that the model factors regresses on.",
        no_option="--factors names the file; its columns belong to the study",
        read=read_names,
    )
    peers: DesignField[str | Iterable[str], tuple[str, ...]] = DesignField(
        (),
        "Securities whose returns explain a security's under the model peers; by default all stocks at hand."
        " Tickers of the event and of its day 0 are left out.",
        metavar="TICKERS",
        read=read_names,
    )
    peer_method: PeerMethod = field(
        "index",
        "How peers enter: by their mean (index), each with a slope (ols), or with slopes that are penalised,"
        " the penalty cross-validated (ridge, elastic-net).",
    )
    peer_market: bool = field(
        True, "Whether the benchmark is a regressor beside the mean of the peers (peer_method index)."
    )
    donors: DesignField[str | Iterable[str], tuple[str, ...]] = DesignField(
        (),
        "Securities of which the model synthetic makes a portfolio; by default all stocks at hand. Indices,"
        " funds and tickers of events whose windows overlap are left out.",
        metavar="TICKERS",
        read=read_names,
    )
    lags: int = count(
        1, "Sessions before its own whose benchmark returns the model dimson takes too.", MOST_SHIFTS
    )
    leads: int = count(
        1, "Sessions after its own whose benchmark returns the model dimson takes too.", MOST_SHIFTS
    )
    garch_dist: GarchDist = field("normal", "Errors of the model garch: normal, or Student's t.")
    min_estimation: float | None = field(
        None,
        "Least number of usable estimation returns (150), or their share of the window (0.6). By default"
        f" {MIN_ESTIMATION_SHARE:.0%} of it, and never fewer than the number of coefficients plus"
        f" {MIN_OBSERVATIONS_OVER_K}.",
        metavar="N|SHARE",
        check=lambda value: value is None or value > 0,
        rule="must be a count or a share above 0",
    )
    tests: DesignField[Any, tuple[str, ...]] = DesignField(  # or `SignificanceTest` objects
        (),
        "Tests of significance to report; by default all that apply.",
        option="--test",
        metavar="NAME",
        read=read_tests,
    )
    by: DesignField[str | Iterable[str], tuple[str, ...]] = DesignField(
        (),
        "Columns of the event list to group by, besides all and (not in large studies) event, ticker, kind.",
        metavar="COLUMN",
        read=read_names,
    )
    regress: DesignField[RegressionLike | Iterable[RegressionLike], tuple[Regression, ...]] = DesignField(
        (),
        "Cross-sectional regression of CARs on columns of the event list, such as 'car ~ size + C(kind)'. A"
        " study file may also give its window, estimator, cov and cluster.",
        metavar="FORMULA",
        read=read_regressions,
    )
    winsorise: float = field(
        0.0,
        "Share of CARs at either end that is pulled in to its quantile, in rows of groups and in regressions"
        " alone.",
        metavar="SHARE",
        check=lambda value: 0 <= value < 0.5,
        rule="must be a share from 0 to below 0.5, such as 0.01",
    )
    weights: DesignField[str | None, str | None] = DesignField(
        None,
        "Column of the event list with weights known before the events, such as market values:"
        " value_weighted_t tests the mean CAR weighted by them.",
        metavar="COLUMN",
        read=read_column,
    )
    prologue: DesignField[str | Iterable[str], tuple[str, ...]] = DesignField(
        (),
        "Columns of the event list on which the returns of an event's tickers are regressed; prologue_ols and"
        " prologue_gls compare the slopes with those of ordinary days.",
        metavar="COLUMN",
        read=read_names,
    )
    prologue_days: int = field(
        200,
        "Ordinary days before an event with which its slopes are compared, as far as there are so many; with"
        " fewer than 60 there is no test.",
        metavar="N",
        check=lambda value: value >= 1,
        rule="must be 1 or more",
    )
    alternative: Alternative = field("two-sided", "Alternative hypothesis of the p-values.")
    confidence: float = field(
        0.95,
        "Level of the confidence intervals.",
        metavar="SHARE",
        check=lambda value: 0 < value < 1,
        rule="must lie between 0 and 1, such as 0.95",
    )
    placebo_history: DesignField[int | str, int | str] = DesignField(
        "auto",
        "Sessions that a firm-event is compared with. estimation: those of its estimation window. all, or N:"
        " also every earlier session of the security, or the last N, each with a fit of its own. auto: all"
        " for the p-values of the whole study, where prices at hand reach far enough back.",
        metavar="auto|estimation|all|N",
        read=read_history,
    )
    mask_events: bool = field(
        True,
        "Leave sessions -1 to +1 around a ticker's other listed events out of its estimation window, as far"
        " as enough of it is left.",
    )
    mask_dates: DesignField[MaskDatesLike, MaskDates] = DesignField(
        MaskDates(),
        "Sessions left out of the estimation window and of every reference: a kind of the known news"
        " (results), a CSV file with the columns ticker and date, or dates per ticker.",
        metavar="KIND|FILE",
        read=lambda _, value: MaskDates.parse(value),
    )
    gaps: Gaps = field(
        "missing",
        "After a gap in the event window, the CARs that need it are missing, or the next return spans it"
        " (lump). trade-to-trade takes returns from one trade to the next in the estimation window too, and"
        " weights them by their sessions (Maynes & Rumsey 1993).",
    )
    quality: Quality = field(
        "skip",
        "What an error in the prices does: the firm-events that use them are skipped, with the finding as the"
        " reason, or measured and flagged.",
    )
    max_loss: float = field(
        0.2,
        "Share of firm-events that may be skipped before the run is refused.",
        metavar="SHARE",
        check=lambda value: 0 <= value <= 1,
        rule="must be a share from 0 to 1",
    )
    seed: int = count(0, "Seed of everything random.")

    def __post_init__(self) -> None:
        check_windows(self.window, self.estimation_windows, self.car_windows)
        check_regressions(self.regress, self.car_windows)
        if self.measure != "returns" and self.gaps != "missing":
            raise DesignError("gaps", f"{self.gaps} is about returns; {self.measure} of a session has none")

    @property
    def autocorrelated(self) -> bool:
        """Whether the noise of neighbouring sessions is estimated as autocorrelated."""
        return self.noise == "ar1" or (self.noise == "auto" and self.measure != "returns")

    @property
    def ranks_earlier_sessions(self) -> bool:
        """Whether every firm-event is ranked among the earlier sessions of its security as well."""
        return self.placebo_history not in ("auto", "estimation")

    def seeks_earlier_sessions(self, firm_events: int) -> bool:
        """Whether a study of so many firm-events may be compared with earlier sessions of its securities."""
        if self.placebo_history == "auto":
            return firm_events <= MOST_AUTOMATIC
        return self.placebo_history != "estimation"

    @property
    def estimation_windows(self) -> tuple[Window, ...]:
        """The estimation windows, in the order of time."""
        return each_window(self.estimation)

    @property
    def estimation_window(self) -> Window:
        """From the first session of the windows to the last; empty, before the event window, without one."""
        each = self.estimation_windows or (Window(self.window.start, self.window.start - 1),)
        return Window(each[0].start, each[-1].end)

    @property
    def looks_ahead(self) -> bool:
        """Whether the parameters use sessions after the event."""
        return self.estimation_window.end > self.window.end

    def required_observations(self, k: int, length: int | None = None) -> int:
        """Return the least number of usable estimation returns for a model with ``k`` coefficients.

        ``length`` is that of an event's own estimation window; by default the design's.
        """
        return least_observations(self.estimation_windows, self.min_estimation, k, length)

    def named(self) -> Design:
        """Return the design with names in the place of a caller's own model and tests."""
        return self.replace(model=str(self.model), tests=[str(test) for test in self.tests])

    def replace(self, **changes: Any) -> Design:
        """Return a copy with some fields changed; an unknown field is an error that names the nearest."""
        for name in changes:
            if name not in DESIGN_FIELDS:
                raise UnknownNameError("design field", name, list(DESIGN_FIELDS))
        return dataclasses.replace(self, **changes)


DESIGN_FIELDS = fields_of(Design)
