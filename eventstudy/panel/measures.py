"""Log volume and log range in the place of returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from eventstudy._typing import DateArray, FloatArray, Measured
from eventstudy.design import Design
from eventstudy.errors import DesignError, PriceDataError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.prices.source import PriceSeries

OF_TURNOVER = 0.000255  #: added to turnover in percent, so that its log exists where nothing is traded
NEEDS = {"volume": "volume", "volatility": "high and low"}  #: what each measure is made of


def log_volume(series: PriceSeries) -> FloatArray:
    """Return ``ln V``, or ``ln(100 V / S + 0.000255)`` where shares outstanding ``S`` are known; shape (T,).

    NaN where nothing was traded, and where either is missing.

    References
    ----------
    Campbell & Wasley 1996, Review of Quantitative Finance and Accounting 6, 309-326, doi:10.1007/BF00245187.
    """
    volume = np.where((series.volume > 0) & np.isfinite(series.volume), series.volume, np.nan)
    if series.shares is None:
        return np.asarray(np.log(volume))
    shares = np.where((series.shares > 0) & np.isfinite(series.shares), series.shares, np.nan)
    return np.asarray(np.log(100.0 * volume / shares + OF_TURNOVER))


def log_range(series: PriceSeries) -> FloatArray:
    """Return ``ln[(ln H/L)^2 / (4 ln 2)]``, the log of the variance by the range of the day, shape (T,).

    NaN where high is not above low.

    References
    ----------
    Parkinson 1980, Journal of Business 53, 61-65.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        width = np.log(series.high / series.low)
        usable = (width > 0) & np.isfinite(width)
        return np.asarray(np.log(np.where(usable, width, np.nan) ** 2 / (4.0 * np.log(2.0))))


MEASURES = {"volume": log_volume, "volatility": log_range}


def measured_matrix(
    matrix: ReturnMatrix, series: Mapping[str, PriceSeries], measure: Measured
) -> ReturnMatrix:
    """Return the matrix with a measure of each session in the place of its return.

    ``series`` are those of its columns. Means over tickers, as of a basket, are means of log units.
    """
    if measure == "returns":
        return matrix
    values = np.full(matrix.values.shape, np.nan)
    for ticker, column in matrix.columns.items():
        prices = series[ticker]
        known = MEASURES[measure](prices)
        for low, high in matrix.blocks.values():
            block = slice(low, high + 1)
            values[block, column] = _on_sessions(prices.sessions, known, matrix.dates[block])
    return replace(matrix, kind="simple", values=values, lumped=values, measure=measure)


def _on_sessions(own: DateArray, values: FloatArray, sessions: DateArray) -> FloatArray:
    """Return values of a series on an axis, shape (T,); NaN on a session that it lacks."""
    if not len(own):
        return np.full(len(sessions), np.nan)
    at = np.minimum(np.searchsorted(own, sessions), len(own) - 1)
    return np.where(own[at] == sessions, values[at], np.nan)


def refuse_unmeasured(
    matrix: ReturnMatrix, firm_events: FirmEvents, requires: Requires, design: Design
) -> None:
    """Refuse a measure that the prices do not give.

    Raises
    ------
    PriceDataError
        No security has what the measure is made of, or a benchmark of the study has not.
    DesignError
        The benchmark is an index without some of its members, of which there are returns alone.
    """
    if design.measure == "returns":
        return
    needs = NEEDS[design.measure]
    there = {ticker: np.isfinite(matrix.values[:, at]).any() for ticker, at in matrix.columns.items()}
    securities = [ticker for ticker in firm_events.tickers if ticker in there]
    if securities and not any(there[ticker] for ticker in securities):
        problem = f"the prices hold no {needs}, which the measure {design.measure} is made of"
        raise PriceDataError(securities[0], problem, "give prices with these columns, or measure returns")
    if not requires.benchmark:
        return
    if any(benchmark.exclude for benchmark in firm_events.benchmarks):
        problem = f"an index without some members is about returns, not {design.measure}"
        raise DesignError("benchmark", f"{problem}; take a ticker or a basket, or the model mean")
    compared = [benchmark for benchmark in design.benchmarks if not benchmark.exclude]
    for benchmark in (*firm_events.benchmarks, *compared):
        for ticker in benchmark.tickers:
            if not there.get(ticker, True):
                problem = f"the benchmark has no {needs}, which the measure {design.measure} is made of"
                raise PriceDataError(ticker, problem, "take another benchmark, or the model mean, with none")
