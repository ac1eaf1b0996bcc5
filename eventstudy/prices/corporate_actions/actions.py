"""Splits, dividends and capital gains that a source lists, each counted once."""

from __future__ import annotations

from datetime import date

import numpy as np

from eventstudy._typing import BoolArray, Closes, DateArray, FloatArray, IntArray
from eventstudy.prices.source import Finding, Severity

#: what a split divides; volume and shares outstanding it multiplies
SCALED = ("open", "high", "low", "close", "dividend", "gain", "cash", "spin_off", "rights")
TO_SIGMA = 1.4826  #: from the median of |x| to the standard deviation, where x is normal
LEAST = 20  #: moves without which the noise of a series is not known
ODDS = 3.0  #: of logs: how much likelier one reading of a split must be; 20 to 1
FITS = 6.0  #: standard deviations, or a quarter of the split, by which a move may lie off it
JUMP = 0.4  #: of a log: smallest change of the adjustment that is a split: 3:2, and no dividend of a tenth
LARGEST = 7.0  #: of a log: no company splits one share into a thousand

Columns = dict[str, FloatArray]


def apply_splits(
    ticker: str, sessions: DateArray, columns: Columns, closes: Closes | None = None
) -> tuple[Columns, list[Finding]]:
    """Return columns in which closes before a listed split that they show are adjusted for it.

    A split is listed in the column ``split`` (new shares per old one; 0 and 1 are none) or, where there is no
    such column, by a jump of the adjusted close over the close. Which closes show it is told by the move of
    the day: by the ratio, or ordinary. A move that fits both is a finding, and nothing is changed. What
    ``closes`` are said to be decides instead.
    """
    close, none = columns.get("close"), _no_splits(ticker, sessions, columns)
    if close is None or closes not in (None, "raw") or not (listed := listed_splits(columns)).any():
        return columns, none
    rows, moves, sigma = usual_move(close)
    changed, findings = dict(columns), none
    for row in np.flatnonzero(listed).tolist():
        at = int(np.searchsorted(rows, row))
        if not 0 < at < len(rows) or not (closes or sigma > 0):
            continue  # before the first close, or nothing to judge it by
        ratio, move = float(listed[row]), float(moves[at])
        reading = closes or read_move(move, float(np.log(ratio)), sigma)
        severity: Severity
        if reading == "raw":
            changed = _scaled(changed, np.arange(len(close)) < rows[at], ratio)
            text, severity = "is in the closes: those before it are divided by it", "info"
        elif reading == "unclear":
            text, severity = "cannot be told from the move of that day: nothing is changed", "warning"
        elif any(read_move(float(each), float(np.log(ratio)), sigma) == "raw" for each in _beside(moves, at)):
            text, severity = "shows in the move of a session beside it: nothing is changed", "warning"
        else:
            continue
        text = f"the split of {ratio:g} {text}"
        findings.append(on_session(ticker, sessions[rows[at]], "listed-split", severity, text))
    return changed, findings


def count_gains(ticker: str, sessions: DateArray, columns: Columns) -> tuple[Columns, list[Finding]]:
    """Add a fund's capital gains to the dividends, once, with a finding that says how.

    The dividend includes the gain for some funds of Yahoo and not for others (yfinance issue 2666). Where it
    is as large as the gain, the fall of the price decides between the dividend and the sum of both.
    """
    gain, close = columns.get("gain"), columns.get("close")
    rest = {name: values for name, values in columns.items() if name != "gain"}
    if gain is None or close is None or not (gain > 0).any():
        return rest, []
    dividend, findings = np.nan_to_num(columns.get("dividend", np.zeros(len(close)))), []
    for row in np.flatnonzero(gain > 0):
        before = close[:row][~np.isnan(close[:row])]
        fall = before[-1] - close[row] if len(before) else np.nan
        may_hold_it = dividend[row] >= gain[row]
        both = dividend[row] + gain[row]
        holds_it = bool(may_hold_it and abs(fall - dividend[row]) < abs(fall - both))
        counted = "is taken to be part of" if holds_it else "is added to"
        why = f"; the price fell by {fall:.4g}" if may_hold_it else ""
        text = f"a capital gain of {gain[row]:g} {counted} the dividend of {dividend[row]:g}{why}"
        severity: Severity = "warning" if may_hold_it else "info"
        findings.append(on_session(ticker, sessions[row], "capital-gain", severity, text))
        dividend[row] = dividend[row] if holds_it else both
    return {**rest, "dividend": dividend}, findings


def refuse_dividends(ticker: str, sessions: DateArray, columns: Columns) -> tuple[Columns, list[Finding]]:
    """Return columns without dividends that are negative or infinite, an error each."""
    dividend = columns.get("dividend")
    if dividend is None:
        return columns, []
    bad: BoolArray = (dividend < 0) | np.isinf(dividend)
    text = "which is no dividend: not counted"
    found = [
        on_session(
            ticker,
            sessions[row],
            "wrong-dividend",
            "error",
            f"a dividend of {dividend[row]:g} is listed, {text}",
        )
        for row in np.flatnonzero(bad)
    ]
    return {**columns, "dividend": np.where(bad, 0.0, dividend)}, found


def _no_splits(ticker: str, sessions: DateArray, columns: Columns) -> list[Finding]:
    """Find listed splits that are none: below zero, infinite, or of more than a thousand shares of one."""
    split = columns.get("split", np.zeros(0))
    with np.errstate(divide="ignore", invalid="ignore"):
        odd = (split < 0) | ((split > 0) & (np.abs(np.log(split)) >= LARGEST))
    return [
        on_session(
            ticker,
            sessions[row],
            "listed-split",
            "warning",
            f"a split of {split[row]:g} is none: not applied",
        )
        for row in np.flatnonzero(odd).tolist()
    ]


def listed_splits(columns: Columns) -> FloatArray:
    """Return new shares per old one, shape (T,), 0 where none."""
    if "split" in columns:
        split = columns["split"]
        return np.where((split > np.exp(-LARGEST)) & (split < np.exp(LARGEST)) & (split != 1), split, 0.0)
    close, adjusted = columns.get("close"), columns.get("adj_close")
    listed = np.zeros(len(next(iter(columns.values()))))
    if close is not None and adjusted is not None:
        both = np.flatnonzero(~np.isnan(close) & ~np.isnan(adjusted))
        with np.errstate(all="ignore"):
            jumps = np.diff(np.log(adjusted[both] / close[both]), prepend=np.nan)
        at = np.flatnonzero((np.abs(jumps) > JUMP) & (np.abs(jumps) < LARGEST))
        listed[both[at]] = np.exp(jumps[at])
    return listed


def read_move(move: float, size: float, sigma: float) -> str:
    """Return whether a close shows a split ("raw"), not ("adjusted"), or neither clearly ("unclear")."""
    odds = (move**2 - (move + size) ** 2) / (2 * sigma**2)
    fits = max(FITS * sigma, abs(size) / 4)
    if odds > ODDS and abs(move + size) <= fits:
        return "raw"
    return "adjusted" if odds < -ODDS else "unclear"


def _beside(moves: FloatArray, at: int) -> FloatArray:
    """Return the moves of the session before and after, where there are such."""
    return np.concatenate([moves[max(at - 1, 1) : at], moves[at + 1 : at + 2]])


def _scaled(columns: Columns, earlier: BoolArray, ratio: float) -> Columns:
    factors = {**dict.fromkeys(SCALED, 1 / ratio), "volume": ratio, "shares": ratio}
    return {
        name: np.where(earlier, values * factors[name], values) if name in factors else values
        for name, values in columns.items()
    }


def usual_move(close: FloatArray) -> tuple[IntArray, FloatArray, float]:
    """Return the rows with a close, the log move to each, and their standard deviation, NaN if unknown."""
    rows = np.flatnonzero(~np.isnan(close))
    moves = np.diff(np.log(close[rows]), prepend=np.nan)
    sigma = TO_SIGMA * float(np.nanmedian(np.abs(moves))) if len(moves) > LEAST else np.nan
    return rows, moves, sigma


def on_session(ticker: str, session: np.datetime64, rule: str, severity: Severity, text: str) -> Finding:
    """Return a finding on a session."""
    day: date = session.astype(date)
    return Finding(ticker, day, rule, severity, text)
