"""How a firm-event's abnormal return is read first: its interval, and whether its firm-day is named.

A firm-day is a ticker and its day 0. It is named where its Benjamini-Hochberg p-value of the first window,
over all firm-days of the study, is at most `NAMED`, and beyond doubt where its Holm p-value is too.
"""

from __future__ import annotations

from eventstudy.numerics.multiplicity import NAMED
from eventstudy.results.row_groups import Row

#: Columns of ``cars`` with the ends of the interval: the conformal ones, and those of t where there is none.
ENDS = ("conformal_low", "conformal_high", "ci_low", "ci_high")


def mark(car: Row) -> str:
    """Return the mark of a row of ``cars`` of the first window: ``*`` named, ``**`` beyond doubt, or none."""
    if not _at_most(car["pvalue_study_bh"]):
        return ""
    return "**" if _at_most(car["pvalue_study_holm"]) else "*"


def first_interval(car: Row) -> tuple[float | None, float | None]:
    """Return the ends of the conformal interval of a row of ``cars``, or of that of t where there is none."""
    if car["conformal_low"] is not None:
        return car["conformal_low"], car["conformal_high"]
    return car["ci_low"], car["ci_high"]


def verdict(car: Row) -> str:
    """Return ``beyond_doubt``, ``named`` or ``not_named`` for a row of ``cars`` of the first window."""
    return {"": "not_named", "*": "named", "**": "beyond_doubt"}[mark(car)]


def excludes_zero(car: Row) -> bool:
    """Tell whether the conformal interval of a row of ``cars`` and that of t both exclude zero.

    An interval that is missing is left out; without any the answer is no.
    """
    ends = [(car[low], car[high]) for low, high in (ENDS[:2], ENDS[2:])]
    known = [low > 0 or high < 0 for low, high in ends if low is not None and high is not None]
    return bool(known) and all(known)


def _at_most(pvalue: float | None) -> bool:
    return pvalue is not None and pvalue <= NAMED
