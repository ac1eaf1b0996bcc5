"""The examples of the page on engines: they start clusters of their own, and none may run beside them."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_environment import ENVIRONMENT
from grid_studies import bits
from pages_of_docs import blocks


@pytest.mark.engines
@pytest.mark.filterwarnings("ignore")  # the engines' own
def test_the_examples_of_the_page_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {}
    for block in blocks("engines.md", "python"):
        exec(compile(block, "engines.md", "exec"), names)
    for other in ("processes", "dask", "ray", "spark"):
        for table, expected in names["tables"].items():
            assert bits(names[f"by_{other}"][table]) == bits(expected), (other, table)
