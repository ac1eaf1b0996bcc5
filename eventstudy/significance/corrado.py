"""Corrado, and Corrado & Zivney: ranks and signs in estimation and event window together."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.numerics.distributions import normal_pvalue
from eventstudy.significance.result import SIZE, SignificanceResult
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.scores import score_totals

TOO_FEW = f"too few: p cannot fall below {SIZE}"


def corrado_rank(sample: CrossSection) -> SignificanceResult:
    r"""Test the ranks of the event window's abnormal returns among those of both windows together.

    Notes
    -----
    .. math:: z = \sum_\tau u_\tau / (\sqrt L S_U), \quad u_\tau = \sum_i (U_{i\tau} - 1/2) / \sqrt{N_\tau},
        \quad U_{i\tau} = \mathrm{rank}_{i\tau} / (T_i + 1), \quad S_U^2 = \overline{u_\tau^2} \sim N(0, 1)

    ``T_i`` counts the sessions of estimation and event window with an abnormal return, tied ones share their
    mean rank; the mean of ``S_U`` runs over all sessions of both windows that have a firm, ``L`` over those
    of the window.

    H0: no session of the window stands out of its firm-event's own series. Assumes no distribution; takes
    cross-correlation in through ``S_U``. Partly robust to event-induced variance. Over long windows it loses
    power, for a drift of many sessions raises the ranks it is held against.

    A missing return leaves the others in: ``n`` counts the firm-events that enter some session of the window.
    One firm-event has a uniform ``U``, not a normal one: see `rank_single`.

    References
    ----------
    Corrado 1989, Journal of Financial Economics 23, 385-395, doi:10.1016/0304-405X(89)90064-0; Corrado &
    Zivney 1992, Journal of Financial and Quantitative Analysis 27, 465-478, doi:10.2307/2331331 (missing
    returns); Cowan 1992, Review of Quantitative Finance and Accounting 2, 343-358, doi:10.1007/BF00939016
    (windows).
    """
    ranks = sample.history.double_ranks
    entries = sample.history.n_sessions[sample.events]

    def centred(rows: IntArray) -> IntArray:
        double = ranks[sample.events[rows]].astype(np.int32)
        return np.where(double > 0, double - (entries[rows, None] + 1).astype(np.int32), 0)

    return _in_event_time(sample, score_totals(sample, entries, centred), largest=0.5)


def corrado_sign(sample: CrossSection) -> SignificanceResult:
    r"""Test the signs of the event window's abnormal returns about the median of both windows together.

    Notes
    -----
    .. math:: z = \sum_\tau g_\tau / (\sqrt L S_G), \quad g_\tau = \sum_i G_{i\tau} / \sqrt{N_\tau}, \quad
        G_{i\tau} = \mathrm{sign}(AR_{i\tau} - \mathrm{median}_i), \quad S_G^2 = \overline{g_\tau^2} \sim
        N(0, 1)

    The median is that of all sessions of estimation and event window with an abnormal return, of an even
    number the mean of the two middle ones; on it ``G`` is 0. Means and windows as in `corrado_rank`.

    H0: the abnormal returns of the window lie above their median as often as below. Needs no symmetric
    distribution; takes cross-correlation in through ``S_G``; robust to event-induced variance. Missing
    returns and ``n`` as in `corrado_rank`.

    References
    ----------
    Corrado & Zivney 1992, Journal of Financial and Quantitative Analysis 27, 465-478, doi:10.2307/2331331.
    """
    signs = sample.history.signs
    total = sample.total_of(lambda rows: signs[sample.events[rows]].astype(np.int64))
    return _in_event_time(sample, total, largest=1.0)


def _in_event_time(sample: CrossSection, total: Any, *, largest: float) -> SignificanceResult:
    """Return the test of scores over windows, standardised by all sessions of both windows.

    Parameters
    ----------
    total
        Sums of scores over the firms of a session, shape (G, L1 + L).
    largest
        The score of one firm-event is at most this.
    """
    ranks = sample.history.double_ranks
    firms = sample.total_of(lambda rows: (ranks[sample.events[rows]] > 0).astype(np.int64))
    there = firms > 0
    root = np.sqrt(firms)
    standardised = total / np.where(there, root, 1.0)
    before = ranks.shape[1] - sample.history.window.length
    parts = [sample.history.columns(window) for window in sample.windows]

    def over_windows(sessions: Any) -> Any:
        return np.column_stack([sessions[:, before:][:, part].sum(axis=1) for part in parts])

    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt((standardised**2).sum(axis=1) / there.sum(axis=1))
        scale = np.where(spread > 0, spread, np.nan)[:, None] * np.sqrt(over_windows(there))
        z = over_windows(standardised) / scale
        furthest = largest * over_windows(root) / scale
    present = np.isfinite(sample.history.ar[sample.events])
    n = sample.total(np.column_stack([present[:, part].any(axis=1) for part in parts]).astype(np.int64))
    smallest = normal_pvalue(furthest, "two-sided" if sample.alternative == "two-sided" else "greater")
    note = np.where(smallest > SIZE, TOO_FEW, "")
    return SignificanceResult(z, normal_pvalue(z, sample.alternative), n, note=note)
