"""Corporate actions that the user lists: splits, stock dividends, spin-offs, dividends, capital gains."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from eventstudy.design.arguments import check_kind
from eventstudy.errors import EventsFileError, EventStudyError, UnknownNameError, UsageError
from eventstudy.events.moments import read_day
from eventstudy.events.names import check_ticker

if TYPE_CHECKING:
    import pandas as pd

ActionKind = Literal["split", "stock-dividend", "spin-off", "rights", "dividend", "capital-gain"]
NEEDED = ("ticker", "date", "kind", "value")  #: columns of a table of actions
LARGEST_RATIO = 1000.0  #: no company makes a thousand shares of one
FORMS = "a path, a DataFrame with ticker, date, kind, value, or a list of CorporateAction"


@dataclass(frozen=True)
class CorporateAction:
    """One corporate action of a security, with its ex-date.

    Attributes
    ----------
    value
        ``split``: new shares per old one (10, or ``"10:1"``). ``stock-dividend``: new shares for each share
        held (0.1 is 10 %). ``spin-off`` and ``rights``: their worth per share in the currency of the prices,
        or the ratio by which the price was adjusted as text (``"1.253:1"``). ``dividend`` and
        ``capital-gain``: cash per share. Amounts count shares as the prices of that date do.

    Raises
    ------
    UsageError
        An invalid ticker or date, an unknown kind, or a value that is not positive and finite.
    """

    ticker: str
    date: date
    kind: ActionKind
    value: float | str

    def __post_init__(self) -> None:
        check_ticker(self.ticker)
        if isinstance(self.date, str):
            object.__setattr__(self, "date", read_day(self.date[:10]))
        if isinstance(self.date, datetime):
            object.__setattr__(self, "date", self.date.date())
        check_kind("date", self.date, date, "the ex-date")
        if self.kind not in get_args(ActionKind):
            raise UnknownNameError("kind of corporate action", str(self.kind), get_args(ActionKind))
        if not math.isfinite(self._number) or self._number <= 0:
            raise UsageError(f"the value {self.value!r} of a {self.kind} is not a positive number")
        if (ratio := self.ratio) is not None and not 1 / LARGEST_RATIO < ratio < LARGEST_RATIO:
            raise UsageError(f"a {self.kind} of {self.value} makes {ratio:g} shares of one; write the ratio")
        if self._is_ratio and self.kind not in ("split", "spin-off", "rights"):
            raise UsageError(f"the value {self.value!r} of a {self.kind} is a ratio; give an amount")

    @property
    def ratio(self) -> float | None:
        """New shares per old one, by which earlier prices are divided; None where cash is paid."""
        if self.kind == "stock-dividend":
            return 1.0 + self._number
        return self._number if self.kind == "split" or self._is_ratio else None

    @property
    def cash(self) -> float | None:
        """Amount per share; None where there is a ratio."""
        return None if self.ratio is not None else self._number

    @property
    def _is_ratio(self) -> bool:
        return isinstance(self.value, str) and ":" in self.value

    @property
    def _number(self) -> float:
        new, colon, old = str(self.value).partition(":")
        try:
            return float(new) / float(old) if colon else float(new)
        except (ValueError, ZeroDivisionError):
            raise UsageError(f"the value {self.value!r} of a {self.kind} is not a number") from None


def read_actions(actions: Any) -> tuple[CorporateAction, ...]:
    """Return corporate actions from a table's path, a data frame, or a list of `CorporateAction`.

    Raises
    ------
    EventsFileError
        A file or frame that is wrong, with the row.
    UsageError
        None of the three.
    """
    if isinstance(actions, str | Path):
        from eventstudy.events.event_list import read_table

        return _from_frame(read_table(Path(actions)), Path(actions))
    if hasattr(actions, "columns"):
        return _from_frame(actions, Path("actions"))
    if isinstance(actions, Sequence) and all(isinstance(each, CorporateAction | Mapping) for each in actions):
        return tuple(each if isinstance(each, CorporateAction) else _of(each) for each in actions)
    raise UsageError(f"actions must be {FORMS}")


def _of(listed: Mapping[str, Any]) -> CorporateAction:
    if set(listed) != set(NEEDED):
        raise UsageError(f"actions: {dict(listed)!r:.80} needs {', '.join(NEEDED)} and nothing else")
    return CorporateAction(**listed)


def _from_frame(frame: pd.DataFrame, path: Path) -> tuple[CorporateAction, ...]:
    have, numbered = [str(name) for name in frame.columns], frame.index.name == "line"
    if missing := [name for name in NEEDED if name not in have]:
        problem = f"column {missing[0]!r} is missing; the columns are {have[:20]}"
        raise EventsFileError(path, problem, line=1 if numbered else None)
    faults: list[EventsFileError] = []
    found = list(_rows(frame, path, numbered, faults))
    if faults:
        raise EventsFileError.of(faults)
    return tuple(found)


def _rows(
    frame: pd.DataFrame, path: Path, numbered: bool, faults: list[EventsFileError]
) -> Iterator[CorporateAction]:
    for label, *cells in zip(frame.index, *(frame[name] for name in NEEDED), strict=True):
        ticker, day, kind, value = (_cell(each) for each in cells)
        try:
            yield CorporateAction(ticker, day, kind, value)
        except EventStudyError as error:
            if numbered:
                faults.append(EventsFileError(path, str(error), line=int(label)))
            else:
                faults.append(EventsFileError(path, f"row {label}: {error}"))


def _cell(value: Any) -> Any:
    """Return a cell: a date as it is, an empty one as no text, any other as text."""
    if value is None or value != value:
        return ""
    return value if isinstance(value, date) else str(value).strip()
