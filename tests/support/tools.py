"""Programs that some tests need beside Python."""

from __future__ import annotations

import os
import shutil

import pytest


def tool(group: str, *names: str) -> str:
    """Return the first of some programs; skip where there is none, or fail where it is required.

    ``EVENTSTUDY_REQUIRE_<group>=1`` requires it, as `.ci/tools` does for what a machine has.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason, required = f"there is no {' or '.join(names)} on the PATH", f"EVENTSTUDY_REQUIRE_{group}"
        if os.environ.get(required) == "1":
            pytest.fail(f"{reason} ({required}=1)")
        pytest.skip(reason)
    return found
