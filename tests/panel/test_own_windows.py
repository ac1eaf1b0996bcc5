"""Windows of each event's own: the figures are those of a study that has only that event's windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one, random_returns, sessions

import eventstudy as es
from eventstudy.errors import DesignError

TOLERANCE = 1e-12  #: decimal: the same arithmetic over a longer window with missing ends
DAYS = {"a": ("A", 300), "b": ("B", 320), "c": ("C", 340)}
WINDOWS = {"a": ((-2, 2), (-130, -11)), "b": ((-1, 3), (-200, -6)), "c": ((0, 0), (-250, -21))}
DESIGN = es.Design(benchmark="MKT", window=(-1, 3), estimation=(-200, -6), car_windows=[(0, 0), (-1, 1)])


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    return random_returns(np.random.default_rng(5), missing=0.02)


def listed(*names: str, own: bool = True) -> pd.DataFrame:
    index = sessions(420)
    rows = [
        {"event_id": name, "ticker": DAYS[name][0], "session": index[DAYS[name][1]]}
        | (
            {
                "window_start": WINDOWS[name][0][0],
                "window_end": WINDOWS[name][0][1],
                "estimation_start": WINDOWS[name][1][0],
                "estimation_end": WINDOWS[name][1][1],
            }
            if own and name != "b"  # b states none: the design's
            else {}
        )
        for name in names
    ]
    return pd.DataFrame(rows)


def alone(name: str, returns: pd.DataFrame) -> Any:
    window, estimation = WINDOWS[name]
    cars = [car for car in ((0, 0), (-1, 1), window) if window[0] <= car[0] and car[1] <= window[1]]
    design = DESIGN.replace(window=window, estimation=estimation, car_windows=tuple(dict.fromkeys(cars)))
    return es.run(listed(name, own=False), returns=returns, design=design)


@pytest.mark.parametrize("name", WINDOWS)
def test_each_event_is_measured_on_its_own_windows(name: str, returns: pd.DataFrame) -> None:
    together = es.run(listed("a", "b", "c"), returns=returns, design=DESIGN)
    own = alone(name, returns)
    keys = ["start", "end"]
    cars = together.cars[together.cars["event_id"] == name].set_index(keys)
    for key, row in own.cars.set_index(keys).iterrows():
        for column in ("car", "car_se", "pvalue", "placebo_pvalue", "conformal_pvalue", "bhar"):
            np.testing.assert_allclose(cars.loc[key, column], row[column], atol=TOLERANCE, err_msg=column)
    inside = together.abnormal_returns.query(f"event_id == {name!r}").set_index("tau")["ar"].dropna()
    np.testing.assert_allclose(inside, own.abnormal_returns["ar"].dropna(), atol=TOLERANCE)
    stated, measured = (one(result.events, event_id=name) for result in (own, together))
    assert stated["n_estimation"] == measured["n_estimation"]


def test_a_window_that_reaches_past_an_events_own_has_no_figure(returns: pd.DataFrame) -> None:
    result = es.run(listed("a", "c"), returns=returns, design=DESIGN)
    car = result.cars.set_index(["event_id", "start", "end"])["car"]
    assert np.isfinite(car["a", -2, 2]) and np.isfinite(car["a", -1, 1])
    assert np.isnan(car["c", -1, 1]) and np.isfinite(car["c", 0, 0])


def test_too_few_returns_are_counted_in_the_own_window(returns: pd.DataFrame) -> None:
    table = returns.copy()
    table.iloc[300 - 130 : 300 - 40, 0] = np.nan
    events = es.run(listed("a", "b", "c"), returns=table, design=DESIGN.replace(max_loss=1.0)).events
    row = events.query("event_id == 'a'").iloc[0]
    assert row["status"] == "skipped"
    assert "of 120 estimation returns are usable; 72 are needed" in row["reason"]


def test_an_estimation_window_that_meets_anothers_event_window_is_refused(returns: pd.DataFrame) -> None:
    frame = listed("a", "c").assign(window_start=[-15, 0], estimation_end=[-16, -11])
    with pytest.raises(DesignError, match="measure them in two studies"):
        es.run(frame, returns=returns, design=DESIGN)


def test_other_events_are_counted_in_the_own_window(returns: pd.DataFrame) -> None:
    frame = pd.concat([listed("a", "c"), listed("a").assign(event_id="a2")], ignore_index=True)
    frame.loc[2, "session"] = sessions(420)[302]
    frame.loc[2, ["window_start", "window_end"]] = (0, 0)
    events = es.run(frame, returns=returns, design=DESIGN).events.set_index("event_id")
    assert "a2 at tau +2" in events.loc["a", "confounders"]
    assert not events.loc["a2", "confounded"]
