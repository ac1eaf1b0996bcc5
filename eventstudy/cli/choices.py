"""What shell completion offers for an option: names from the registries, read when they are asked for."""

from __future__ import annotations

from typing import get_args


def model_names() -> list[str]:
    """Return the normal-return models."""
    from eventstudy.models import MODELS

    return list(MODELS)


def test_names() -> list[str]:
    """Return the tests of significance."""
    from eventstudy.significance import TESTS

    return list(TESTS)


def table_names() -> list[str]:
    """Return the result tables."""
    from eventstudy.schema import TABLES

    return list(TABLES)


def format_names() -> list[str]:
    """Return the formats of `export`."""
    from eventstudy.results import FORMATS

    return list(FORMATS)


def return_kinds() -> list[str]:
    """Return the kinds of returns."""
    from eventstudy._typing import ReturnKind

    return list(get_args(ReturnKind))


def gap_rules() -> list[str]:
    """Return what a gap in the event window may do."""
    from eventstudy._typing import Gaps

    return list(get_args(Gaps))


def quality_rules() -> list[str]:
    """Return what an error in the prices may do."""
    from eventstudy._typing import Quality

    return list(get_args(Quality))


def alternatives() -> list[str]:
    """Return the sides of a p-value."""
    from eventstudy._typing import Alternative

    return list(get_args(Alternative))


def distribution_names() -> list[str]:
    """Return the distributions of synthetic residuals."""
    from eventstudy.simulation.situation import DISTRIBUTIONS

    return list(DISTRIBUTIONS)
