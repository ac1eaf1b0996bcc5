"""Windows longer than the data are refused before anything is estimated."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.sessions import trading_sessions

ROWS = 300
SESSIONS = pd.bdate_range("2020-01-01", periods=ROWS)


def run(**fields: Any) -> es.EventStudyResult:
    """Run one event on row 250 of 300, all of which is a window of its own."""
    draw = np.random.default_rng(7).normal(0, 0.01, (ROWS, 2))
    returns = pd.DataFrame(draw, index=SESSIONS, columns=["A", "M"])
    events = pd.DataFrame({"event_id": ["a"], "ticker": ["A"], "session": [SESSIONS[250]]})
    return es.run(events, returns=returns, design=es.Design(benchmark="M", max_loss=1, **fields))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"window": (-5, 20_000)}, "design.window: [-5,+20000] needs 20,006 sessions, and the data have 300"),
        ({"window": (-20_000, 5), "estimation": (-40_000, -20_001)}, "needs 20,006 sessions"),
        ({"estimation": (-20_010, -11)}, "design.estimation: [-20010,-11] needs 12,000 usable returns, and"),
        (
            {"estimation": (-9_000, -11), "min_estimation": 301},
            "and the data have 300 sessions; choose a shorter",
        ),
        ({"window": (-5, 295)}, "needs 301 sessions, and the data have 300; choose a shorter window or give"),
    ],
)
def test_are_refused(fields: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.models.estimation.Specification.of", None)  # nothing is even placed
    with pytest.raises(DesignError) as caught:
        run(**fields)
    assert message in str(caught.value)


def test_as_many_sessions_as_there_are_is_no_mistake_of_the_design() -> None:
    assert run(window=(-5, 294)).events["reason"][0].startswith("the event window")
    assert "301 are needed" in run(min_estimation=301).events["reason"][0]
    assert run(estimation=(-20_000, -11), min_estimation=239).events["status"][0] == "ok"


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"window": (-5, 20_000)}, "window"), ({"estimation": (-20_010, -11)}, "estimation")],
)
def test_windows_beyond_the_calendar_are_refused_by_what_the_prices_have(
    fields: dict[str, Any], field: str
) -> None:
    days = pd.DatetimeIndex(trading_sessions("XBOM", date(2022, 1, 3), date(2024, 6, 28)))
    closes = pd.DataFrame(100.0 + np.arange(len(days) * 2).reshape(-1, 2) % 7, days, ["A.NS", "^NSEI"])
    with pytest.raises(DesignError, match=rf"design.{field}: .* and the data have \d{{3}}[ ;]"):
        es.run(
            [es.Event("e", date(2024, 3, 6), tickers=("A.NS",))],
            prices=closes,
            design=es.Design(benchmark="^NSEI", **fields),
        )
