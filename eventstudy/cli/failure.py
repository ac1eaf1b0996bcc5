"""What a failed command prints: one line, a JSON document where wanted, the exit code."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import typer

from eventstudy.cli.call import Call
from eventstudy.errors import EventsFileError, EventStudyError, OutputError
from eventstudy.uris import without_secrets

BUG, USAGE, INTERRUPTED = 1, 2, 130
LONGEST = 2_000  #: characters of a message; a file can make it as long as itself


@dataclass(frozen=True)
class Failure:
    """Why a command failed; ``problems`` has a line per error where several were found."""

    kind: str
    message: str
    exit_code: int
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Describe an error in one line."""
        kind, text = type(error).__name__, _shown(str(error))
        if isinstance(error, EventsFileError):
            return cls(kind, text, error.exit_code, tuple(map(_shown, error.problems)))
        if isinstance(error, EventStudyError):
            return cls(kind, f"error: {text}", error.exit_code)
        if isinstance(error, typer.TyperException):
            text = _shown(error.format_message())
            return cls("UsageError", f"error: {text}", USAGE)
        if isinstance(error, KeyboardInterrupt | typer.Abort):
            return cls("Interrupted", "interrupted; what was complete is kept", INTERRUPTED)
        bug = f"error: this is a bug: {kind}{f': {text}' if text else ''}; --debug shows the trace"
        return cls("Bug", bug, BUG)

    def show(self, call: Call) -> int:
        """Print it to stderr, and where JSON is wanted in the document on stdout; return the exit code."""
        call.error(self.message)
        document: dict[str, Any] = {"kind": self.kind, "message": self.message, "exit_code": self.exit_code}
        if self.problems:
            document["problems"] = list(self.problems)
        call.document({"error": document})
        with suppress(OutputError):  # the first error is the one to tell
            call.finish()
        return self.exit_code


def _shown(text: str) -> str:
    """Return a message in one line, without passwords."""
    line = without_secrets(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
