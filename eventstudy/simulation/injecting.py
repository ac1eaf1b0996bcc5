"""An abnormal return and event-induced variance on day 0, put into abnormal returns that are estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.significance.abnormal import AbnormalReturns


def injected(abnormal: AbnormalReturns, effect: float, variance: float) -> AbnormalReturns:
    """Return abnormal returns with something added on day 0.

    The estimation ends before the event window, so that a return added on day 0 is in the abnormal return of
    day 0 and nowhere else: this gives what adding it to the security's return does.

    Parameters
    ----------
    effect
        Added to return and abnormal return, decimal.
    variance
        Factor by which the variance of the abnormal return is multiplied first.
    """
    day0 = -abnormal.window.start
    change = np.zeros(abnormal.ar.shape)
    change[:, day0] = (np.sqrt(variance) - 1.0) * abnormal.ar[:, day0] + effect
    return replace(abnormal, ar=abnormal.ar + change, ret=abnormal.ret + change)
