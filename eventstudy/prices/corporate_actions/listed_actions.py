"""Corporate actions from the user's table and from further columns, put among the columns of a series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import Closes, DateArray, FloatArray, IntArray
from eventstudy.errors import PriceDataError
from eventstudy.events.corporate_actions import CorporateAction
from eventstudy.prices.corporate_actions.actions import (
    Columns,
    listed_splits,
    on_session,
    read_move,
    usual_move,
)
from eventstudy.prices.source import Finding

SAME = 1e-3  #: share by which two lists may differ: rounding
#: how closes that are stated read what is handed out
_STATED = {"raw": "raw", "split-adjusted": "raw", "adjusted": "adjusted", "total-return-index": "adjusted"}
WORTHS = ("spin_off", "rights")  #: columns of what a share is worth less by, in kind
COLUMN_OF = {"dividend": "cash", "capital-gain": "gain", "spin-off": "spin_off", "rights": "rights"}


def list_actions(
    ticker: str, sessions: DateArray, columns: Columns, actions: Sequence[CorporateAction]
) -> Columns:
    """Return columns with the user's actions and the stock dividends of the file, each listed once.

    Ratios are in ``split``, dividends of the user's in ``cash``, gains in ``gain``, and what is handed out in
    kind in ``spin_off`` and ``rights``. An action on a day without a row is of the next row; one outside the
    rows changes no return. A PriceDataError says that an action is listed twice with different values.
    """
    bonus = columns.get("stock_dividend")
    listed = {name: values.copy() for name, values in columns.items() if name != "stock_dividend"}
    ratios = any(action.ratio for action in actions) or bonus is not None
    if ratios and "split" not in listed:
        listed["split"] = listed_splits(columns)
    if bonus is not None:
        for row in np.flatnonzero(bonus > 0).tolist():
            _put(ticker, sessions, listed, "split", row, 1.0 + float(bonus[row]))
    for action in sorted(actions, key=lambda each: each.date):
        day = np.datetime64(action.date, "D")
        row = int(np.searchsorted(sessions, day))
        if row == len(sessions) or day < sessions[0]:
            continue
        ratio, cash = action.ratio, action.cash
        if ratio is not None:
            _put(ticker, sessions, listed, "split", row, ratio)
        elif cash is not None:
            _put(ticker, sessions, listed, COLUMN_OF[action.kind], row, cash)
    return listed


def count_cash(ticker: str, sessions: DateArray, columns: Columns, implied: FloatArray | None) -> Columns:
    """Return columns with the user's dividends among those of the file, or of its adjusted closes, once."""
    cash = columns.get("cash")
    if cash is None:
        return columns
    rest = {name: values for name, values in columns.items() if name != "cash"}
    known = rest.get("dividend", implied)
    dividend = np.zeros(len(sessions)) if known is None else np.nan_to_num(known)
    for row in np.flatnonzero(cash > 0).tolist():
        if dividend[row] > 0:
            _agree(ticker, sessions[row], "dividend", float(dividend[row]), float(cash[row]))
        elif known is not None and "dividend" not in rest:
            problem = (
                f"a dividend of {cash[row]:g} is listed on {sessions[row]}, its adjusted closes imply none"
            )
            raise PriceDataError(ticker, problem, "correct the action, or leave the adjusted closes out")
        dividend[row] = cash[row]
    return {**rest, "dividend": dividend}


def count_worths(
    ticker: str, sessions: DateArray, columns: Columns, closes: Closes | None, implied: FloatArray | None
) -> tuple[Columns, list[Finding]]:
    """Put what is handed out in kind (spin-offs, rights) into a column ``worth``, unless it is counted.

    Whether closes hold it is told by the move of the day, as of a listed split; a worth that fits both is
    counted, with a warning. What ``closes`` are said to be decides instead.
    """
    worths = {name: columns[name] for name in WORTHS if name in columns}
    rest = {name: values for name, values in columns.items() if name not in worths}
    close = columns.get("close")
    if not worths or close is None:
        return rest, []
    known = rest.get("dividend", implied)
    dividend = np.zeros(len(close)) if known is None else np.nan_to_num(known)
    counted = np.zeros(len(close))
    rows, moves, sigma = usual_move(close)
    findings: list[Finding] = []
    for name, values in worths.items():
        for row in np.flatnonzero(values > 0).tolist():
            worth, what = float(values[row]), f"the {name.replace('_', '-')} worth {values[row]:g}"
            if dividend[row] > 0 and abs(dividend[row] / worth - 1) < SAME:
                continue  # the dividends have it
            reading = _STATED[closes] if closes else _reading_of_worth(close, rows, moves, sigma, row, worth)
            if reading == "adjusted":
                text = f"{what} is in the closes already: not counted again"
                findings.append(on_session(ticker, sessions[row], "listed-worth", "info", text))
                continue
            counted[row] += worth
            text, severity = f"{what} is counted as a dividend", "info"
            if reading == "unclear":
                text, severity = (
                    f"{text}; the move of that day does not tell whether closes hold it",
                    "warning",
                )
            findings.append(on_session(ticker, sessions[row], "listed-worth", severity, text))  # type: ignore[arg-type]
    return {**rest, "worth": counted}, findings


def _reading_of_worth(
    close: FloatArray, rows: IntArray, moves: FloatArray, sigma: float, row: int, worth: float
) -> str:
    at = int(np.searchsorted(rows, row))
    if not 0 < at < len(rows) or not sigma > 0:
        return "unclear"
    share = worth / float(close[rows[at - 1]])
    return "unclear" if share >= 1 else read_move(float(moves[at]), -float(np.log1p(-share)), sigma)


def _put(ticker: str, sessions: DateArray, columns: Columns, name: str, row: int, value: float) -> None:
    """Put a value into a column, which is made where there is none; a second one must be the same."""
    column = columns.setdefault(name, np.zeros(len(sessions)))
    there = float(np.nan_to_num(column[row]))
    if there > 0 and (name != "split" or there != 1):
        _agree(ticker, sessions[row], name, there, value)
    column[row] = value


def _agree(ticker: str, session: np.datetime64, name: str, there: float, value: float) -> None:
    if abs(value / there - 1) > SAME:
        what = {"gain": "capital gain", "spin_off": "spin-off", "cash": "dividend"}.get(name, name)
        problem = f"a {what} of {there:g} and one of {value:g} are listed on {session}"
        raise PriceDataError(
            ticker, problem, "list it once, per share as the prices of that day count shares"
        )
