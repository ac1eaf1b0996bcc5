"""Windows that an event list gives for each event, and the design that spans all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventstudy._typing import BoolArray, IntArray
from eventstudy.design import Design, Window, Windows
from eventstudy.design.window import each_window, united
from eventstudy.errors import DesignError
from eventstudy.intake.event_columns import WINDOW_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

EVENT, ESTIMATION = WINDOW_COLUMNS[:2], WINDOW_COLUMNS[2:]


@dataclass(frozen=True)
class OwnWindows:
    """Event window and P estimation windows of each firm-event: first and last sessions.

    Attributes
    ----------
    event, estimation
        Shapes (N, 2) and (N, P, 2); the estimation windows in the order of time.
    """

    event: IntArray
    estimation: IntArray

    @classmethod
    def alike(cls, design: Design, n: int) -> OwnWindows:
        """Return the design's windows for n firm-events."""
        return cls(np.tile(np.array(design.window), (n, 1)), _estimation_of(design, n))

    @property
    def are_alike(self) -> bool:
        """Whether every firm-event has the same windows."""
        return all(
            len(np.unique(pairs.reshape(len(pairs), -1), axis=0)) == 1
            for pairs in (self.event, self.estimation)
        )

    def of(self, events: IntArray) -> OwnWindows:
        """Return those of some firm-events."""
        return OwnWindows(self.event[events], self.estimation[events])

    def written(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return an event list with these windows in its columns; several estimation windows are in none."""
        one = self.estimation.shape[1] == 1
        names, pairs = (
            (WINDOW_COLUMNS, np.hstack([self.event, self.estimation[:, 0]])) if one else (EVENT, self.event)
        )
        return frame.assign(**dict(zip(names, pairs.T, strict=True)))

    def in_estimation(self, window: Window) -> BoolArray:
        """Return which sessions of a window lie in each estimation window, shape (N, P, L)."""
        tau = np.arange(window.start, window.end + 1)
        return np.asarray((tau >= self.estimation[:, :, :1]) & (tau <= self.estimation[:, :, 1:]))

    def places(self, window: Window) -> IntArray | None:
        """Return which estimation window each session of a window is in, shape (N, L); None where P is 1.

        They are numbered from day 0 on and round to it, so that those after the event come first and have
        numbers below 0. A session in none has that of the first.
        """
        if self.estimation.shape[1] == 1:
            return None
        after, count = self.estimation[:, :, 0] > self.event[:, 1:], self.estimation.shape[1]
        number = np.where(after, np.arange(count) - count, np.arange(count))
        return np.asarray(np.take_along_axis(number, self.in_estimation(window).argmax(axis=1), axis=1))

    def spanned(self, design: Design) -> Design:
        """Return the design with windows that span all of these; the event windows are cumulated too.

        Windows of the design that lie in no event's own are left out. A DesignError says that the estimation
        windows of some events reach into the event windows of others.
        """
        window = Window(int(self.event[:, 0].min()), int(self.event[:, 1].max()))
        estimation = design.estimation
        if estimation is not None:
            pairs = np.unique(self.estimation.reshape(-1, 2), axis=0).tolist()
            estimation = united(Window(*pair) for pair in pairs)
            for each in each_window(estimation):
                if each.end >= window.start and each.start <= window.end:
                    problem = (
                        f"the estimation windows of the list fill {each}, and its event windows {window}"
                    )
                    raise DesignError("estimation", f"{problem}; measure them in two studies")
        own = [Window(int(start), int(end)) for start, end in np.unique(self.event, axis=0)]
        kept = [
            car for car in design.car_windows if any(w.start <= car.start and car.end <= w.end for w in own)
        ]
        return design.replace(
            window=window,
            estimation=estimation,
            car_windows=tuple(dict.fromkeys([*kept, *own])),
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
    if set(WINDOW_COLUMNS) <= set(bounds):
        (event, end), (first, last) = ([bounds[name] for name in names] for names in (EVENT, ESTIMATION))
        for row in np.flatnonzero((last >= event) & (first <= end)).tolist():
            problem = "the estimation window must end before the event window begins, or begin after it ends"
            problems.setdefault(row, problem)
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
        if isinstance(wanted, Windows) or not (own == np.array(wanted)).all():
            problem = f"the list gives every event a window of its own, such as {Window(*own[0])}"
            raise DesignError(name, f"{problem}, and {wanted} is stated; leave one of them out")


def own_windows(frame: pd.DataFrame, design: Design) -> OwnWindows | None:
    """Return the windows of an event list, the design's where a row gives none; None where no row does.

    Raises
    ------
    DesignError
        Some rows give an estimation window and others do not, for which the design has several.
    """
    given = [name for name in WINDOW_COLUMNS if name in frame and frame[name].notna().any()]
    if not given:
        return None
    event = _pair(frame, EVENT, design.window)
    if ESTIMATION[0] not in given:
        return OwnWindows(event, _estimation_of(design, len(frame)))
    if len(design.estimation_windows) > 1 and frame[ESTIMATION[0]].isna().any():
        problem = "some rows of the list give a window of their own, and for the others there are several"
        raise DesignError("estimation", f"{problem}, {design.estimation}; give every row one, or none")
    return OwnWindows(event, _pair(frame, ESTIMATION, design.estimation_window)[:, None])


def _estimation_of(design: Design, n: int) -> IntArray:
    """Return the design's estimation windows for n firm-events, shape (n, P, 2)."""
    windows = np.array(design.estimation_windows or (design.estimation_window,), dtype=np.int64)
    return np.tile(windows, (n, 1, 1))


def _pair(frame: pd.DataFrame, names: tuple[str, str], default: Window) -> IntArray:
    import pandas as pd

    bounds = [
        pd.to_numeric(frame[name], errors="coerce").fillna(bound).to_numpy(dtype=np.int64)
        if name in frame
        else np.full(len(frame), bound)
        for name, bound in zip(names, default, strict=True)
    ]
    return np.column_stack(bounds).astype(np.int64)
