"""What was understood of the files that were read, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.cli.call import Call
from eventstudy.intake.understood import Understood, sentences


def remark_on_inputs(call: Call, read: Sequence[Understood] | Iterable[Understood]) -> None:
    """Print to stderr what each file was taken for; many of one form share a line."""
    for sentence in sentences(tuple(read)):
        call.remark(sentence)
