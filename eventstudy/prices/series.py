"""From columns of prices to a `PriceSeries`, valid and one row per session; the sessions it should have."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, Closes, DateArray, FloatArray
from eventstudy.errors import AmbiguousDataError, PriceDataError
from eventstudy.events.price_statements import NOTHING_STATED, Stated
from eventstudy.prices.corporate_actions.corrections import basis_of_closes, implied_dividends, with_actions
from eventstudy.prices.source import Finding, PriceBatch, PriceSeries
from eventstudy.sessions import calendar_bounds, exchange_of, trading_sessions

FIGURES = ("open", "high", "low", "close", "volume", "dividend")
PRICES = ("open", "high", "low", "close", "adj_close")
LARGEST_STEP = 5.0  #: calendar days from row to row in the middle; weeks and months are no sessions ...
FEW_ROWS = 5  #: ... where there are rows enough to tell
LEAST_MISMATCH = 1e-3  #: of the close: by how much a listed dividend and the implied one may differ


def series_of(
    ticker: str,
    sessions: DateArray,
    columns: Mapping[str, FloatArray],
    source: str,
    *,
    dividend: FloatArray | None = None,
    origin: Mapping[str, str] | None = None,
    unadjusted: bool = False,
    closes: Closes | None = None,
    stated: Stated | None = None,
) -> PriceSeries:
    """Return the series of columns of one security; its findings say what was corrected.

    Parameters
    ----------
    sessions
        datetime64[D] of shape (T,), in any order.
    columns
        Any of open, high, low, close, adj_close, volume, dividend, gain (capital gains of a fund), split,
        stock_dividend, spin_off, rights, return, lumped and shares (outstanding), each of shape (T,); returns
        are taken as they are, whatever the closes say.
    dividend
        Dividends of shape (T,) known from elsewhere, for columns without dividends.
    origin
        Provenance; the sha256 of the figures is added.
    unadjusted
        The closes are known not to hold the dividends.
    closes
        What the closes hold by the layout of their file: nothing (``raw``: the splits listed are in them),
        splits, or splits and dividends. None: it is found out. What is ``stated`` goes before it.
    stated
        What the user states: what the closes hold, and corporate actions that the columns may lack. With it
        rows must be daily, and closes beside listed dividends are judged whatever the layout; without it only
        in yfinance's own (dividends and splits, no adjusted close): other callers know what their closes are.

    Notes
    -----
    Prices that are not positive (CRSP marks the mean of bid and ask by a minus sign) or not finite become
    NaN, as do figures that differ between two rows of a session. Sessions before the first and after the last
    close are left out. Dividends come from their column, else from ``dividend``, else from close and adjusted
    close. A PriceDataError says that there is no close at all, that rows are not daily, or that an action
    is listed twice with different values; an AmbiguousDataError that closes may hold the dividends or not.
    """
    order = np.argsort(sessions, kind="stable")
    disorder = _out_of_order(ticker, sessions)
    given = {name: values[order] for name, values in columns.items()}
    if dividend is not None and "dividend" not in given:
        given["dividend"] = dividend[order]
    sessions, given, twice = _one_row_each(ticker, sessions[order], given)
    if stated is not None:
        refuse_what_is_not_daily(ticker, sessions)
    figures, findings = _usable(ticker, sessions, given)
    with np.errstate(all="ignore"):  # absurd figures overflow
        by_user = stated is not None and stated.closes is not None
        known_as = (stated or NOTHING_STATED)._replace(closes=stated.closes if stated and by_user else closes)
        figures, found = with_actions(ticker, sessions, figures, known_as)
        judged = not unadjusted and (stated is not None or closes is not None or "split" in figures)
        basis, told = basis_of_closes(ticker, figures, known_as.closes) if judged else ("", [])
        basis = "layout" if basis == "stated" and not by_user else basis
    findings += [*found, *told]
    close, adjusted = figures.get("close"), figures.get("adj_close")
    adjusted_only = basis != "" or (close is None and adjusted is not None)
    close = adjusted if adjusted is not None and adjusted_only else close
    returns = figures.get("return")
    if close is None and returns is not None:
        close = np.full(len(sessions), np.nan)
    if close is None:
        raise PriceDataError(ticker, "has no close at all", "give a column named close or adj_close")
    known = figures.get("dividend")
    if adjusted is not None and not adjusted_only:
        implied = implied_dividends(close, adjusted)
        if known is None:
            known, basis = implied, "implied-dividends"
        else:
            findings += _mismatches(ticker, sessions, close, known, implied)
    paid = np.zeros(len(sessions)) if known is None or adjusted_only else np.nan_to_num(known)
    worth = figures.get("worth", np.zeros(len(sessions)))
    nothing = np.full(len(sessions), np.nan)
    others: dict[str, Any] = {name: figures.get(name, nothing) for name in ("open", "high", "low", "volume")}
    series = PriceSeries(
        ticker=ticker,
        sessions=sessions,
        **others,
        close=close,
        dividend=paid + worth,
        source=source,
        adjusted_only=adjusted_only,
        price_index=known is None and returns is None and not adjusted_only and not worth.any(),
        split=figures.get("split"),
        findings=(*disorder, *twice, *findings),
        returns=returns,
        lumped=figures.get("lumped"),
        shares=figures.get("shares"),
    )
    traded = sessions[series.known]
    series = between(series, traded[0].astype(date), traded[-1].astype(date))
    how = {"basis": basis} if basis else {}
    return replace(series, origin={**(origin or {}), **how, "sha256": fingerprint(series)})


def between(series: PriceSeries, start: date, end: date) -> PriceSeries:
    """Return the part of a series from ``start`` to ``end``, both included."""
    first, last = np.searchsorted(
        series.sessions, [np.datetime64(start), np.datetime64(end) + np.timedelta64(1, "D")]
    )
    if first == 0 and last == len(series.sessions):
        return series
    cut: dict[str, Any] = {name: getattr(series, name)[first:last] for name in ("sessions", *FIGURES)}
    others = {name: getattr(series, name) for name in ("split", "returns", "lumped", "shares")}
    cut |= {name: None if values is None else values[first:last] for name, values in others.items()}
    findings = [f for f in series.findings if f.session is None or start <= f.session <= end]
    return replace(series, **cut, findings=tuple(findings))


def within(series: PriceSeries, start: date, end: date) -> PriceSeries:
    """Return the part of a series from ``start`` to ``end``; a PriceDataError says that it is empty."""
    part = between(series, start, end)
    if not len(part.sessions):
        span = f"{series.sessions[0]} to {series.sessions[-1]}" if len(series.sessions) else "nothing"
        raise PriceDataError(series.ticker, f"has no prices from {start} to {end}, only {span}")
    return part


def batch_of(
    tickers: Iterable[str], find: Callable[[str], PriceSeries | str], start: date, end: date
) -> PriceBatch:
    """Return the series of some tickers from ``start`` to ``end``, in that order.

    ``find`` returns the series of a ticker; it returns a reason, or raises a PriceDataError, for a failure.
    An AmbiguousDataError is a question to the caller, and is raised.
    """
    series: dict[str, PriceSeries] = {}
    failures: dict[str, str] = {}
    for ticker in dict.fromkeys(tickers):
        try:
            found = find(ticker)
            if isinstance(found, str):
                failures[ticker] = found
            else:
                series[ticker] = within(found, start, end)
        except AmbiguousDataError:
            raise
        except PriceDataError as error:
            failures[ticker] = error.reason(ticker)
    return PriceBatch(series, failures)


def fingerprint(series: PriceSeries) -> str:
    """Return the sha256 of the sessions and figures, the same on every machine."""
    digest = hashlib.sha256(series.sessions.astype("<i8").tobytes())
    further = [name for name in ("returns", "shares") if getattr(series, name) is not None]
    for name in (*FIGURES, *further):
        values = np.asarray(getattr(series, name), dtype="<f8") + 0.0  # no minus zero
        digest.update(np.where(np.isnan(values), np.nan, values).tobytes())  # one NaN
    return digest.hexdigest()


def _out_of_order(ticker: str, sessions: DateArray) -> list[Finding]:
    """Report rows that are not in order of date; newest first is common, anything else doubtful."""
    backward = np.flatnonzero(sessions[1:] < sessions[:-1])
    if not len(backward):
        return []
    if len(backward) == len(sessions) - 1:
        return [Finding(ticker, None, "unsorted", "info", "rows were newest first; they are reversed")]
    first = sessions[backward[0] + 1].astype(date)
    times = f"rows go back in time {len(backward)} times, first to this one; they are sorted now"
    return [Finding(ticker, first, "unsorted", "warning", times.replace(" 1 times, first", " once,"))]


def _one_row_each(
    ticker: str, sessions: DateArray, columns: Mapping[str, FloatArray]
) -> tuple[DateArray, dict[str, FloatArray], list[Finding]]:
    """Return one row per session, with NaN where rows of the same session contradict each other."""
    again = np.flatnonzero(sessions[1:] == sessions[:-1]) + 1
    if not len(again):
        return sessions, dict(columns), []
    kept, findings = dict(columns), []
    differing: dict[np.datetime64, list[str]] = {day: [] for day in np.unique(sessions[again])}
    for name, values in columns.items():
        here, before = values[again], values[again - 1]
        same = (here == before) | (np.isnan(here) & np.isnan(before))
        days = np.unique(sessions[again[~same]])
        kept[name] = np.where(np.isin(sessions, days), np.nan, values)
        for day in days:
            differing[day].append(name)
    for day, names in differing.items():
        text = f"rows with another {', '.join(names)}: taken as missing" if names else "the same row again"
        text = f"appears twice, {text}"
        findings.append(Finding(ticker, day.astype(date), "duplicate-session", "warning", text))
    once = np.ones(len(sessions), dtype=bool)
    once[again] = False
    return sessions[once], {name: values[once] for name, values in kept.items()}, findings


def _mismatches(
    ticker: str, sessions: DateArray, close: FloatArray, known: FloatArray, implied: FloatArray
) -> list[Finding]:
    """Find dividends that differ between their column and the adjusted closes."""
    stated = np.nan_to_num(known)
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(np.abs(stated - implied) > LEAST_MISMATCH * close)
    texts = [
        f"a dividend of {stated[row]:g} is listed, the adjusted close implies {implied[row]:g}"
        for row in rows
    ]
    return _on("dividend-mismatch", ticker, sessions[rows], texts)


def _usable(
    ticker: str, sessions: DateArray, columns: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], list[Finding]]:
    """Return the columns with invalid prices as NaN, without empty ones, and the findings."""
    usable: dict[str, FloatArray] = {}
    findings: list[Finding] = []
    for name, values in columns.items():
        found: list[Finding] = []
        if name in PRICES:
            values, found = _positive(ticker, sessions, name, values)
        if not np.isnan(values).all():
            usable[name] = values
        findings += found
    return usable, findings


def _positive(
    ticker: str, sessions: DateArray, name: str, values: FloatArray
) -> tuple[FloatArray, list[Finding]]:
    bad: BoolArray = ~np.isnan(values) & ~((values > 0) & np.isfinite(values))
    if not bad.any():
        return values, []
    rows = np.flatnonzero(bad)
    shown = rows if name in ("close", "adj_close") and len(rows) <= 20 else rows[:1]
    many = f" (and on {len(rows) - 1} more sessions)" if len(shown) < len(rows) else ""
    texts = [f"{name} is {values[row]:g}{many}: taken as missing" for row in shown]
    return np.where(bad, np.nan, values), _on("nonpositive-price", ticker, sessions[shown], texts)


def _on(rule: str, ticker: str, sessions: DateArray, texts: Iterable[str]) -> list[Finding]:
    """Return a warning per session."""
    return [
        Finding(ticker, session.astype(date), rule, "warning", text)
        for session, text in zip(sessions, texts, strict=True)
    ]


def refuse_what_is_not_daily(what: str, sessions: DateArray) -> None:
    """Refuse rows of weeks or months; raises PriceDataError."""
    steps = np.diff(sessions).astype(np.int64)
    if len(steps) >= FEW_ROWS and (step := float(np.median(steps))) > LARGEST_STEP:
        raise PriceDataError(what, f"has a row every {step:.0f} days", "give one per session")


def calendar_of(series: PriceSeries, exchanges: Mapping[str, str] = MappingProxyType({})) -> DateArray:
    """Return the sessions of a series' exchange over its span, so far as the calendar knows them.

    A DesignError says that the ticker has no known exchange, or the exchange no calendar.
    """
    exchange = exchange_of(series.ticker, exchanges)
    first, last = calendar_bounds(exchange)
    start, end = series.sessions[0].astype(date), series.sessions[-1].astype(date)
    return trading_sessions(exchange, min(max(start, first), last), max(min(end, last), first))


def holes(series: PriceSeries, calendar: DateArray) -> DateArray:
    """Return the sessions of a calendar at which a series has neither close nor return."""
    return np.setdiff1d(calendar, series.sessions[series.known], assume_unique=True)
