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
def add_listed(  # type: ignore[no-untyped-def]
    firm, session, place, complete, first, last, position, day, cell, values, units, used, firms, sums
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
        Which row of cells each row of values has, shape (n,), and the cells, shape (C, l).
    values
        Shape (n, l, 1 + q), NaN first where not all are there.
    units
        Of the limbs that are added, ascending.
    used, firms, sums
        Of each cell: whether it has values, its firms, and limbs, shape (units, cells, 1 + q); changed.
    """
    m, sessions, width = 0, values.shape[1], values.shape[2]
    kept = np.empty(len(firm), dtype=np.int64)
    for i in range(len(firm)):
        kept[m] = i
        m += complete[i] and last[session[i]] >= 0
    inverse = 1.0 / units
    after = before = head = tail = 0
    for k in range(m):
        i = kept[k]
        if k == tail:
            head = after = before = k
            while tail < m and firm[kept[tail]] == firm[kept[head]]:
                tail += 1
        if place[i] < 0:
            continue
        own, into, row = values[place[i]], cell[day[place[i]]], position[session[i]]
        begun, ended, met = after, before, False
        for t in range(sessions):
            if row[t] < 0:
                continue
            while begun < tail and first[session[kept[begun]]] <= row[t]:
                begun += 1
            while ended < tail and last[session[kept[ended]]] < row[t]:
                ended += 1
            if not met:
                after, before, met = begun, ended, True
            if np.isnan(own[t, 0]):
                continue
            c = into[t]
            used[c] = True
            firms[c] += begun - 1 == k
            listings = max(begun - ended, 1)
            for q in range(width):
                rest = own[t, q] / listings
                for u in range(len(units) - 1, -1, -1):
                    limb = np.rint(rest * inverse[u])
                    sums[u, c, q] += np.int64(limb)
                    rest -= limb * units[u]
                    if rest == 0.0:
                        break
