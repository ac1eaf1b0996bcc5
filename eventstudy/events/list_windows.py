"""Windows that an event list gives its events, against those of the design."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.design import Design, Window
from eventstudy.errors import DesignError

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 3  #: different windows that an error names
FIELDS = ("window", "estimation")


def with_list_windows(design: Design, frame: pd.DataFrame, stated: frozenset[str]) -> Design:
    """Return the design with the windows that a list gives all its events.

    Parameters
    ----------
    stated
        Fields of the design that the caller gives, which the list must not contradict.

    Raises
    ------
    DesignError
        The events have different windows, some have none, or the design states another one.
    """
    changes: dict[str, Any] = {}
    default = Design()
    for name in FIELDS:
        if f"{name}_start" not in frame:
            continue
        counts = Counter(_windows(frame, name))
        if not set(counts) - {None}:
            continue
        if len(counts) > 1:
            shown = ", ".join(
                f"{'none' if window is None else window} for {number:,}"
                for window, number in counts.most_common(MOST_SHOWN)
            )
            problem = f"the event list gives its events different windows ({shown})"
            raise DesignError(name, f"{problem}; give each window a list and a run of its own")
        (window,) = counts
        current = getattr(design, name)
        if current == window:
            continue
        if name in stated or current != getattr(default, name):
            option = f"--{name} {'none' if current is None else f'{current.start}:{current.end}'}"
            raise DesignError(
                name, f"the event list says {window} and the design {option}; leave one of them out"
            )
        changes[name] = window
    if "window" in changes and design.car_windows == default.car_windows and "car_windows" not in stated:
        whole = changes["window"]
        inside = [car for car in design.car_windows if whole.start <= car.start and car.end <= whole.end]
        changes["car_windows"] = tuple(dict.fromkeys((*inside, whole)))
    return design.replace(**changes) if changes else design


def _windows(frame: pd.DataFrame, name: str) -> list[Window | None]:
    start, end = (frame[f"{name}_{part}"].to_numpy(float, na_value=np.nan) for part in ("start", "end"))
    pairs = zip(start.tolist(), end.tolist(), strict=True)
    return [None if first != first else Window(int(first), int(last)) for first, last in pairs]
