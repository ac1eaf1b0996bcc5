"""Freed memory: kept for the next array, or given back to the system, where the C library is glibc."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  #: parameters of ``mallopt``
LARGE = 32 << 20  #: bytes of an array that has pages of its own: the most that glibc allows


def keep_freed() -> None:
    """Let arrays below `LARGE` take memory that others have freed, whose pages are there already.

    By itself glibc arrives at these limits when an array of that size is freed; until then every array of
    128 KiB or more asks the system for new pages, which takes longer than what a small study computes in it.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
        library.mallopt(M_TRIM_THRESHOLD, 2 * LARGE)


def give_back() -> None:
    """Return freed memory to the system (``malloc_trim``).

    Arrays of some megabytes come from heaps that shrink only at their ends.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
