"""The errors: one line each, with what is wrong, where, and what would be right; and they cross processes."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy import errors
from eventstudy.errors import (
    DesignError,
    EventsFileError,
    EventStudyError,
    LostShardError,
    MaxLossError,
    OutputError,
    PriceDataError,
    UnknownNameError,
    UsageError,
)

CASES = [
    (UsageError("offline forbids it"), 2, "offline forbids it"),
    (
        UnknownNameError("model", "markt", ["market", "mean"]),
        2,
        "unknown model 'markt' (did you mean 'market'?)",
    ),
    (EventsFileError("e.yaml", "no such key", line=9, column=5), 3, "e.yaml:9:5: no such key"),
    (DesignError("window", "is empty"), 3, "design.window: is empty"),
    (PriceDataError("NVDA", "no prices", "fetch them"), 4, "NVDA: no prices; fetch them"),
    (
        MaxLossError([("a", "NVDA", "no prices")], 3, 0.2),
        5,
        "1 of 3 firm-events were skipped, more than the 20%",
    ),
    (OutputError(Path("results"), "is a file", "name another"), 6, "results: is a file; name another"),
    (LostShardError("a process died"), 1, "a shard was lost with its worker: a process died; call"),
]


@pytest.mark.parametrize(("error", "code", "words"), CASES, ids=lambda case: type(case).__name__)
def test_an_error_speaks_one_line_and_has_its_exit_code(
    error: EventStudyError, code: int, words: str
) -> None:
    assert str(error).startswith(words)
    assert "\n" not in str(error)
    assert error.exit_code == code


def test_prices_that_are_missing_are_explained_without_naming_the_ticker_again() -> None:
    assert PriceDataError("NVDA", "no prices", "fetch them").reason("NVDA") == "no prices; fetch them"
    assert PriceDataError("NVDA.csv", "no close").reason("NVDA") == "NVDA.csv: no close"


def test_a_name_that_would_tear_the_line_is_quoted() -> None:
    assert str(PriceDataError("A\x1b[2J", "no prices")) == r"'A\x1b[2J': no prices"
    assert str(PriceDataError("", "no prices")) == "'': no prices"


@pytest.mark.parametrize("error", [case[0] for case in CASES], ids=lambda error: type(error).__name__)
def test_an_error_survives_the_way_to_another_process(error: EventStudyError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert vars(other) == vars(error)


def test_the_tree_in_the_documentation_is_the_tree_of_classes() -> None:
    """A line for every exception, indented below the class that it is derived from."""
    drawn = [line for line in str(errors.__doc__).splitlines() if line.lstrip()[:2] in ("* ", "x ", "+ ")]
    assert drawn == list(tree(EventStudyError))


def tree(kind: type[BaseException], level: int = 0) -> Iterator[str]:
    """Draw a class and those derived from it in the module, in the order of their definition."""
    yield f"{'  ' * level}{'*x+'[level]} {kind.__name__}"
    for other in vars(errors).values():
        if isinstance(other, type) and kind in other.__bases__:
            yield from tree(other, level + 1)
