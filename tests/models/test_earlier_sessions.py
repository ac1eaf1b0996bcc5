"""The t of every session of a series, by one fit at a time and against reference figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL, fit
from panels import REPOSITORY, bundled_returns, one, priced, random_returns, specification, study

import eventstudy as es
from eventstudy.models.earlier_sessions import series_codes, session_statistics

WINDOWS = ((0, 0), (0, 5))
#: The reference figures have 12 digits and a regression on returns of as many.
REFERENCE_RTOL = 1e-9
SIDES = {"two-sided": "p_two_sided", "greater": "p_greater", "less": "p_less"}


@pytest.fixture(scope="module")
def long_returns(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "golden/methods2/long.csv", index_col="date", parse_dates=True)


@pytest.mark.parametrize("alternative", SIDES)
def test_reference_figures(alternative: Any, long_returns: pd.DataFrame, shared: Path) -> None:
    asked = json.loads((shared / "golden/methods2/long_placebo.json").read_text())
    event = [("e", asked["ticker"], asked["date"])]
    options: dict[str, Any] = {
        "benchmark": "SPY",
        "car_windows": WINDOWS,
        "mask_events": False,
        "alternative": alternative,
    }
    found = study(long_returns, event, placebo_history="all", **options).cars
    for stated in asked["windows"]:
        row = one(found, start=stated["start"], end=stated["end"])
        assert row["statistic"] == pytest.approx(stated["t"], rel=REFERENCE_RTOL)
        assert row["history_n"] == stated["n"]
        assert row["history_pvalue"] == pytest.approx(stated[SIDES[alternative]], rel=REFERENCE_RTOL)
    events = pd.DataFrame({"event_id": ["e"], "ticker": [asked["ticker"]], "session": [asked["date"]]})
    spec = specification(events, design=es.Design(**options), returns=long_returns)
    t = session_statistics(spec, np.array([0]))[0]
    for place, stated in enumerate(asked["windows"]):
        earlier = t[: spec.panel.day0[0] - 5 - stated["end"], place]
        ends = earlier[np.isfinite(earlier)][[0, -1]]
        np.testing.assert_allclose(ends, [stated["first"], stated["last"]], rtol=REFERENCE_RTOL)


def test_every_session_is_fitted_like_an_event(rng: np.random.Generator) -> None:
    """Two securities on one benchmark, with gaps, and one that is listed later; against statsmodels."""
    returns = random_returns(rng, ("A", "B", "LATE"), n=260)
    returns.loc[returns.index[:60], "LATE"] = np.nan
    returns.iloc[[100, 131, 132, 170], 0] = np.nan
    options: dict[str, Any] = {
        "estimation": (-80, -11),
        "window": (-3, 3),
        "car_windows": (WINDOWS[0], (-1, 2)),
    }
    events = pd.DataFrame(
        {
            "event_id": list("abcd"),
            "ticker": ["A", "B", "LATE", "A"],
            "session": returns.index[[240, 240, 240, 200]],
        }
    )
    spec = specification(events, design=es.Design(benchmark="MKT", **options), returns=returns)
    assert series_codes(spec.panel).tolist() == [0, 1, 2, 0]
    found = session_statistics(spec, np.array([0, 1, 2]))
    assert found.shape == (3, len(returns), 2)
    first = {"A": 80, "B": 80, "LATE": 140}
    for place, ticker in enumerate(first):
        assert np.isnan(found[place, : first[ticker]]).all()
        for row in range(first[ticker], 250, 7):
            fitted = fit(
                returns,
                ticker,
                returns.index[row],
                ("MKT",),
                **{name: options[name] for name in ("estimation", "window")},
            )
            for column, (start, end) in enumerate(options["car_windows"]):
                car, se, _ = fitted.over(start, end)
                np.testing.assert_allclose(found[place, row, column], car / se, rtol=RTOL)
    assert np.isnan(found[0, [100, 131, 170], 0]).all(), "a session without a return has a t"


def test_the_last_n_sessions_and_those_near_listed_events(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), n=400)
    rows = [("e", "A", 380), ("other", "A", 300)]
    options: dict[str, Any] = {"estimation": (-80, -11), "car_windows": ((0, 0), (0, 3))}
    every = study(returns, rows, placebo_history="all", **options).cars
    few = study(returns, rows, placebo_history=100, **options).cars
    masked = study(returns, rows, placebo_history="all", mask_events=True, **options).cars
    plain = study(returns, rows, **options).cars
    assert plain[["history_pvalue", "history_n"]].isna().all(axis=None)
    events = pd.DataFrame({"event_id": ["e"], "ticker": ["A"], "session": [returns.index[380]]})
    spec = specification(events, design=es.Design(benchmark="MKT", **options), returns=returns)
    t = np.abs(session_statistics(spec, np.array([0]))[0])
    for place, end in enumerate((0, 3)):
        behind = 380 - 5 - end
        row, last = (one(table, event_id="e", start=0, end=end) for table in (every, few))
        assert (row["history_n"], last["history_n"]) == (behind - 80, 100)
        own = abs(row["statistic"])
        assert row["history_pvalue"] == (1 + (t[80:behind, place] >= own).sum()) / (1 + behind - 80)
        assert last["history_pvalue"] == (1 + (t[behind - 100 : behind, place] >= own).sum()) / 101
        # sessions -1 to +1 around the other event, and the windows that reach into them
        assert one(masked, event_id="e", start=0, end=end)["history_n"] == behind - 80 - 3 - end


def test_prices_at_hand_from_before_the_need_are_ranked_too(rng: np.random.Generator) -> None:
    """From a frame, whose sessions are those of its dates; the first return needs the price before it."""
    closes = 50 * np.exp(random_returns(rng, ("A",), n=700).drop(columns="RF").cumsum())
    options: dict[str, Any] = {"estimation": (-80, -11), "car_windows": ((0, 0),), "quality": "flag"}
    every = priced(closes, [("e", "A", 600)], placebo_history="all", **options).cars.iloc[0]
    assert every["history_n"] == 600 - 5 - 81
    few = priced(closes, [("e", "A", 600)], placebo_history=50, **options).cars.iloc[0]
    assert (few["history_n"], few["car"]) == (50, every["car"])


@pytest.mark.parametrize("column", ["session", "when"])  # on the sessions of the prices, or of the calendar
def test_the_stored_history_is_used_and_nothing_is_fetched_for_it(column: str) -> None:
    """The pinned prices begin in 2023, more than a year before the first session that the event needs."""
    event = pd.DataFrame({"event_id": ["e"], "ticker": ["NVDA"], column: ["2025-09-10"]})
    options: dict[str, Any] = {"car_windows": ((0, 0),), "mask_events": False, "placebo_history": "all"}
    stored = REPOSITORY / "cache" / "snapshot"
    found = es.run(event, offline=True, cache=stored, design=es.Design(**options)).cars.iloc[0]
    returns = bundled_returns().iloc[1:]
    expected = study(returns, [("e", "NVDA", "2025-09-10")], benchmark="SPY", **options).cars.iloc[0]
    assert found["history_n"] == expected["history_n"] > 300
    assert found["history_pvalue"] == expected["history_pvalue"]
