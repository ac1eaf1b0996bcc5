"""Errors of files that are not YAML: what the parser found, and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from eventstudy.errors import EventsFileError

#: a fragment of the parser's message, and ours
_SENTENCES = (
    ("mapping values are", "a second ': ' in plain text, which needs quotes, or wrong indentation"),
    ("unknown escape", "a \\ in double quotes needs a second one; single quotes take text as it is"),
    ("quoted scalar", "a quotation mark is opened here and never closed; close it"),
    ("flow sequence", "the list opened here with [ is never closed, or lacks a comma; close it with ]"),
    ("flow mapping", "the mapping opened here with { is never closed, or lacks a comma; close it with }"),
    ("flow node", "a value is missing here, or a bracket before it is never closed"),
    ("sequence entries are not allowed", "a list item '- ' starts on a line of its own"),
    (
        "block mapping",
        "a key is expected here; check the indentation, and quote text that starts with a sign",
    ),
    ("block collection", "a list item '- ' is expected here; check the indentation"),
    ("expected ':'", "a key without ': ' after it; write key: value"),
    ("cannot start any token", "plain text cannot start with this sign; put it in quotes"),
    ("incompatible YAML document", "only YAML 1 is read; remove the %YAML line"),
)
_OPENINGS = ("quoted scalar", "flow sequence", "flow mapping", "expected ':'")  # reported where these begin


def syntax_error(path: Path, text: str, error: yaml.YAMLError) -> EventsFileError:
    """Return the one-line error for what the YAML parser found, at the place to look at."""
    message = " ".join(str(getattr(error, part, None) or "") for part in ("context", "problem"))
    mark = getattr(error, "problem_mark", None)
    sentence = f"not valid YAML: {message.strip() or str(error)}"
    if mark is not None and _is_tab(text, mark):
        sentence = "a tab; YAML is indented with spaces"
    else:
        for fragment, words in _SENTENCES:
            if fragment in message:
                sentence = f"not valid YAML: {words}"
                mark = error.context_mark if fragment in _OPENINGS else mark  # type: ignore[attr-defined]
                break
    if mark is None:
        return EventsFileError(path, sentence)
    return EventsFileError(path, sentence, line=mark.line + 1, column=mark.column + 1)


def _is_tab(text: str, mark: Any) -> bool:
    lines = text.splitlines()
    return bool(mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t")
