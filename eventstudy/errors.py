"""Every exception, and its message.

* EventStudyError
  x UsageError
    + UnknownNameError
  x EventsFileError
  x DesignError
  x PriceDataError
    + AmbiguousDataError
  x FileContentError
  x MaxLossError
  x OutputError
  x LostShardError

Each class takes the objects it is about and makes one line of them: what is wrong, where, and what would be
right. ``exit_code`` is the exit code of the command line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

MOST_NAMES = 40  #: of those allowed, in a message
LONGEST_DETAIL = 160  #: characters of what another library says, in a message


class EventStudyError(Exception):
    """Anything this package raises on purpose; everything else is a bug."""

    exit_code: ClassVar[int] = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the error by its attributes: its class takes objects, not the sentence made of them."""
        return _restored, (type(self), self.args, vars(self))


class UsageError(EventStudyError, ValueError):
    """The call itself is wrong: an option, a file format or a combination that does not exist."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A model, test, table, column or key that is not one of the allowed names."""

    def __init__(self, kind: str, name: str, allowed: Iterable[str]) -> None:
        self.kind, self.name, self.allowed = kind, name, tuple(allowed)
        super().__init__(f"unknown {kind} {name!r}{nearest(name, self.allowed)}")


class EventsFileError(EventStudyError, ValueError):
    """An event list, study file or article card that cannot be used, with the place of the mistake.

    The message describes one mistake; ``problems`` has a line for each one found in the same reading.
    """

    exit_code = 3

    def __init__(
        self,
        path: str | Path,
        problem: str,
        *,
        line: int | None = None,
        column: int | None = None,
        more: Sequence[str] = (),
    ) -> None:
        self.path, self.problem, self.line, self.column = Path(path), problem, line, column
        sentence = f"{place(path, line, column)}: {problem}"
        self.problems = (sentence, *more)
        tail = f" (and {len(more)} more: eventstudy events check lists them)" if more else ""
        super().__init__(sentence + tail)

    @classmethod
    def of(cls, errors: Iterable[EventsFileError]) -> EventsFileError:
        """Return one error for several; its message describes the first in reading order."""
        errors = sorted(errors, key=lambda error: (str(error.path), error.line or 0, error.column or 0))
        first, lines = errors[0], [line for error in errors for line in error.problems]
        return cls(first.path, first.problem, line=first.line, column=first.column, more=lines[1:])


class DesignError(EventStudyError, ValueError):
    """A design that contradicts itself or that the inputs cannot serve."""

    exit_code = 3

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"design.{field}: {problem}")


class PriceDataError(EventStudyError, LookupError):
    """Prices or factors that are missing or unusable: which series, what is wrong, what to do."""

    exit_code = 4

    def __init__(self, ticker: str, problem: str, remedy: str = "") -> None:
        self.ticker, self.problem, self.remedy = ticker, problem, remedy
        name = ticker if ticker and ticker.isprintable() else repr(ticker)
        super().__init__(f"{name}: {problem}" + (f"; {remedy}" if remedy else ""))

    def reason(self, ticker: str) -> str:
        """Return the message without the name, where that is ``ticker``."""
        if self.ticker != ticker:
            return str(self)
        return self.problem + (f"; {self.remedy}" if self.remedy else "")


class AmbiguousDataError(PriceDataError):
    """Prices that can be read in two ways with different figures; the message names what states which."""


class FileContentError(EventStudyError, ValueError):
    """A file or frame that cannot be read, or can be read in two ways: where, what is wrong, what to state.

    What reads prices raises it as a PriceDataError, what reads events as an EventsFileError.
    """

    exit_code = 4

    def __init__(self, name: str, problem: str, remedy: str = "", *, line: int | None = None) -> None:
        self.name, self.problem, self.remedy, self.line = name, problem, remedy, line
        super().__init__(f"{place(name, line, None)}: {problem}" + (f"; {remedy}" if remedy else ""))


class MaxLossError(EventStudyError, ValueError):
    """More firm-events were skipped than the design allows; ``skipped`` pairs each with its reason."""

    exit_code = 5

    def __init__(
        self,
        skipped: Sequence[tuple[str, str, str]],
        requested: int,
        allowed: float,
        remedy: str = "raise max_loss to see them in the result",
    ) -> None:
        self.skipped, self.requested, self.allowed = tuple(skipped), requested, allowed
        shown = "; ".join(f"{event} {ticker}: {reason}" for event, ticker, reason in self.skipped[:3])
        more = len(self.skipped) - 3
        super().__init__(
            f"{len(self.skipped)} of {requested} firm-events were skipped, more than the {allowed:.0%} "
            f"allowed ({shown}{f'; and {more} more' if more > 0 else ''}); {remedy}"
        )


class OutputError(EventStudyError, OSError):
    """Results that could not be written or read: where, why, and what was left as it was."""

    exit_code = 6

    def __init__(self, path: str | Path, problem: str, remedy: str = "") -> None:
        self.path, self.problem, self.remedy = Path(path), problem, remedy
        super().__init__(f"{path}: {problem}" + (f"; {remedy}" if remedy else ""))


class LostShardError(EventStudyError, RuntimeError):
    """A shard whose worker died, most often for want of memory; what the executor says of it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"a shard was lost with its worker: {problem}; call again with smaller shards (most=...), fewer "
            'workers or more memory; a script that starts processes does so below if __name__ == "__main__"'
        )


def _restored(kind: type[EventStudyError], args: tuple[Any, ...], state: dict[str, Any]) -> EventStudyError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


def nearest(name: str, allowed: Sequence[str]) -> str:
    """Return the end of a message: the nearest allowed name, if any, and those allowed."""
    same = [other for other in allowed if other.lower() == name.lower()]
    close = same or difflib.get_close_matches(name, allowed, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    few = allowed[:MOST_NAMES]
    more = f", ... ({len(allowed)} in all)" if len(allowed) > len(few) else ""
    return f"{hint}; allowed: {', '.join(few)}{more}"


def place(path: str | Path, line: int | None, column: int | None) -> str:
    """Return ``path:LINE:COL``, without the parts that are unknown."""
    return ":".join(str(part) for part in (path, line, column) if part is not None)


def first_line(error: BaseException) -> str:
    """Return the first line of an error of another library, cut if long, or its type where it has no text."""
    line = str(error).strip().partition("\n")[0]
    return f"{line[:LONGEST_DETAIL]}..." if len(line) > LONGEST_DETAIL else line or type(error).__name__
