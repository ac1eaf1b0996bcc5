"""The functions of scipy.special without the package."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import scipy.special

from eventstudy.numerics.special import load_special_alone, special

ALONE = """
import sys
from eventstudy.numerics.special import load_special_alone, special
load_special_alone()
alone = special().stdtr
assert "numpy.f2py" not in sys.modules and "scipy.special" not in sys.modules
assert abs(alone(5.0, 1.0) - 0.8183912661754386) < 1e-15
import scipy.special, scipy.stats
assert scipy.special.stdtr is alone and special().stdtr is alone
assert scipy.special.logsumexp([0.0]) == 0.0
assert abs(scipy.stats.t.cdf(1.0, 5) - alone(5.0, 1.0)) < 1e-15
"""


def test_the_functions_are_loaded_alone_and_the_package_after_them() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_where_the_package_is_loaded_it_stays() -> None:
    package = sys.modules["scipy.special"]
    load_special_alone()
    assert sys.modules["scipy.special"] is package is scipy.special
    assert special().ndtr is scipy.special.ndtr
    np.testing.assert_array_equal(special().ndtr(np.zeros(2)), 0.5)
