"""The compiled sums of a calendar-time portfolio: those of `Days`, session by session."""

from __future__ import annotations

import numba
import numpy as np

#: No option lets the compiler reorder sums: each is taken in the stated order on every machine.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@compiled
def gather_values(ret, regressors, rows, values):  # type: ignore[no-untyped-def]
    """Fill return and regressors of some rows, shape (n, L, 1 + q); NaN comes first where one is missing."""
    for i in range(len(rows)):
        row = rows[i]
        for t in range(ret.shape[1]):
            there = np.isfinite(ret[row, t])
            for q in range(regressors.shape[2]):
                value = regressors[row, t, q]
                values[i, t, 1 + q] = value
                there &= np.isfinite(value)
            values[i, t, 0] = ret[row, t] if there else np.nan


@compiled
def add_once(day, sessions, complete, ret, regressors, units, firms, sums):  # type: ignore[no-untyped-def]
    """Add what firm-events have on single sessions of the event window, one of a firm each, to their days.

    Parameters
    ----------
    day
        Of n firm-events, shape (n,).
    sessions, complete
        Which S sessions, and which firm-events count, shape (n, S).
    ret, regressors
        Shapes (n, L) and (n, L, q).
    units
        Of the limbs that are added, descending.
    firms, sums
        Of each session and day, shapes (S, D) and (S D, 1 + q, units); changed.
    """
    inverse, days = 1.0 / units, firms.shape[1]
    for i in range(len(day)):
        for s in range(len(sessions)):
            t = sessions[s]
            there = complete[i, s] and np.isfinite(ret[i, t])
            for q in range(regressors.shape[2]):
                there &= np.isfinite(regressors[i, t, q])
            if not there:
                continue
            firms[s, day[i]] += 1
            c = s * days + day[i]
            _add_limbs(ret[i, t], units, inverse, sums, c, 0)
            for q in range(regressors.shape[2]):
                _add_limbs(regressors[i, t, q], units, inverse, sums, c, 1 + q)


@compiled
def add_listed(  # type: ignore[no-untyped-def]
    firm, session, place, complete, first, last, position, day, cell, values, start, units, used, firms, sums
):
    """Add what firm-events have on each session of a window, over the listings of their firm, to its cell.

    Parameters
    ----------
    firm, session
        Of m firm-events, ascending, and their day 0, shape (m,); those of a firm by where windows begin.
    place
        Which of the n rows of values each has, -1 for a neighbour, shape (m,).
    complete
        Which of them count, shape (m,).
    first, last, position
        Sessions of the calendar of each day 0: the first, the last, and all, shape (D, l); negative for none.
    day, cell
        Which row of cells each row of values has, shape (n,), and the cells, shape (C, L).
    values, start
        Shape (n, L, 1 + q), NaN first where not all are there, and the first of the window's sessions.
    units
        Of the limbs that are added, descending.
    used, firms, sums
        Of each cell: whether it has values, its firms, and limbs, shape (cells, 1 + q, units); changed.
    """
    m = 0
    kept, begin, end = np.empty((3, len(firm)), dtype=np.int64)
    for i in range(len(firm)):
        if complete[i] and last[session[i]] >= 0:
            kept[m], begin[m], end[m] = i, first[session[i]], last[session[i]]
            m += 1
    inverse = 1.0 / units
    after = before = tail = 0
    for k in range(m):
        i = kept[k]
        if k == tail:
            after = before = k
            while tail < m and firm[kept[tail]] == firm[i]:
                tail += 1
        if place[i] < 0:
            continue
        row, pair, date = place[i], day[place[i]], session[i]
        begun, ended, met = after, before, False
        for t in range(position.shape[1]):
            if position[date, t] < 0:
                continue
            while begun < tail and begin[begun] <= position[date, t]:
                begun += 1
            while ended < tail and end[ended] < position[date, t]:
                ended += 1
            if not met:
                after, before, met = begun, ended, True
            if np.isnan(values[row, start + t, 0]):
                continue
            c, listings = cell[pair, start + t], begun - ended
            used[c] = True
            firms[c] += begun - 1 == k
            for q in range(values.shape[2]):
                value = values[row, start + t, q]
                _add_limbs(value / listings if listings > 1 else value, units, inverse, sums, c, q)


@compiled
def _add_limbs(number, units, inverse, sums, row, column):  # type: ignore[no-untyped-def]
    for place in range(len(units)):
        limb = np.rint(number * inverse[place])
        sums[row, column, place] += np.int64(limb)
        number -= limb * units[place]
        if number == 0.0:
            break
