"""`Layout`: a form of file that one source writes, as a line of a registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

R = TypeVar("R")


@dataclass(frozen=True)
class Layout(Generic[R]):
    """A form of file: how it is recognised, and how it is read.

    Attributes
    ----------
    name
        In the registry, in study files and in the table `inputs`: ``crsp-siz``.
    title
        In sentences: ``CRSP daily``.
    certain_by
        What names make it certain, for the documentation.
    fits
        Whether a table is of this form, by names that only this source writes; cheap: looks at titles, and
        at the first rows of a file without a header.
    read
        Return what the table holds. A FileContentError says what is wrong or asks, with the option.
    """

    name: str
    title: str
    certain_by: str
    fits: Callable[[Table], bool]
    read: Callable[[Table, ReadingOptions], R]
