"""Seeded samples of firm-events whose windows overlap on the calendar, with regressors."""

from __future__ import annotations

from typing import Any

import numpy as np
from samples import SIZES, random_sample

from eventstudy.significance.sample import Alignment, CrossSection, InCalendarTime, Neighbours


def with_market(
    rng: np.random.Generator, q: int, sizes: tuple[int, ...] = SIZES, **asked: Any
) -> CrossSection:
    """Return firm-events whose windows overlap, some of one firm, with q regressors by session.

    The axis ends within the first and the last windows.
    """
    sample = random_sample(rng, sizes, **asked)
    n = len(sample.group)
    days = np.arange(n + 3)[:, None] + np.arange(5)  # of each day 0
    session = rng.integers(0, n + 3, n)
    position = days[session]
    market = rng.normal(0, 0.01, (n + 7, q))
    own = rng.normal(size=(n, q)) * 0.001  # benchmarks differ by firm
    regressors = market[position] + own[sample.ticker][:, None, :]
    idiosyncratic = rng.normal(0, 0.02, (n, n + 7))[sample.ticker[:, None], position]
    ret = np.where(np.isfinite(sample.history.ar), idiosyncratic + regressors.sum(axis=2), np.nan)
    days = np.where((days < 3) | (days > n + 3), -1 - np.arange(5), days - 3)
    alignment = Alignment(session, days, days, Neighbours.none(len(sample.windows)))
    return random_sample(
        rng, sizes, car=sample.car, history=sample.history, alignment=lambda: alignment,
        calendar_time=lambda: InCalendarTime(ret, regressors),
        **{"ticker": sample.ticker, **asked},
    )  # fmt: skip
