"""Returns of a size that hardly any trading makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.soundness.bars import TO_SIGMA

TENFOLD = 9.0  #: a return from which a series was ten times as high as the session before: a change of unit
DOUBLED, FALLEN = 1.0, -0.8  #: a doubling or a loss of four fifths, which news makes now and then
SMALLEST, DEVIATIONS = 0.3, 40.0  #: the largest of 28 US series over eleven years was 29 deviations
WAY_BACK = 5  #: calendar days from a wrong figure to the next session, which takes it back
LEAST = 60  #: returns without which a deviation is not known


def without_known_jumps(found: Sequence[Finding], told: Sequence[Finding]) -> Iterator[Finding]:
    """Leave out huge returns that another rule tells already, on that session or on the way back from it."""
    known: dict[str, list[Finding]] = {}
    for each in told:
        if each.session and each.severity != "info":
            known.setdefault(each.ticker, []).append(each)
    for each in found:
        day = each.session
        doubled = each.rule == "huge-return" and any(
            other.session and day and 0 <= (day - other.session).days <= WAY_BACK
            for other in known.get(each.ticker, ())
            if each.severity == "warning" or other.severity == "error"
        )
        if not doubled:
            yield each


def huge_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find returns that double a series, take four fifths of it, or are 40 of its standard deviations.

    A tenfold price is an error; less is a suspicion, which a takeover or a failed trial may explain. A total
    loss is that of a delisting.
    """
    with np.errstate(over="ignore"):
        simple = np.expm1(table.values) if table.kind == "log" else table.values
    size = np.abs(simple)
    known = np.isfinite(size)
    median = np.array(
        [np.median(size[known[:, at], at]) if known[:, at].any() else 0.0 for at in range(size.shape[1])]
    )
    sigma = np.where((known.sum(axis=0) >= LEAST) & (median > 0), TO_SIGMA * median, np.inf)
    with np.errstate(invalid="ignore"):
        odd = (simple > DOUBLED) | ((simple < FALLEN) & (simple > -1.0))
        odd |= (size > np.maximum(DEVIATIONS * sigma, SMALLEST)) & (simple > -1.0)
    for row, column in np.argwhere(odd).tolist():
        value = simple[row, column]
        certain = value >= TENFOLD
        why = (
            "no trading makes such a return: a change of unit or a wrong figure"
            if certain
            else "is it right?"
        )
        yield table.finding(
            row, column, "huge-return", "error" if certain else "warning", f"a return of {value:+.1%}: {why}"
        )
