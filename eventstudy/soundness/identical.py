"""Two series that are one: the same returns under two names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding

LEAST = 20  #: common returns that are not zero without which two series are not compared
EQUAL = 1e-9  #: decimal: rounding of returns that were taken from the same closes
ALIKE = 0.95  #: share of common sessions; no two securities agree to nine digits on more than a few
PROBES = 12  #: sessions at which equal returns make a pair worth comparing


def identical_returns(table: ReturnTable) -> Iterator[Finding]:
    """Find series with the same returns on nearly all common sessions: one has the figures of the other."""
    for one, other in _candidates(table.values):
        both = np.isfinite(table.values[:, one]) & np.isfinite(table.values[:, other])
        a, b = table.values[both, one], table.values[both, other]
        same = np.abs(a - b) <= EQUAL
        if np.count_nonzero(a[same]) >= LEAST and same.mean() > ALIKE:
            for own, twin in ((one, other), (other, one)):
                text = (
                    f"has the returns of {table.names[twin]} on {same.sum()} of {len(same)} common sessions"
                )
                yield table.about(own, "identical-returns", "error", text)


def _candidates(values: FloatArray) -> list[tuple[int, int]]:
    """Return the pairs of columns that are equal and not zero at some of the fullest rows."""
    full: IntArray = np.argsort(-np.isfinite(values).sum(axis=1), kind="stable")
    pairs: set[tuple[int, int]] = set()
    for row in full[: max(len(full) // 2, 1)][:: max(len(full) // 2 // PROBES, 1)]:
        order = np.argsort(values[row], kind="stable")
        ordered = values[row][order]
        with np.errstate(invalid="ignore"):
            equal = (np.abs(np.diff(ordered)) <= EQUAL) & (ordered[1:] != 0)
        pairs |= {
            (int(min(order[at : at + 2])), int(max(order[at : at + 2]))) for at in np.flatnonzero(equal)
        }
    return sorted(pairs)
