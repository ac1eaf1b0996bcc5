"""The command line: parse, call, print; one file per command."""

from __future__ import annotations

import gc
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventstudy.cli.app import command
from eventstudy.cli.call import Call
from eventstudy.cli.deferred import deferred_imports
from eventstudy.cli.failure import INTERRUPTED, Failure
from eventstudy.numerics.threads import start_with_one_thread

__all__ = ["main"]

#: New objects, and collections of them, after which the next older are gone through.
OBJECTS = (200_000, 20, 50)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Parameters
    ----------
    words
        The arguments; default: those of the process.
    """
    arguments = list(sys.argv[1:] if words is None else words)
    call = Call(tuple(arguments))
    start_with_one_thread()  # before anything imports numpy
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to find them opens all that is installed
    with _libraries_are_silent(), _seldom_collected(ends=words is None), deferred_imports():
        try:
            code = (
                command(arguments).main(arguments, prog_name="eventstudy", standalone_mode=False, obj=call)
                or 0
            )
            if code != INTERRUPTED:
                call.finish()
                return int(code)
            error: BaseException = KeyboardInterrupt()
        except (Exception, KeyboardInterrupt) as caught:
            error = caught
            if isinstance(caught, OSError) and any(
                f.name == "echo" for f in traceback.extract_tb(caught.__traceback__)
            ):
                error = call.unwritable(caught)  # help and the version are printed by a library
    call.json |= "--json" in arguments  # a mistake among the options is found before they are read
    if call.debug or "--debug" in arguments:
        traceback.print_exception(error)
    return Failure.of(error).show(call)


@contextmanager
def _seldom_collected(*, ends: bool) -> Iterator[None]:
    """Look for cycles of objects less often: what a command loads stays, and to go through it takes time.

    Parameters
    ----------
    ends
        Whether the process ends with the command: then Python, which looks for them once more, need not.
    """
    before = gc.get_threshold()
    gc.set_threshold(*OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if ends:
            gc.freeze()


@contextmanager
def _libraries_are_silent() -> Iterator[None]:
    """Keep warnings and stray log lines of libraries from the user."""
    import logging

    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a title that the terminal cannot show ends no run
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeHandler(silent)
