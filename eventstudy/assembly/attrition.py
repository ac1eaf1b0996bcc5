"""From an event list to the firm-events that are measured: what was lost at each step, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import BoolArray
from eventstudy.intake.event_columns import LeftOut
from eventstudy.models.estimation import Estimates, Specification
from eventstudy.numerics.columns import Columns

LISTED, READ, REQUESTED, SKIPPED, MEASURED = "listed", "left out", "not requested", "skipped", "measured"


class Step(NamedTuple):
    """Rows lost at a step for one reason, and how many are left after it."""

    step: str
    reason: str
    lost: int
    left: int


def attrition_columns(
    spec: Specification, estimates: Estimates, left_out: Sequence[LeftOut], unrequested: int
) -> Columns:
    """Return the columns of the table ``attrition``: its losses and the firm-events measured add up.

    Parameters
    ----------
    left_out
        Rows of the event list that are no firm-events.
    unrequested
        Firm-events of the list whose ticker was not requested.
    """
    lost = [(READ, each.reason, each.rows) for each in left_out]
    lost.append((REQUESTED, "of other tickers", unrequested))
    lost += [(SKIPPED, reason, int(rows.sum())) for reason, rows in _skipped(spec, estimates)]
    left = len(estimates.reason) + sum(each.rows for each in left_out) + unrequested
    steps = [Step(LISTED, "", 0, left)]
    for step, reason, number in lost:
        if number:
            left -= number
            steps.append(Step(step, reason, number, left))
    steps.append(Step(MEASURED, "", 0, left))
    return {name: _column(steps, name) for name in Step._fields}


def _skipped(spec: Specification, estimates: Estimates) -> Iterator[tuple[str, BoolArray]]:
    """Yield each reason to skip a firm-event with those it holds for first, shape (N,)."""
    panel, open_ = spec.panel, ~estimates.ok
    excluded = np.array(["; quality: flag " in text for text in panel.reason], dtype=bool)
    need = spec.required_observations(np.arange(len(panel)))
    cannot = np.array([text.startswith("the ") for text in estimates.reason], dtype=bool)
    for reason, holds in (
        ("the security is not in the prices", panel.security < 0),
        ("the benchmark or a factor is not in the prices", (panel.regressors < 0).any(axis=1)),
        ("no day 0: its exchange has no calendar", np.isnat(panel.firm_events.session)),
        ("its prices are in doubt: see findings", excluded),
        ("day 0 or the event window lies outside the prices", panel.reason != ""),
        ("too few estimation returns", estimates.abnormal.n < need),
        ("the model cannot be estimated", cannot),
        ("no return on day 0", np.ones(len(panel), dtype=bool)),
    ):
        yield reason, open_ & holds
        open_ = open_ & ~holds


def _column(steps: Sequence[Step], name: str) -> Any:
    values = [getattr(step, name) for step in steps]
    return np.array(values, dtype=np.int64 if name in ("lost", "left") else object)
