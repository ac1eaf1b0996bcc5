"""Windows that an event list gives for each event, and the design that spans all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.design import Design, Window
from eventstudy.errors import DesignError
from eventstudy.intake.event_columns import WINDOW_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

EVENT, ESTIMATION = WINDOW_COLUMNS[:2], WINDOW_COLUMNS[2:]


@dataclass(frozen=True)
class OwnWindows:
    """Event window and estimation window of each firm-event: first and last session, shape (N, 2) each."""

    event: IntArray
    estimation: IntArray

    @classmethod
    def alike(cls, design: Design, n: int) -> OwnWindows:
        """Return the design's windows for n firm-events."""
        event, estimation = (np.array(window) for window in (design.window, design.estimation_window))
        return cls(np.tile(event, (n, 1)), np.tile(estimation, (n, 1)))

    @property
    def are_alike(self) -> bool:
        """Whether every firm-event has the same windows."""
        return all(len(np.unique(pairs, axis=0)) == 1 for pairs in (self.event, self.estimation))

    def of(self, events: IntArray) -> OwnWindows:
        """Return those of some firm-events."""
        return OwnWindows(self.event[events], self.estimation[events])

    def written(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return an event list with these windows in its columns."""
        return frame.assign(
            **dict(zip(WINDOW_COLUMNS, np.hstack([self.event, self.estimation]).T, strict=True))
        )

    def spanned(self, design: Design) -> Design:
        """Return the design with windows that span all of these; the event windows are cumulated too.

        Windows of the design that lie in no event's own are left out. A DesignError says that the estimation
        windows of some events reach into the event windows of others.
        """
        window, estimation = _hull(self.event), _hull(self.estimation)
        if design.estimation is not None and estimation.end >= window.start:
            problem = (
                f"the estimation windows of the list reach to {estimation.end}, and its event windows begin"
            )
            raise DesignError("estimation", f"{problem} at {window.start}; measure them in two studies")
        each = [Window(int(start), int(end)) for start, end in np.unique(self.event, axis=0)]
        kept = [
            car for car in design.car_windows if any(w.start <= car.start and car.end <= w.end for w in each)
        ]
        return design.replace(
            window=window,
            estimation=None if design.estimation is None else estimation,
            car_windows=tuple(dict.fromkeys([*kept, *each])),
        )


def window_problems(frame: pd.DataFrame) -> dict[int, str]:
    """Return what is wrong with the windows of an event list, by row."""
    import pandas as pd

    problems: dict[int, str] = {}
    bounds: dict[str, pd.Series[float]] = {}
    for name in (name for name in WINDOW_COLUMNS if name in frame):
        given = frame[name]
        bounds[name] = pd.to_numeric(given, errors="coerce").astype(float).reset_index(drop=True)
        filled = (given.notna() & (given.astype(str).str.strip() != "")).to_numpy()
        for row in np.flatnonzero(filled & ~(bounds[name] % 1 == 0).to_numpy()).tolist():
            problems[row] = f"{name} {given.iloc[row]!r} is no number of sessions, such as -1"
    for names, example in ((EVENT, "-1 and 1"), (ESTIMATION, "-260 and -11")):
        start, end = (bounds.get(name, pd.Series(np.nan, range(len(frame)))) for name in names)
        for row in np.flatnonzero(start.isna() != end.isna()).tolist():
            problems.setdefault(row, f"{' and '.join(names)} go together, such as {example}")
        for row in np.flatnonzero(start > end).tolist():
            problems.setdefault(row, f"{names[0]} {start[row]:g} lies after {names[1]} {end[row]:g}")
    if EVENT[0] in bounds and ESTIMATION[1] in bounds:
        for row in np.flatnonzero(bounds[ESTIMATION[1]] >= bounds[EVENT[0]]).tolist():
            problems.setdefault(
                row, "the estimation window must end before the event window begins (look-ahead)"
            )
    return problems


def refuse_other_windows(frame: pd.DataFrame, design: Design, stated: Collection[str]) -> None:
    """Refuse a window that the caller states and that no event of a list would have.

    Raises
    ------
    DesignError
        Every event has a window of its own, and the one that is stated is another.
    """
    for name, columns in (("window", EVENT), ("estimation", ESTIMATION)):
        if name not in stated or not set(columns) <= set(frame) or frame[columns[0]].isna().any():
            continue
        own = _pair(frame, columns, design.window)
        wanted = getattr(design, name)
        if not (own == np.array(wanted)).all():
            problem = f"the list gives every event a window of its own, such as {Window(*own[0])}"
            raise DesignError(name, f"{problem}, and {wanted} is stated; leave one of them out")


def own_windows(frame: pd.DataFrame, design: Design) -> OwnWindows | None:
    """Return the windows of an event list, the design's where a row gives none; None where no row does."""
    if not any(name in frame and frame[name].notna().any() for name in WINDOW_COLUMNS):
        return None
    return OwnWindows(_pair(frame, EVENT, design.window), _pair(frame, ESTIMATION, design.estimation_window))


def _pair(frame: pd.DataFrame, names: tuple[str, str], default: Window) -> IntArray:
    import pandas as pd

    bounds = [
        pd.to_numeric(frame[name], errors="coerce").fillna(bound).to_numpy(dtype=np.int64)
        if name in frame
        else np.full(len(frame), bound)
        for name, bound in zip(names, default, strict=True)
    ]
    return np.column_stack(bounds).astype(np.int64)


def _hull(pairs: IntArray) -> Window:
    return Window(int(pairs[:, 0].min()), int(pairs[:, 1].max()))
