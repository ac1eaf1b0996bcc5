"""One call of the program: its common options, and its output.

Results go to stdout, remarks and progress to stderr. Text is laid out by this package and never cropped; a
terminal gets it with emphasis, a pipe without.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from eventstudy.errors import OutputError, first_line

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress

#: what a terminal acts on instead of showing: control characters, and marks of text direction
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
WIDEST = 120  #: longer lines are hard to read, however wide the terminal


UP, DOWN = "bold blue", "bold color(166)"  #: an unusual rise, and a fall, in orange


class Line(NamedTuple):
    """A line of text and its emphasis on a terminal: ``bold``, ``dim`` or none; ``spans`` have their own.

    A span is the first place in the text, the place behind its last, and a style.
    """

    text: str
    emphasis: str = ""
    spans: tuple[tuple[int, int, str], ...] = ()


@dataclass
class Call:
    """The words of the command line, the common options, set as they are read, and the output.

    ``held`` is the JSON document, which `finish` prints once, whatever has been added to it by then.
    ``mute`` says that standard output could not be written.
    """

    words: tuple[str, ...] = ()
    json: bool = False
    quiet: bool = False
    offline: bool = False
    debug: bool = False
    held: dict[str, Any] = field(default_factory=dict)
    mute: bool = False

    @property
    def width(self) -> int:
        """Columns of the terminal, 80 in a pipe; ``COLUMNS`` overrules both."""
        return min(shutil.get_terminal_size((80, 24)).columns, WIDEST)

    def say(self, lines: Iterable[str | Line], *, paged: bool = False) -> None:
        """Print the result as text, unless JSON or nothing is wanted; errors as `finish`.

        With ``paged`` what is longer than the terminal is shown by the user's pager; never in a pipe.
        """
        if not (self.json or self.quiet):
            shown = [Line(line) if isinstance(line, str) else line for line in lines]
            self._print(shown, paged=paged and len(shown) >= shutil.get_terminal_size().lines)

    def document(self, document: Mapping[str, Any]) -> None:
        """Add to the JSON document, where one is wanted."""
        if self.json:
            self.held |= document

    def finish(self) -> None:
        """Print the JSON document, NaN as null; an OutputError says that stdout cannot be written."""
        if self.held:
            document, self.held = self.held, {}
            text = json.dumps(_without_nan(document), indent=2, ensure_ascii=False, default=str)
            self._print([Line(text)])

    def _print(self, lines: list[Line], *, paged: bool = False) -> None:
        if self.mute:
            return
        if sys.stdout is None:
            raise self.unwritable(OSError("it is closed"))
        try:
            if not sys.stdout.isatty():
                sys.stdout.writelines(f"{visible(line.text)}\n" for line in lines)
            elif paged:
                _by_pager(lines)
            else:
                _styled(lines, sys.stdout)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has had enough
            _discard(sys.stdout)
        except (OSError, ValueError) as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: Exception) -> OutputError:
        """Print nothing more to standard output, and return what to say of it."""
        self.mute = True
        _discard(sys.stdout)
        reason = getattr(error, "strerror", None) or first_line(error)
        return OutputError(
            "standard output", f"could not be written: {reason}", "files that were written are complete"
        )

    def remark(self, text: str) -> None:
        """Print a remark, such as where the files are, to stderr."""
        if not self.quiet:
            self.error(text)

    def error(self, text: str) -> None:
        """Print one line to stderr, even with --quiet."""
        try:
            sys.stderr.write(f"{visible(text)}\n")
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):  # closed or full; the exit code still tells
            _discard(sys.stderr)

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


def _by_pager(lines: Iterable[Line]) -> None:
    """Show lines in the user's pager; with their emphasis where it is less, which is told to draw it."""
    import pydoc

    text = io.StringIO()
    if "less" in os.environ.get("PAGER", "less"):
        os.environ.setdefault("LESS", "-R")
        _styled(lines, text, force=True)
    else:
        text.writelines(f"{visible(line.text)}\n" for line in lines)
    pydoc.pager(text.getvalue())


def _styled(lines: Iterable[Line], file: TextIO, *, force: bool | None = None) -> None:
    """Write lines with their emphasis; NO_COLOR leaves bold and dim alone."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=file, highlight=False, soft_wrap=True, force_terminal=force)
    for line in lines:
        text, at = Text(style=line.emphasis), 0
        for start, end, style in line.spans:
            text.append(visible(line.text[at:start])).append(visible(line.text[start:end]), style)
            at = end
        console.print(text.append(visible(line.text[at:])))


def _discard(stream: TextIO | None) -> None:
    """Send what is left in a stream nowhere, so that the interpreter does not fail on it at its end."""
    with suppress(OSError, ValueError, AttributeError):  # it is closed, or no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    if isinstance(value, float) and value - value != 0:  # neither NaN nor an infinity is JSON
        return None
    return value
