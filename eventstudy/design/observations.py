"""How many estimation returns a fit needs at least."""

from __future__ import annotations

import math
from collections.abc import Iterable

from eventstudy.design.arguments import is_whole, refusal
from eventstudy.design.window import Window

MIN_OBSERVATIONS_OVER_K = 10  #: the estimation window never has fewer than k + 10 returns
MIN_ESTIMATION_SHARE = 0.6  #: and by default never fewer than 60% of its sessions


def least_observations(
    windows: Iterable[Window], stated: float | None, k: int, length: int | None = None
) -> int:
    """Return the least number of usable returns for a fit of ``k`` coefficients; 0 without a window.

    Parameters
    ----------
    windows, length
        The estimation windows, and the sessions of an event's own ones, which go before.
    stated
        `Design.min_estimation`: a count, or a share of the sessions.
    """
    if not is_whole(k) or k < 0:
        raise refusal("k", k, "a number of coefficients")
    if length is not None and (not is_whole(length) or length < 0):
        raise refusal("length", length, "a number of sessions")
    windows = tuple(windows)
    if not windows:
        return 0
    length = sum(each.length for each in windows) if length is None else length
    least = MIN_ESTIMATION_SHARE if stated is None else stated
    is_share = isinstance(least, float) and least <= 1
    count = math.ceil(least * length) if is_share else int(least)
    return max(count, k + MIN_OBSERVATIONS_OVER_K)
