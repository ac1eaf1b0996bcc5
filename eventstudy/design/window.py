"""`Window`: an interval of event time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

from eventstudy.design.arguments import is_number, is_whole, refusal
from eventstudy.errors import DesignError

FARTHEST = 50_000  #: sessions from day 0 that a window may reach: two centuries


class _Ends(NamedTuple):
    start: int
    end: int


class Window(_Ends):
    """A closed interval of event time in trading sessions, ``start <= tau <= end``.

    A UsageError names an end that is no whole number.
    """

    __slots__ = ()

    def __new__(cls, start: int, end: int) -> Self:
        """Check the ends."""
        for name, value in (("start", start), ("end", end)):
            if not is_whole(value):
                raise refusal(name, value, "a whole number of sessions, such as -5")
        return super().__new__(cls, int(start), int(end))

    @property
    def length(self) -> int:
        """Number of sessions in the window."""
        return self.end - self.start + 1

    @property
    def sessions(self) -> tuple[Window, ...]:
        """Each session of the window as a window of its own."""
        return _sessions(self)

    @property
    def paths(self) -> tuple[Window, ...]:
        """The windows from the first session to each."""
        return _paths(self)

    def __str__(self) -> str:
        start, end = (f"{tau:+d}" if tau else "0" for tau in self)
        return f"[{start},{end}]" if self.start != self.end else f"[{start}]"


@lru_cache(maxsize=64)  # asked for by every group of a study
def _sessions(window: Window) -> tuple[Window, ...]:
    return tuple(Window(tau, tau) for tau in range(window.start, window.end + 1))


@lru_cache(maxsize=64)
def _paths(window: Window) -> tuple[Window, ...]:
    return tuple(Window(window.start, tau) for tau in range(window.start, window.end + 1))


PairOrWindow = tuple[int, int] | Window | str


def read_window(field: str, pair: PairOrWindow) -> Window:
    """Return a pair, or its text ``-5:5``, as a window; ``field`` is the field that an error names."""
    try:
        start, end = _ends(pair) if isinstance(pair, str) else pair
        window = Window(_whole(start), _whole(end))
    except (TypeError, ValueError):
        raise DesignError(field, f"{pair!r} is not a pair of whole sessions such as (-5, 5)") from None
    if max(-window.start, window.end) > FARTHEST:
        raise DesignError(field, f"{str(pair)[:40]} reaches farther than {FARTHEST:,} sessions from day 0")
    if window.start > window.end:
        turned = (window.end, window.start)
        raise DesignError(field, f"{tuple(window)} ends before it starts; write {turned}")
    return window


def _whole(value: Any) -> int:
    if not is_whole(value) and not (is_number(value) and int(value) == value):
        raise ValueError(value)
    return int(value)


def _ends(text: str) -> tuple[int, int]:
    start, _, end = text.partition(":")
    return int(start), int(end)


def read_windows(field: str, pairs: Iterable[PairOrWindow]) -> tuple[Window, ...]:
    """Return pairs as windows, each once; one pair alone is one window."""
    listed = list(pairs) if isinstance(pairs, Iterable) and not isinstance(pairs, str) else [pairs]
    if len(listed) == 2 and all(map(is_number, listed)):
        return (read_window(field, (listed[0], listed[1])),)  # type: ignore[arg-type]
    pairs = listed
    return tuple(dict.fromkeys(read_window(field, pair) for pair in pairs))


NO_WINDOW = "none"  #: in the place of the estimation window


class Windows(tuple[Window, ...]):
    """Several estimation windows in the order of time, with sessions between them that are in none."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self))


def each_window(estimation: Window | Windows | None) -> tuple[Window, ...]:
    """Return the windows in a tuple, of which one window, or none, is none."""
    return (estimation,) if isinstance(estimation, Window) else estimation or ()


EstimationLike = PairOrWindow | Iterable[PairOrWindow] | None


def read_estimation(field: str, given: EstimationLike) -> Window | Windows | None:
    """Return the estimation window or windows, in the order of time; None for None and ``"none"``.

    Parameters
    ----------
    given
        A pair, several pairs, or their text (``-130:-11`` or ``-130:-11,11:130``). Windows that follow one
        another without a session between them are one.

    Raises
    ------
    DesignError
        What is no window, or windows that overlap.
    """
    if given is None or given == NO_WINDOW:
        return None
    if isinstance(given, str):
        given = given.split(",")
    ordered = sorted(read_windows(field, given))  # type: ignore[arg-type]
    if not ordered:
        raise DesignError(field, f"needs a window such as (-260, -11), or {NO_WINDOW}")
    for one, other in pairwise(ordered):
        if other.start <= one.end:
            raise DesignError(field, f"{one} and {other} overlap")
    return united(ordered)


def check_windows(window: Window, estimation: Iterable[Window], car_windows: Sequence[Window]) -> None:
    """Refuse windows of a design that contradict each other."""
    for each in estimation:
        if each.end >= window.start and each.start <= window.end:
            problem = f"{each} must end before the event window {window} begins, or begin after it ends"
            raise DesignError("estimation", problem)
    if not car_windows:
        raise DesignError("car_windows", "needs at least one window, such as (0, 0)")
    for car in car_windows:
        if car.start < window.start or car.end > window.end:
            raise DesignError("car_windows", f"{car} is not inside the event window {window}")


def united(windows: Iterable[Window]) -> Window | Windows:
    """Return the sessions of some windows, one at least, as windows that neither overlap nor touch."""
    first, *others = sorted(windows)
    joined = [first]
    for window in others:
        last = joined[-1]
        if window.start <= last.end + 1:
            joined[-1] = Window(last.start, max(last.end, window.end))
        else:
            joined.append(window)
    return joined[0] if len(joined) == 1 else Windows(joined)
