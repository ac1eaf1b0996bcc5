"""One thread for linear algebra: our products are small, and threads that wait for each other cost time.

With several threads the last digit of a product also depends on the number of cores.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: What the libraries read when they are loaded.
VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def start_with_one_thread() -> None:
    """Let linear algebra start with one thread, unless it is loaded or the user states another number."""
    if "numpy" not in sys.modules:
        for name in VARIABLES:
            os.environ.setdefault(name, "1")


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit linear algebra to one thread inside and restore its threads afterwards; also a decorator.

    The limit is one of the process. Of several threads that are inside, the first sets and restores it. Where
    the environment says one thread to every library nothing has to be limited.
    """
    if all(os.environ.get(name) == "1" for name in VARIABLES):
        yield
        return
    import scipy.special  # noqa: F401 - loads SciPy's own library; a limit reaches only what is loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
