"""The t of every session by sums, against one fit at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import long_prices, random_returns, specification

import eventstudy as es
from eventstudy.models import earlier_sessions
from eventstudy.models.earlier_sessions import session_statistics
from eventstudy.models.session_sums import has_sums, statistics_by_sums

#: Sums of products about the mean of the series lose at most six of sixteen digits; see `KEPT`.
RTOL = 1e-9
OPTIONS: dict[str, Any] = {
    "benchmark": "MKT",
    "estimation": (-80, -11),
    "window": (-3, 3),
    "car_windows": ((0, 0), (-1, 2), (-3, 3)),
}


def made(rng: np.random.Generator, **options: Any) -> Any:
    """Return a study of three securities: one with gaps, one listed late, one stale for a while."""
    returns = random_returns(rng, ("A", "B", "LATE", "STALE"), n=320)
    returns.loc[returns.index[:60], "LATE"] = np.nan
    returns.iloc[[100, 131, 132, 170, 171, 172], 0] = np.nan
    returns.iloc[120:230, list(returns.columns).index("STALE")] = 0.0
    returns.iloc[250:, list(returns.columns).index("STALE")] = returns["MKT"].iloc[250:] * 1.5
    rows = [("a", "A", 300), ("b", "B", 240), ("c", "LATE", 300), ("d", "STALE", 300), ("e", "A", 150)]
    events = pd.DataFrame(rows, columns=["event_id", "ticker", "session"])
    events["session"] = returns.index[events["session"].to_numpy()]
    design = es.Design(**{**OPTIONS, "quality": "flag", **options})
    if design.gaps == "missing":
        return specification(events, design=design, returns=returns)
    growth = np.log1p(returns.drop(columns=["RF"]))
    closes = 50.0 * np.exp(growth.fillna(0.0).cumsum()).where(growth.notna())
    return specification(events, design=design, prices=long_prices(closes).dropna())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mask_events": True},
        {"gaps": "lump"},
        {"model": "mean", "benchmark": None},
        {"model": "capm"},
        {"returns": "log", "gaps": "lump", "mask_events": True},
    ],
    ids=str,
)
def test_sums_give_the_figures_of_one_fit_at_a_time(
    options: dict[str, Any], rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, series = made(rng, **options), np.arange(4)
    assert has_sums(spec)
    found = session_statistics(spec, series)
    monkeypatch.setattr(earlier_sessions, "has_sums", lambda _: False)
    singly = session_statistics(spec, series)
    assert np.isfinite(singly).any(axis=(1, 2)).all(), "a series has no figure to compare"
    np.testing.assert_allclose(found, singly, rtol=RTOL)


def test_nearly_exact_fits_and_lumped_returns_are_left_to_single_fits(rng: np.random.Generator) -> None:
    spec = made(rng, gaps="lump", mask_events=False)
    t, doubt = statistics_by_sums(spec, np.arange(4))
    assert doubt[3, 215:220].all(), "the estimation window is constant"
    assert doubt[0, [101, 133, 173]].all(), "a return covers several sessions"
    assert not doubt[1].any()
    assert np.isfinite(t[1, 80:310]).all()


def test_two_regressors_that_are_collinear_are_left_to_single_fits(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), n=200)
    returns["SMB"] = rng.normal(0.0, 0.01, len(returns))
    returns["TWIN"] = returns["MKT"] * (1.0 + 1e-9 * rng.normal(size=len(returns)))
    events = pd.DataFrame({"event_id": ["e"], "ticker": ["A"], "session": [returns.index[190]]})
    for second, alike in (("SMB", False), ("TWIN", True)):
        factors = returns[["MKT", second, "RF"]]
        design = es.Design(
            **{**OPTIONS, "model": "factors", "benchmark": None, "factors": ("MKT", second)},
            mask_events=False,
        )
        spec = specification(events, design=design, returns=returns[["A"]].join(factors))
        t, doubt = statistics_by_sums(spec, np.array([0]))
        assert doubt[0, 80:].all() == alike
        assert alike or np.isfinite(t[0, 80:190]).all()


@pytest.mark.parametrize(
    "options", [{"model": "market-adjusted"}, {"gaps": "trade-to-trade"}, {"estimation": (-80, -1)}], ids=str
)
def test_what_sums_do_not_serve(options: dict[str, Any], rng: np.random.Generator) -> None:
    options = {"window": (0, 3), "car_windows": ((0, 0),)} | options
    assert not has_sums(made(rng, **options))
