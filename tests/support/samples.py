"""Seeded samples of firm-events in groups, as arrays: what the tests of significance are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.design import Window
from eventstudy.significance.history import History
from eventstudy.significance.sample import CrossSection, InCalendarTime

WINDOWS = (Window(0, 0), Window(0, 1), Window(-2, 2), Window(-1, -1))


def random_sample(
    rng: np.random.Generator,
    sizes: tuple[int, ...] = (12,),
    *,
    sessions: int = 60,
    missing: float = 0.0,
    shift: float = 0.0,
    windows: tuple[Window, ...] = WINDOWS,
    **changes: Any,
) -> CrossSection:
    """Return independent firm-events, one group per size, with an estimation window of ``sessions``.

    Parameters
    ----------
    missing
        Share of estimation and event returns that are NaN.
    shift
        Added to the abnormal return of day 0, decimal.
    changes
        Fields to replace.
    """
    n, window = sum(sizes), Window(-2, 2)
    scale = rng.uniform(0.01, 0.04, (n, 1))
    residuals = rng.normal(size=(n, sessions)) * scale
    ar = rng.normal(size=(n, window.length)) * scale
    ar[:, 2] += shift
    residuals[rng.random(residuals.shape) < missing] = np.nan
    ar[rng.random(ar.shape) < missing] = np.nan
    used = np.isfinite(residuals).sum(axis=1)
    sigma = np.sqrt(np.nansum(residuals**2, axis=1) / (used - 2))
    columns = [slice(each.start + 2, each.end + 3) for each in windows]
    car = np.column_stack([ar[:, part].sum(axis=1) for part in columns])
    length = np.array([each.length for each in windows])
    date = np.arange(n) // 2  # two firm-events a date
    values: dict[str, Any] = {
        "group": np.repeat(np.arange(len(sizes)), sizes),
        "groups": len(sizes),
        "windows": windows,
        "car": car,
        "scar": car / (sigma[:, None] * np.sqrt(length * (1 + 1 / used[:, None]))),
        "bhar": np.column_stack([np.prod(1 + ar[:, part], axis=1) - 1 for part in columns]),
        "df": used - 2.0,
        "ticker": rng.integers(0, max(n // 2, 1), n),
        "date": date,
        "alternative": "two-sided",
        "seed": 7,
        "history": History(
            estimation=Window(-2 - sessions, -3),
            window=window,
            residuals=residuals,
            studentised=residuals / (sigma[:, None] * np.sqrt(1 - rng.uniform(0.01, 0.1, residuals.shape))),
            ar=ar,
        ),
        "events": np.arange(n),
        "correlation": lambda: np.full((len(sizes), len(windows)), 0.1),
        "calendar_time": lambda: InCalendarTime(
            position=3 * date[:, None] + np.arange(5), ret=ar, regressors=np.zeros((n, 5, 0))
        ),
    }
    return CrossSection(**{**values, **changes})


SIZES = (12, 0, 7, 1, 30)  #: several groups at once, one of them empty and one alone


def each_cell(sample: CrossSection) -> Iterator[tuple[int, int, Any]]:
    """Yield every group and window by their places, with the rows complete in it."""
    for group in range(sample.groups):
        for place in range(len(sample.windows)):
            yield group, place, np.flatnonzero((sample.group == group) & np.isfinite(sample.car[:, place]))


def shuffled(sample: CrossSection, rng: np.random.Generator) -> CrossSection:
    """Return the same firm-events in another order within their groups."""
    order = np.lexsort((rng.random(len(sample.group)), sample.group))
    panel = sample.calendar_time()
    moved = {name: getattr(sample, name)[order] for name in ("car", "scar", "bhar", "df", "ticker", "date")}
    moved |= {"events": sample.events[order]}
    return replace(sample, **moved, calendar_time=lambda: InCalendarTime(*(each[order] for each in panel)))
