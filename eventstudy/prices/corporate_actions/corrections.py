"""Splits, dividends and other corporate actions applied to the columns of a series, each once."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import Closes, DateArray, FloatArray
from eventstudy.errors import AmbiguousDataError
from eventstudy.events.price_statements import Stated
from eventstudy.prices.corporate_actions.actions import Columns, apply_splits, count_gains, refuse_dividends
from eventstudy.prices.corporate_actions.dividends_in_closes import judge_closes
from eventstudy.prices.corporate_actions.listed_actions import count_cash, count_worths, list_actions
from eventstudy.prices.source import Finding

LEAST_DIVIDEND = 1e-6  #: of the close: an implied dividend below that is rounding
HOLDING = ("adjusted", "total-return-index")  #: closes that hold the dividends


def with_actions(
    ticker: str, sessions: DateArray, columns: Columns, stated: Stated
) -> tuple[Columns, list[Finding]]:
    """Return columns with listed splits applied and every payment among the dividends, and the findings.

    A PriceDataError says that an action is listed twice with different values.
    """
    columns = list_actions(ticker, sessions, columns, stated.actions)
    columns, findings = apply_splits(ticker, sessions, columns, stated.closes)
    close, adjusted = columns.get("close"), columns.get("adj_close")
    implied = None if close is None or adjusted is None else implied_dividends(close, adjusted)
    columns = count_cash(ticker, sessions, columns, implied)
    for correct in (refuse_dividends, count_gains):
        columns, found = correct(ticker, sessions, columns)
        findings += found
    columns, found = count_worths(ticker, sessions, columns, stated.closes, implied)
    return columns, findings + found


def basis_of_closes(ticker: str, columns: Columns, closes: Closes | None) -> tuple[str, list[Finding]]:
    """Return how it is known that closes hold the dividends, "" where they do not, and the finding about it.

    An AmbiguousDataError says that they may hold them or not.
    """
    if closes is not None:
        return ("stated" if closes in HOLDING else ""), []
    judged = judge_closes(columns)
    if judged is None or judged.verdict == "do not hold":
        return "", []
    if judged.verdict == "unclear":
        raise AmbiguousDataError(
            ticker,
            f"has closes that may hold the {judged.ex_dates} listed dividends (up to {judged.largest:.2%})"
            " already or not: neither their ticks nor the prices on ex-dates tell",
            "say --closes raw, split-adjusted, adjusted or total-return-index (closes= in Python)",
        )
    text = (
        f"the closes hold the listed dividends already, by their ticks and {judged.ex_dates} ex-dates"
        f" (log odds {-judged.odds:.1f}): counted once"
    )
    return "ex-dates", [Finding(ticker, None, "adjusted-closes", "info", text)]


def implied_dividends(close: FloatArray, adjusted: FloatArray) -> FloatArray:
    """Return the dividends that close and dividend-adjusted close imply, shape (T,), 0 where none.

    ``D_t = C_{t-1} [1 - (A_{t-1}/C_{t-1}) / (A_t/C_t)]``, where t-1 is the last session with both.
    """
    both = np.flatnonzero(~np.isnan(close) & ~np.isnan(adjusted))
    dividend = np.zeros(len(close))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # absurd figures imply nothing
        factor = adjusted[both] / close[both]
        implied = close[both][:-1] * (1 - factor[:-1] / factor[1:])
    dividend[both[1:]] = np.where(implied > LEAST_DIVIDEND * close[both][1:], implied, 0.0)
    return dividend
