"""A small report in a browser: the one test of the default run that opens a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from browsing import opened
from panels import random_returns, study

from eventstudy.report import report

MARKS = "document.querySelectorAll('#chart-heat-map .mark-rect.role-mark path').length"


def test_it_draws_asks_for_nothing_and_complains_of_nothing(
    browser: Any, rng: np.random.Generator, tmp_path: Path
) -> None:
    rows = [(event, ticker, day) for event, day in (("e", 300), ("f", 340)) for ticker in "AB"]
    result = study(random_returns(rng, ("A", "B"), n=400), rows)
    file = tmp_path / "report.html"
    file.write_text(report(result), encoding="utf-8")
    with opened(browser, file) as page:
        assert page.requests == [file.as_uri()]
        assert page.complaints == []
        assert page.evaluate(MARKS) >= len(rows)
