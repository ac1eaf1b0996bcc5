"""`long_run`: events and monthly returns into the long-run tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray, TextArray, Values
from eventstudy.design.arguments import check_kind, is_whole, refusal
from eventstudy.errors import PriceDataError, UnknownNameError
from eventstudy.events.event import is_frame
from eventstudy.events.event_list import read_event_frame, read_event_list
from eventstudy.inference.long_run import (
    MeanTest,
    buy_and_hold,
    mean_test,
    month_means,
    pooled_tests,
    standardised,
)
from eventstudy.intake.options import UNSTATED
from eventstudy.numerics.threads import one_thread
from eventstudy.panel.given import as_frame, given_values
from eventstudy.significance.sample import cells
from eventstudy.soundness.units import ask_stated

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LongRun:
    """The long-run tests of a list of events, as data frames.

    Attributes
    ----------
    tests
        A row per test: ``asr_t`` and ``sar_t`` clustered by month, firm and both (``cluster``), ``bhar_t``
        and ``calendar_time``; mean, standard error, t, d.o.f., p-value, and how many observations, months and
        firms.
    events
        A row per firm-event: its control, holding months, ``bhar``, the months behind its deviations and
        whether they lie outside the holding period, ``status`` and ``reason``.
    firm_months
        A row per firm-month of the holding periods: both log returns, ``asr`` and ``sar``.
    """

    tests: pd.DataFrame
    events: pd.DataFrame
    firm_months: pd.DataFrame


@one_thread()
def long_run(
    events: Any,
    returns: Any,
    *,
    control: str = "control",
    months: int = 36,
    values: Values | None = None,
    alternative: Alternative = "two-sided",
) -> LongRun:
    """Test the monthly returns after events against those of control firms.

    Parameters
    ----------
    events
        Path of an event list, or a frame: ticker, day of the event, and its control firm.
    returns
        Monthly simple returns, months x series, decimal: a frame, or the path of a file. One date a month.
    control
        Column of the event list with the control firm of each; or one series of ``returns`` for all.
    months
        Length of the holding period, which begins in the month after the event.
    values
        What ``returns`` hold, as for `run`; default: decimals, and an error that asks where that is in doubt.
    alternative
        Of the p-values.

    Returns
    -------
    LongRun
        Three data frames. A firm-month that lies in the holding periods of two events counts once, with the
        control of the first.

    Raises
    ------
    EventsFileError, PriceDataError, UsageError, UnknownNameError
        What is wrong with the list, the returns or an argument.
    """
    check_kind("control", control, str, "a column of the event list, or a series of the returns")
    if not is_whole(months) or months < 1:
        raise refusal("months", months, "a number of months, such as 36")
    if alternative not in get_args(Alternative):
        raise UnknownNameError("alternative", str(alternative), get_args(Alternative))
    listed = _listed(events)
    month, names, table = _monthly(returns, values)
    pairs = _pairs(listed, _controls(listed, control, names), names, month)
    firm, other = table[:, pairs.firm].T, table[:, pairs.control].T
    after = month[None, :] - pairs.event_month[:, None]
    holding = (after >= 1) & (after <= months)
    logs = _log(firm), _log(other)
    scaled = standardised(*logs, holding)
    row, column = _once(pairs.firm, holding & np.isfinite(scaled.asr) & np.isfinite(scaled.sar))
    bhar = buy_and_hold(firm, other, holding)
    bhar = np.where(holding.sum(axis=1) == months, bhar, np.nan)
    tests = [
        test
        for measure, each in (("ASR", scaled.asr), ("SAR", scaled.sar))
        for test in pooled_tests(each[row, column], column, pairs.firm[row], measure, alternative)
    ]
    whole = np.isfinite(bhar)
    held, firms = holding[whole].any(axis=0).sum(), len(np.unique(pairs.firm[whole]))
    tests.append(mean_test("bhar_t", "BHAR", bhar[whole], int(held), firms, alternative))
    portfolio = month_means((firm - other)[row, column], column)
    counts = len(portfolio), len(np.unique(pairs.firm[row]))
    tests.append(mean_test("calendar_time", "monthly return", portfolio, *counts, alternative))
    each = {
        "holding_months": (holding & np.isfinite(scaled.sar)).sum(axis=1),
        "bhar": bhar,
        "deviation_months": scaled.months,
        "deviation_outside": scaled.outside,
    }
    figures = {
        "ret": logs[0][row, column],
        "control_ret": logs[1][row, column],
        "asr": scaled.asr[row, column],
        "sar": scaled.sar[row, column],
    }
    return _frames(pairs, tests, each, row, month[column], figures)


@dataclass(frozen=True)
class _Pairs:
    """The firm-events as listed, and of the usable ones the columns of firm and control and the month."""

    listed: Mapping[str, TextArray]
    reason: TextArray
    firm: IntArray
    control: IntArray
    event_month: IntArray


def _pairs(listed: pd.DataFrame, controls: TextArray, names: Sequence[str], month: IntArray) -> _Pairs:
    day = [str(moment)[:7] for moment in listed["session" if "session" in listed else "when"]]
    own_month = np.array(day, dtype="datetime64[M]").astype(np.int64)
    place = {name: at for at, name in enumerate(names)}
    ticker = np.array(list(listed["ticker"]), dtype=object)
    reason = np.full(len(ticker), "", dtype=object)
    for row, (firm, control) in enumerate(zip(ticker, controls, strict=True)):
        missing = [name for name in (firm, control) if name and name not in place]
        if not control:
            reason[row] = "it has no control firm"
        elif missing:
            reason[row] = f"no returns of {' and '.join(missing)}"
        elif not month[0] <= own_month[row] < month[-1]:
            reason[row] = "its holding period lies outside the returns"
    ok = np.flatnonzero(reason == "")
    firms, controlling = (
        np.array([place[name] for name in each[ok]], dtype=np.int64) for each in (ticker, controls)
    )
    ids = np.array(list(listed["event_id"]), dtype=object)
    shown = {"event_id": ids, "ticker": ticker, "control": controls}
    return _Pairs(shown, reason, firms, controlling, own_month[ok])


def _log(simple: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(simple > -1.0, np.log1p(simple), np.nan)


def _once(firm: IntArray, there: BoolArray) -> tuple[IntArray, IntArray]:
    """Return rows and columns of the firm-months, each of a firm once: of the first event as listed."""
    row, column = np.nonzero(there)
    first = np.unique(cells(firm[row], column)[1], return_index=True)[1]
    return row[np.sort(first)], column[np.sort(first)]


def _frames(
    pairs: _Pairs,
    tests: Sequence[MeanTest],
    each: Mapping[str, Any],
    row: IntArray,
    month: IntArray,
    figures: Mapping[str, FloatArray],
) -> LongRun:
    import pandas as pd

    ok = pairs.reason == ""
    events = pd.DataFrame(pairs.listed)
    for name, values in each.items():
        events[name] = pd.Series(values, index=np.flatnonzero(ok)).reindex(events.index)
    events = events.assign(status=np.where(ok, "ok", "skipped"), reason=pairs.reason)
    usable = {name: values[ok][row] for name, values in pairs.listed.items()}
    months = {"month": month.astype("datetime64[M]").astype(str)}
    return LongRun(pd.DataFrame(list(tests)), events, pd.DataFrame({**usable, **months, **figures}))


def _listed(events: Any) -> pd.DataFrame:
    if not is_frame(events):
        check_kind("events", events, (str, Path), "the path of an event list, or a frame")
        return read_event_list(Path(events), UNSTATED).frame
    return read_event_frame(events, UNSTATED).frame


def _monthly(returns: Any, values: Values | None) -> tuple[IntArray, list[str], FloatArray]:
    """Return the months as numbers (T,), the names of the series and their simple returns (T, S)."""
    frame, _ = as_frame(returns)
    names = [str(name) for name in frame.columns]
    try:
        numbers, days = frame.to_numpy(dtype=float), frame.index.to_numpy()
    except (TypeError, ValueError) as error:
        raise PriceDataError("returns", f"a column is not numeric ({error})", "give decimals") from None
    if days.dtype.kind != "M":
        raise PriceDataError("returns", "the index is not of dates", "give one date a month")
    month = days.astype("datetime64[M]").astype(np.int64)
    if len(month) < 2 or (np.diff(month) < 1).any():
        raise PriceDataError(
            "returns", "are not monthly: a month is there twice, or out of order", "give one row a month"
        )
    ask_stated(names, numbers, values)
    simple = given_values(numbers, values, "simple")
    if (wrong := np.argwhere((simple < -1.0) | np.isinf(simple))).size:
        row, column = wrong[0]
        when = month[row].astype("datetime64[M]")
        raise PriceDataError(names[column], f"has the return {simple[row, column]:g} in {when}", "correct it")
    return month, names, simple


def _controls(listed: pd.DataFrame, control: str, names: Sequence[str]) -> TextArray:
    """Return the control of each firm-event: of a column of the list, or one series for all."""
    if control in listed:
        given = ["" if name is None or name != name else str(name) for name in listed[control]]
        return np.array(given, dtype=object)
    if control in names:
        return np.full(len(listed), control, dtype=object)
    raise UnknownNameError("control", control, [*listed, *names])
