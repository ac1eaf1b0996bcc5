"""One call of the program: its common options, and its output.

Results go to stdout, remarks and progress to stderr. Text is laid out by this package and never cropped; a
terminal gets it with emphasis, a pipe without.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress

#: what a terminal acts on instead of showing: control characters, and marks of text direction
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
WIDEST = 120  #: longer lines are hard to read, however wide the terminal


class Line(NamedTuple):
    """A line of text and its emphasis on a terminal: ``bold``, ``dim`` or none."""

    text: str
    emphasis: str = ""


@dataclass
class Call:
    """The words of the command line, and the common options, set as they are read."""

    words: tuple[str, ...] = ()
    json: bool = False
    quiet: bool = False
    offline: bool = False
    debug: bool = False

    @property
    def width(self) -> int:
        """Columns of the terminal, 80 in a pipe; ``COLUMNS`` overrules both."""
        return min(shutil.get_terminal_size((80, 24)).columns, WIDEST)

    def say(self, lines: Iterable[str | Line]) -> None:
        """Print the result as text, unless JSON or nothing is wanted."""
        if self.json or self.quiet:
            return
        write = _on_terminal() if sys.stdout.isatty() else _plainly
        with _broken_pipe_is_quiet():
            for line in lines:
                write(Line(line) if isinstance(line, str) else line)

    def document(self, document: Mapping[str, Any]) -> None:
        """Print the result as one JSON document where that is wanted; NaN becomes null."""
        if self.json:
            with _broken_pipe_is_quiet():
                text = json.dumps(_without_nan(document), indent=2, ensure_ascii=False, default=str)
                _plainly(Line(text, ""))

    def remark(self, text: str) -> None:
        """Print a remark, such as where the files are, to stderr."""
        if not self.quiet:
            self.error(text)

    def error(self, text: str) -> None:
        """Print one line to stderr, even with --quiet."""
        sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Give a function that shows progress on a terminal, else None."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import Progress as Bars

        with Bars(console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task("reading", total=None)
            yield lambda what, done, total: bars.update(
                task, description=escape(visible(what)), completed=done, total=total
            )


def visible(text: str) -> str:
    r"""Return a text with control characters written out, as ``\u001b``, which JSON reads."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _plainly(line: Line) -> None:
    sys.stdout.write(f"{visible(line.text)}\n")


def _on_terminal() -> Callable[[Line], None]:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    return lambda line: console.print(Text(visible(line.text), style=line.emphasis))


@contextmanager
def _broken_pipe_is_quiet() -> Iterator[None]:
    """Discard further output once the reader of a pipe has closed it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    if isinstance(value, float) and value - value != 0:  # neither NaN nor an infinity is JSON
        return None
    return value
