"""Freed memory, given back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system where the C library keeps it and can (glibc's ``malloc_trim``).

    Arrays of some megabytes come from heaps that shrink only at their ends.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
