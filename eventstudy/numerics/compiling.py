"""When compiled kernels replace NumPy's: both give the same bits, so only time decides."""

from __future__ import annotations

import sys
from importlib.util import find_spec

MANY = 10_000  #: rows from which on loading Numba, half a second, is worth the wait
FEW = 256  #: the same once one of the kernels is loaded
KERNELS = (
    "eventstudy.engine.compiled_estimation",  # which large studies load whatever the size of their shards
    *(f"eventstudy.numerics.compiled_{kernels}" for kernels in ("sums", "ranks", "scores", "calendar")),
)


def worth_compiling(rows: int) -> bool:
    """Return whether a compiled kernel works on so many rows, where Numba (extra ``fast``) is installed."""
    loaded = any(name in sys.modules for name in KERNELS)
    return rows >= (FEW if loaded else MANY) and find_spec("numba") is not None
