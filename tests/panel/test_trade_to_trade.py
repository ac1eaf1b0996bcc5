"""Thin trading: returns from trade to trade, and the flags of securities that trade seldom."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import one, sessions

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.inference.residual_checks import autocorrelation
from eventstudy.models.model import NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires
from eventstudy.significance.left_out import filled_blocks, left_out
from eventstudy.significance.past_sessions import PastSessions

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "methods2"
DIGITS = 1e-9  #: relative, of reference figures with 12 digits
EXACT = 1e-11  #: decimal: two least-squares solvers on the same returns
DESIGN = es.Design(
    benchmark="MKT",
    estimation=(-110, -11),
    window=(-3, 3),
    car_windows=[(0, 0), (-1, 1), (-3, 3)],
    mask_events=False,
    placebo_history="estimation",
    gaps="trade-to-trade",
)
DAY0 = 150


def prices(holes: float = 0.2, *, seed: int = 3, keep: tuple[int, ...] = ()) -> pd.DataFrame:
    """Return prices of 160 sessions, A without a trade on a share of them but never on some."""
    rng = np.random.default_rng(seed)
    market, own = 0.01 * rng.standard_normal(160), 0.02 * rng.standard_normal(160)
    table = pd.DataFrame({"MKT": market, "A": 1.2 * market + own}, index=sessions(160))
    table = 100 * (1 + table).cumprod()
    gone = rng.random(160) < holes
    gone[list(keep)] = False
    table.loc[gone, "A"] = np.nan
    return table


def run(table: pd.DataFrame, design: es.Design = DESIGN, *more: int) -> Any:
    rows = [(f"e{day0}", "A", table.index[day0]) for day0 in (DAY0, *more)]
    events = pd.DataFrame(rows, columns=["event_id", "ticker", "session"])
    long = table.rename_axis("date").reset_index().melt("date", var_name="ticker", value_name="close")
    return es.run(events, prices=long.dropna(), design=design)


def trades(table: pd.DataFrame, first: int, last: int) -> list[tuple[int, int, float, float]]:
    """Return (row, sessions, return, market's return) of each trade whose interval lies in some rows."""
    there = np.flatnonzero(table["A"].notna())
    found = []
    for before, row in pairwise(there):
        if before + 1 >= first and row <= last:
            own, market = (table[name].iloc[row] / table[name].iloc[before] - 1 for name in ("A", "MKT"))
            found.append((int(row), int(row - before), own, market))
    return found


def weighted(rows: list[tuple[int, int, float, float]]) -> tuple[Any, Any, float]:
    """Return coefficients, (X'X)^-1 and s of the regression of returns over the root of their sessions."""
    n, y, market = (np.array([row[at] for row in rows], dtype=float) for at in (1, 2, 3))
    x = np.column_stack([n, market]) / np.sqrt(n)[:, None]
    coefficients, *_ = np.linalg.lstsq(x, y / np.sqrt(n), rcond=None)
    residuals = y / np.sqrt(n) - x @ coefficients
    return coefficients, np.linalg.inv(x.T @ x), float(np.sqrt((residuals**2).sum() / (len(n) - 2)))


@pytest.mark.skipif(not SHARED.exists(), reason="no reference figures beside the repository")
def test_the_reference_figures() -> None:
    table = pd.read_csv(SHARED / "thin.csv", index_col="date", parse_dates=True)
    wanted = json.loads((SHARED / "trade_to_trade.json").read_text())
    closes = pd.DataFrame({"A": table["THIN"], "MKT": 100 * (1 + table["SPY"]).cumprod()})
    events = pd.DataFrame({"event_id": ["a"], "ticker": ["A"], "session": [pd.Timestamp(wanted["date"])]})
    long = closes.reset_index().melt("date", var_name="ticker", value_name="close").dropna()
    design = es.Design(
        gaps="trade-to-trade", benchmark="MKT", mask_events=False, placebo_history="estimation"
    )
    result = es.run(events, prices=long, design=design)
    row = one(result.events)
    assert (row["n_estimation"], row["df"]) == (wanted["n_trades"], wanted["df"])
    np.testing.assert_allclose(row["sigma"], wanted["s"], rtol=DIGITS)
    np.testing.assert_allclose(result.coefficients["estimate"], wanted["b"], rtol=DIGITS)
    found = result.abnormal_returns.dropna(subset="ar")
    assert found["tau"].tolist() == [each["tau"] for each in wanted["trades"]]
    for column, key in (("ret", "ret"), ("ar", "ar"), ("ar_se", "ar_se"), ("statistic", "t")):
        np.testing.assert_allclose(found[column], [each[key] for each in wanted["trades"]], rtol=DIGITS)
    assert np.isfinite(one(result.cars, start=-1, end=1)["car"])  # the trade at +1 spans it whole
    assert np.isnan(one(result.cars, start=-5, end=5)["car"])  # the first one begins before it


def test_trades_are_weighted_by_their_sessions() -> None:
    table = prices(keep=(146, DAY0 - 2, DAY0 + 1, DAY0 + 3))
    table.loc[table.index[[DAY0 - 1, DAY0]], "A"] = np.nan
    result = run(table)
    rows = trades(table, DAY0 - 110, DAY0 - 11)
    coefficients, inverse, s = weighted(rows)
    assert one(result.events)["n_estimation"] == len(rows) < 90
    np.testing.assert_allclose(result.coefficients["estimate"], coefficients, atol=EXACT)
    np.testing.assert_allclose(result.coefficients["std_error"], s * np.sqrt(np.diag(inverse)), atol=EXACT)
    ((_, n, own, market),) = trades(table, DAY0 - 1, DAY0 + 1)
    x = np.array([n, market])
    row = one(result.cars, start=-1, end=1)
    assert row["car"] == pytest.approx(own - x @ coefficients, abs=EXACT)
    assert row["car_se"] == pytest.approx(s * np.sqrt(n + x @ inverse @ x), abs=EXACT)
    assert np.isnan(one(result.cars, start=0, end=0)["car"]) and np.isnan(row["conformal_pvalue"])


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_statsmodels(seed: int) -> None:
    """Returns from trade to trade by WLS with the weights 1 / n_t, and its forecasts of the event window."""
    table = prices(seed=seed)
    result = run(table)
    n, own, market = (np.array([row[at] for row in trades(table, DAY0 - 110, DAY0 - 11)]) for at in (1, 2, 3))
    fit = sm.WLS(own, np.column_stack([n, market]), weights=1.0 / n).fit()
    event = one(result.events)
    assert (event["n_estimation"], event["df"]) == (len(n), fit.df_resid)
    np.testing.assert_allclose(event["sigma"], np.sqrt(fit.scale), rtol=DIGITS)
    np.testing.assert_allclose(result.coefficients["estimate"], fit.params, rtol=DIGITS)
    np.testing.assert_allclose(result.coefficients["std_error"], fit.bse, rtol=DIGITS)
    ahead = [row for row in trades(table, 0, DAY0 + 3) if row[0] >= DAY0 - 3]
    found = result.abnormal_returns.dropna(subset="ar")
    assert found["tau"].tolist() == [row - DAY0 for row, *_ in ahead]
    x = np.array([[span, benchmark] for _, span, _, benchmark in ahead], dtype=float)
    forecast = fit.get_prediction(x, weights=1.0 / x[:, 0])
    expected = np.array([each for _, _, each, _ in ahead]) - forecast.predicted_mean
    np.testing.assert_allclose(found["ar"], expected, rtol=DIGITS, atol=EXACT)
    np.testing.assert_allclose(found["ar_se"], forecast.se_obs, rtol=DIGITS)


def test_placebos_are_blocks_that_trades_fill() -> None:
    table = prices(keep=(DAY0 - 2, DAY0 - 1, DAY0, DAY0 + 1))
    row = one(run(table).cars, start=-1, end=1)
    rows = trades(table, DAY0 - 110, DAY0 - 11)
    placebos = []
    for start in range(DAY0 - 110, DAY0 - 12):
        inside = [each for each in rows if start <= each[0] - each[1] + 1 and each[0] <= start + 2]
        if sum(each[1] for each in inside) == 3:
            coefficients, *_ = weighted([each for each in rows if each not in inside])
            placebos.append(sum(own - n * coefficients[0] - m * coefficients[1] for _, n, own, m in inside))
    assert row["placebo_n"] == len(placebos) > 40
    beyond = (np.abs(placebos) >= abs(row["car"])).sum()
    assert row["placebo_pvalue"] == pytest.approx((1 + beyond) / (1 + len(placebos)))
    assert 0 < row["conformal_pvalue"] <= 1 and row["conformal_n"] == 3 + sum(each[1] == 1 for each in rows)


def test_blocks_of_spans_against_refits() -> None:
    rng = np.random.default_rng(4)
    span = np.array([[1, 0, 2, 1, 0, 0, 3, 1, 1, 0, 2, 1]], dtype=float)
    y, x = rng.normal(size=(2, 1, 12))
    used = span > 0
    root = np.sqrt(np.where(used, span, 1))
    scaled = np.stack([root, x / root], axis=2)[0][used[0]]
    q = np.full((1, 12, 2), np.nan)
    q[0, used[0]] = np.linalg.qr(scaled)[0]
    residuals = np.full((1, 12), np.nan)
    own = (y / root)[0][used[0]]
    residuals[0, used[0]] = own - scaled @ np.linalg.lstsq(scaled, own, rcond=None)[0]
    blocks = left_out(residuals, q, 3, PastSessions(span=np.where(used, span, 1)))
    df = np.array([used.sum() - 2.0])
    sigma = blocks.sigma(np.sqrt(np.nansum(residuals**2, axis=1) / df), df)
    own_scaled = (y / root)[0]
    whole = filled_blocks(span.astype(int), 3)[0]
    assert np.flatnonzero(whole).tolist() == [0, 1, 4, 8, 9]
    np.testing.assert_array_equal(np.isfinite(blocks.car[0]), whole)
    for start in np.flatnonzero(whole):
        inside = np.flatnonzero(used[0] & (np.arange(12) >= start) & (np.arange(12) < start + 3))
        kept = np.setdiff1d(np.flatnonzero(used[0]), inside)
        rows = np.stack([root, x / root], axis=2)[0]
        b = np.linalg.lstsq(rows[kept], (y / root)[0][kept], rcond=None)[0]
        raw = y[0, inside] - np.stack([span[0], x[0]], axis=1)[inside] @ b
        assert blocks.car[0, start] == pytest.approx(raw.sum(), abs=EXACT)
        total = np.stack([span[0], x[0]], axis=1)[inside].sum(axis=0)
        variance = 3 + total @ np.linalg.inv(rows[kept].T @ rows[kept]) @ total
        assert blocks.variance[0, start] == pytest.approx(variance, rel=DIGITS)
        others = own_scaled[kept] - rows[kept] @ b
        s = np.sqrt((others**2).sum() / (len(kept) - 2))
        assert sigma[0, start] == pytest.approx(s, rel=DIGITS)


@pytest.mark.parametrize("model", ["market", "mean", "market-adjusted", "dimson"])
def test_without_a_gap_nothing_changes(model: str) -> None:
    table = prices(0.0)
    design = DESIGN.replace(model=model)
    spans, plain = run(table, design), run(table, design.replace(gaps="missing"))
    for name in ("cars", "tests", "abnormal_returns", "coefficients"):
        pd.testing.assert_frame_equal(spans.frame(name), plain.frame(name), rtol=DIGITS)


def test_a_trade_over_a_masked_session_is_left_out() -> None:
    table = prices(keep=(DAY0, 98, 99, 103))
    table.loc[table.index[[100, 101, 102]], "A"] = np.nan
    result = run(table, DESIGN.replace(mask_events=True, max_loss=1.0), 101)
    rows = [each for each in trades(table, DAY0 - 110, DAY0 - 11) if not _meets(each, 100, 102)]
    coefficients, *_ = weighted(rows)
    own = result.coefficients.query(f"event_id == 'e{DAY0}'")["estimate"]
    np.testing.assert_allclose(own, coefficients, atol=EXACT)


def _meets(trade: tuple[int, int, float, float], first: int, last: int) -> bool:
    return trade[0] - trade[1] + 1 <= last and trade[0] >= first


def test_a_security_that_trades_too_seldom_is_skipped() -> None:
    result = run(prices(0.55, keep=(DAY0 - 1, DAY0)), DESIGN.replace(max_loss=1.0, min_estimation=20))
    assert (
        "of its estimation sessions are without a trade; at most 40% may be" in one(result.events)["reason"]
    )


def test_what_trades_seldom_is_flagged() -> None:
    table = prices(0.15, keep=(DAY0 - 1, DAY0))
    table["A"] = np.where(table["A"].isna(), np.nan, 100 + np.round(table["A"] % 2))  # two prices in turn
    found = run(table).diagnostics.set_index("check")
    estimation = table["A"].iloc[DAY0 - 110 : DAY0 - 10]
    assert found.loc["no_trade_share", "value"] == pytest.approx(estimation.isna().mean())
    assert found.loc["no_trade_share", "note"] == "thin: no trade on many sessions"
    plain = run(table, DESIGN.replace(gaps="missing")).diagnostics.set_index("check")
    assert "; gaps: trade-to-trade" in plain.loc["no_trade_share", "note"]
    for check, remark in (("zero_return_share", "stale"), ("autocorrelation", "bounce")):
        assert found.loc[check, "note"].startswith(remark)
        assert "corrado_rank" in found.loc[check, "note"]
    sound = run(prices(0.0)).diagnostics.set_index("check")["note"]
    assert sound[["no_trade_share", "zero_return_share", "autocorrelation"]].isna().all()


def test_autocorrelation_is_that_of_the_pairs() -> None:
    x = np.random.default_rng(8).normal(size=(2, 60))
    x[0, [7, 8, 30]] = np.nan
    pairs = np.isfinite(x[0, 1:]) & np.isfinite(x[0, :-1])
    expected = np.corrcoef(x[0, 1:][pairs], x[0, :-1][pairs])[0, 1]
    assert autocorrelation(x)[0] == pytest.approx(expected, abs=EXACT)


def test_returns_or_a_model_that_cannot_be_weighted_are_refused() -> None:
    events = pd.DataFrame({"event_id": ["a"], "ticker": ["A"], "session": [sessions(160)[DAY0]]})
    with pytest.raises(DesignError, match="taken from prices"):
        es.run(events, returns=prices(0.0).pct_change(), design=DESIGN)
    own = NormalReturnModel("own", "own", "own", estimate_ols, Requires(benchmark=True))
    with pytest.raises(DesignError, match="which the model own does not"):
        run(prices(), DESIGN.replace(model=own))


@pytest.mark.parametrize("seed", range(8))
def test_a_missing_car_says_which_trade_or_which_sessions_it_lacks(seed: int) -> None:
    table = prices(0.35, seed=seed)
    cars = run(table).cars.set_index(["start", "end"])
    there = np.flatnonzero(table["A"].notna()) - DAY0
    spans = [(row, before + 1) for before, row in pairwise(there.tolist()) if -3 <= row <= 3]
    for (start, end), car in cars.iterrows():
        over = [
            f"the trade at {row:+d} spans into {start - 1 if row <= end else end:+d}"
            for row, first in spans
            if first < start <= row <= end or first <= end < row
        ]
        last = max((row for row, _ in spans if start <= row <= end), default=start - 1)
        if last < end:
            over.append(f"no trade {f'from {last + 1:+d} to' if last + 1 < end else 'at'} {end:+d}")
        assert pd.isna(car["car"]) == bool(over) == pd.notna(car["car_note"])
        assert not over or car["car_note"] == over[0].replace("+0", "0")
