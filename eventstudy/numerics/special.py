"""The functions of ``scipy.special``, and how to load them without the rest of that package."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "scipy.special"


def special() -> Any:
    """Return a module with the functions of ``scipy.special``: the package, unless they were loaded alone."""
    return sys.modules.get(f"{PACKAGE}._ufuncs") or import_module(PACKAGE)


def load_special_alone() -> None:
    """Load the functions of ``scipy.special`` without the package, where nothing has loaded it.

    The package imports NumPy's ``f2py`` and ``testing`` and parses the docstring of each function, which
    takes a third of an import of pandas. Its compiled functions are loaded with an empty package in its
    place, which is taken out again, so that a later import gets the whole package, with the same functions.
    Only for a process in which no other thread imports; where SciPy keeps them elsewhere nothing is done.
    """
    if PACKAGE in sys.modules:
        return
    scipy = import_module("scipy")
    empty = ModuleType(PACKAGE)
    empty.__path__ = [str(Path(each) / "special") for each in scipy.__path__]
    sys.modules[PACKAGE] = empty
    try:
        import_module(f"{PACKAGE}._ufuncs")
    except ImportError:
        sys.modules.pop(f"{PACKAGE}._ufuncs", None)
    finally:
        del sys.modules[PACKAGE]
