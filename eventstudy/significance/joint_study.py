"""The joint F of an event among the left-out windows of all events of the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.design import Window
from eventstudy.significance.joint_reference import JointCell, JointReference, joint_references
from eventstudy.significance.multivariate import NOT_LEAST_SQUARES, Part, collect, wald
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import SignificanceResult, SignificanceTest


def joint_study(
    system: OneDate, references: Mapping[Window, JointReference] | None = None
) -> SignificanceResult:
    """Rank the p-value of the event's joint F among those of the left-out windows of all events.

    Parameters
    ----------
    references
        Of each window, from all events of the study, this one included; by default the event is the study.
    """
    known = _alone(system) if references is None else references

    def part(tickers: IntArray, windows: IntArray) -> Part:
        if system.abnormal.past.regressors is not None:
            return Part(note=NOT_LEAST_SQUARES)
        observed = wald(system, tickers, windows, len(tickers), np.eye)
        if np.ndim(observed.statistic) == 0:  # it cannot be computed, and the note says why
            return observed
        own = [known[system.windows[window]] for window in windows]
        scores = np.asarray(observed.pvalue)[:, None]
        pvalue = np.array([each.pvalue(score)[0] for each, score in zip(own, scores, strict=True)])
        statistic = np.where(np.isfinite(pvalue), observed.statistic, np.nan)
        return Part(statistic, pvalue, note=[each.note for each in own])

    return collect(system, part)


def _alone(system: OneDate) -> dict[Window, JointReference]:
    """Return the references of a study that is one event."""

    def cells() -> Iterator[JointCell]:
        for tickers, windows in system.patterns:
            if tickers.size:
                yield JointCell(system, tickers, windows, system.sessions)

    return joint_references(cells, int(system.sessions.max()) + 1)


JOINT_STUDY = SignificanceTest(
    function=joint_study,
    scope="one date",
    unit="tickers",
    distribution="rank",
    parametric=False,
    robust_to=("cross-correlation", "fat tails"),
    independent_sessions=True,
    summary="Rank of the event's joint F among those of the left-out windows of all events.",
    null="the event's CARs have the distribution of those in the estimation windows of all events",
    formulas=(
        r"p = (1 + N_{eff} S) / (1 + N_{eff}), \quad S = \#\{j: q_j \le q\} / n",
        r"q = P(F(N, M-k-N+1) \ge F), \quad q_j = P(F(N, M-k-L-N+1) \ge F_j)",
    ),
    notes="""`F` is `joint_f` of the event. `F_j` are the `n` left-out joint F of `joint_placebo`, of all
    events of the study. Events with different numbers of tickers and sessions compare by their p-values `q`.
    `N_eff` is the number of distinct sessions that all events use, over the length `L` of the window: a
    session counts once, however many events and tickers have it, and overlapping windows are no new
    observations. Holm and Benjamini-Hochberg are over the events.

    Only for events with several tickers. Two events with the same day 0 and tickers count once in the
    reference and share the p-value. Has no direction and names no firm-day. Needs no normality; over-rejects
    where the event days themselves are more volatile. Missing returns as in `joint_f`. Of one event alone it
    is `joint_placebo` with `N_eff` in the place of the number of overlapping windows.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht009""",
)
