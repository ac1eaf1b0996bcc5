"""What libraries import and commands hardly use is loaded when it is used."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from eventstudy.cli.deferred import DEFERRED, deferred_imports
with deferred_imports():
    import scipy.special
kind = type(sys)
print({type(sys.modules[name]) is kind for name in DEFERRED}, "numpy.f2py.f2py2e" in sys.modules)
import numpy
print(numpy.polynomial.Polynomial([1, 2])(3), callable(numpy.f2py.run_main), len(sys.meta_path))
numpy.testing.assert_equal(numpy.ctypeslib.as_array((numpy.ctypeslib.ctypes.c_int * 2)(1, 2)), [1, 2])
print({type(sys.modules[name]) is kind for name in DEFERRED}, "numpy.f2py.f2py2e" in sys.modules)
print(scipy.special.ndtr(0.0))
"""


def test_what_scipy_imports_of_numpy_is_loaded_when_it_is_used() -> None:
    finders = subprocess.run(
        [sys.executable, "-c", "import sys, numpy; print(len(sys.meta_path))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["{False} False", f"7.0 True {finders}", "{True} True", "0.5"]
