"""The rule of the study's headline on the median t: which firm-days stand out over all specifications."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import Alternative
from eventstudy.design import Window
from eventstudy.inference.study_inference import FirmDays, StudyInference, firm_days, inference_of
from eventstudy.models.estimation import CHUNK
from eventstudy.panel.panel import Panel
from eventstudy.significance.romano_wolf import towards
from eventstudy.specification_curve.measuring import Curves


def study_rule(
    panel: Panel, curves: Curves, windows: Sequence[Window], alternative: Alternative
) -> StudyInference:
    """Compare the median t of every firm-day with its values at the common shifts of all firm-days.

    Parameters
    ----------
    panel
        Of any specification: the firm-events are the same in all.

    Notes
    -----
    As `study_inference`, with ``med_s t`` in the place of ``t``, its value at each common shift in the place
    of the left-out ``t``, and the sessions that every specification uses for ``N_eff``. With one
    specification it is the same. Earlier sessions are not used.
    """
    days = [
        firm_days(panel, window, joint.median, curves.window, alternative)
        for window, joint in zip(windows, curves.joint, strict=True)
    ]
    for own, joint in zip(days, curves.joint, strict=True):
        _fill(panel, curves, own, towards(joint.reference, alternative))
    return inference_of(tuple(windows), days)


def _fill(panel: Panel, curves: Curves, days: FirmDays, scores: np.ndarray) -> None:
    """Count the common shifts of every firm-day of a window, and the sessions that it uses."""
    code = np.unique(panel.security[days.first], return_inverse=True)[1]
    for start in range(0, len(days.first), CHUNK):
        number = np.arange(start, min(start + CHUNK, len(days.first)))
        events = days.first[number]
        days.reference.add(number, scores[events])
        rows, used = panel.rows(events, curves.window)[0], curves.used[events]
        days.reference.used[rows[used], np.repeat(code[number], used.sum(axis=1))] = True
