"""Sessions of estimation windows on a grid that lie around other events of the security."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.engine.grid_estimation import Grid, gathered
from eventstudy.engine.grid_study import GridShard
from eventstudy.panel.left_out import MASK_REACH, left_out_sessions
from eventstudy.panel.masking import widest_reach


def left_out_of(shard: GridShard, rows: slice, need: int) -> tuple[BoolArray, IntArray]:
    """Return which estimation sessions are left out, (n, L1), and how far around other events, (n,).

    Parameters
    ----------
    need
        Usable returns that a firm-event needs: masks are as wide as leaves so many.
    """
    study, window = shard.study, shard.study.time.estimation
    day0, security = study.day0[rows, None], study.security[rows, None]
    last = len(shard.covered) - 1
    sessions = day0 + np.arange(window.start, window.end + 1)
    there, sessions = (sessions >= 0) & (sessions <= last), np.clip(sessions, 0, last)
    bounds = np.zeros_like(day0), np.full_like(day0, last)

    def masked(reach: IntArray) -> BoolArray:
        found = left_out_sessions(shard.covered, sessions, security, day0, reach[:, None], bounds)
        return found & there

    reach = np.full(len(day0), MASK_REACH)
    near = np.flatnonzero(masked(reach).any(axis=1))
    if len(near):
        y, x = gathered(study.grid, study.security[rows], study.day0[rows], window)
        usable = np.isfinite(y) & np.isfinite(x).all(axis=2)
        widest = widest_reach(usable, masked, np.full(len(day0), need))
        reach[near] = widest[near]
    return masked(reach), reach


def without(grid: Grid, security: IntArray, first: IntArray, left_out: BoolArray) -> tuple[Grid, IntArray]:
    """Return a grid with a row for each firm-event, without the returns that are left out, and its rows.

    Parameters
    ----------
    first
        First session of the estimation window of each firm-event, shape (n,).
    """
    grid = Grid(grid.returns[security], grid.regressors)
    row, session = np.nonzero(left_out)
    column = first[row] + session
    there = (column >= 0) & (column < grid.returns.shape[1])
    grid.returns[row[there], column[there]] = np.nan
    return grid, np.arange(len(security))
