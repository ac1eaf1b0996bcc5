"""Volume and volatility as the measure: reference figures, statsmodels, autocorrelated noise."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import one, random_returns, study
from scipy import stats

import eventstudy as es
from eventstudy.cli.run_text import run_text
from eventstudy.numerics.autocorrelation import (
    first_autocorrelation,
    precision,
    variance_of_sum,
    weighted,
    whitened,
)
from eventstudy.report.page import chosen
from eventstudy.results.view import ResultView
from eventstudy.significance.left_out import left_out
from eventstudy.significance.past_sessions import PastSessions

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "golden" / "methods2"
WINDOWS = ((0, 0), (-1, 1), (0, 5), (-5, 5))
RTOL = 1e-9  #: as the reference figures ask
DIGITS = 1e-11  #: absolute: the reference is printed with 12 digits, and an AR may be near zero
ROUNDING = 1e-10  #: two orders of the same sums
reference = pytest.mark.skipif(not FOLDER.is_dir(), reason="no reference data")
NAMES = {"volume": "log_volume", "volatility": "log_range_variance"}


def prices_of(volume: pd.DataFrame, log_range: pd.DataFrame, close: Any = 100.0) -> pd.DataFrame:
    """Return a long table of prices with given volumes and ranges."""
    parts = []
    for ticker in volume.columns:
        low = np.broadcast_to(close, len(volume)) * np.exp(-log_range[ticker].to_numpy() / 2)
        high = low * np.exp(log_range[ticker].to_numpy())
        columns = {"close": np.broadcast_to(close, len(volume)), "high": high, "low": low}
        parts.append(
            pd.DataFrame(
                {"date": volume.index, "ticker": ticker, **columns, "volume": volume[ticker].to_numpy()}
            )
        )
    return pd.concat(parts)


@cache
def reference_prices() -> pd.DataFrame:
    volume, log_range = (
        pd.read_csv(FOLDER / f"{name}.csv", index_col="date", parse_dates=True)
        for name in ("volume", "range")
    )
    close = 100 * np.exp(np.random.default_rng(0).normal(0, 0.01, len(volume)).cumsum())
    return prices_of(volume, log_range, close)


def design(measure: str, **changes: Any) -> es.Design:
    own = {"mask_events": False, "quality": "flag", "placebo_history": "estimation", "car_windows": WINDOWS}
    return es.Design(measure=measure, **{**own, **changes})


@reference
@pytest.mark.parametrize("measure", NAMES)
@pytest.mark.parametrize("model", ["mean", "market"])
@pytest.mark.parametrize(("noise", "suffix"), [("auto", "_ar1"), ("independent", "")])
def test_the_reference_figures(measure: str, model: str, noise: str, suffix: str) -> None:
    stated = json.loads((FOLDER / "volume_and_range.json").read_text())
    asked = [each for each in stated if each["measure"] == NAMES[measure]]
    events = pd.DataFrame(
        [(str(place), each["ticker"], each["date"]) for place, each in enumerate(asked)],
        columns=["event_id", "ticker", "session"],
    )
    chosen = design(measure, model=model, noise=noise, tests=["cross_section_t"])
    result = es.run(events, prices=reference_prices(), closes="adjusted", design=chosen)
    for place, each in enumerate(asked):
        figures = each[model + suffix]
        own = {
            name: table[table["event_id"] == str(place)]
            for name, table in (
                ("events", result.events),
                ("coefficients", result.coefficients),
                ("ar", result.abnormal_returns),
                ("cars", result.cars),
            )
        }
        event = own["events"].iloc[0]
        assert event["sigma"] == pytest.approx(figures["sigma" if suffix else "s"], rel=RTOL)
        assert event["rho"] == pytest.approx(figures["rho"], rel=RTOL) if suffix else pd.isna(event["rho"])
        assert own["coefficients"]["estimate"].to_list() == pytest.approx(figures["b"], rel=RTOL)
        assert own["ar"]["ar"].to_list() == pytest.approx(figures["ar"], rel=RTOL, abs=DIGITS)
        assert own["ar"]["ar_se"].to_list() == pytest.approx(figures["ar_se"], rel=RTOL)
        for column, name in (
            ("car", "car"),
            ("car_se", "car_se"),
            ("statistic", "t"),
            ("df", "df"),
            ("pvalue", "p"),
        ):
            expected = [window[name] for window in figures["cars"]]
            assert own["cars"][column].to_list() == pytest.approx(expected, rel=RTOL, abs=DIGITS)


def autocorrelated(rng: np.random.Generator, shape: tuple[int, int], rho: float) -> Any:
    noise = rng.normal(size=shape)
    for session in range(1, shape[1]):
        noise[:, session] = rho * noise[:, session - 1] + np.sqrt(1 - rho**2) * noise[:, session]
    return noise


def with_holes(rng: np.random.Generator, values: Any, share: float = 0.1) -> Any:
    holed = values.copy()
    holed[rng.random(values.shape) < share] = np.nan
    return holed


def correlations(used: Any, rho: float) -> Any:
    session = np.flatnonzero(used)
    return rho ** np.abs(session[:, None] - session)


def test_whitening_and_precision_are_those_of_the_whole_matrix() -> None:
    rng = np.random.default_rng(1)
    values, rho = with_holes(rng, rng.normal(size=(3, 30))), np.array([0.6, -0.4, 0.0])
    used = np.isfinite(values)
    white = whitened(values, used, rho)
    product = weighted(values[:, :, None], used, rho)[:, :, 0]
    diagonal = precision(used, rho)[0]
    for row, own in enumerate(used):
        omega, known = correlations(own, rho[row]), values[row, own]
        inverse = np.linalg.inv(omega)
        assert white[row] @ white[row] == pytest.approx(known @ inverse @ known, rel=ROUNDING)
        assert product[row, own] == pytest.approx(inverse @ known, rel=ROUNDING)
        assert diagonal[row, own] == pytest.approx(np.diag(inverse), rel=ROUNDING)
        assert not white[row, ~own].any() and not product[row, ~own].any()


def test_the_variance_of_a_sum_is_the_quadratic_form() -> None:
    rng = np.random.default_rng(2)
    scale, rho = rng.uniform(0.5, 2, (2, 7)), np.array([0.7, -0.3])
    whole = [one @ correlations(np.ones(7), each) @ one for one, each in zip(scale, rho, strict=True)]
    assert variance_of_sum(scale, rho) == pytest.approx(whole, rel=ROUNDING)


def test_the_autocorrelation_takes_neighbours_alone() -> None:
    residuals = np.array([[1.0, 2.0, np.nan, 4.0, 1.0, -1.0]])
    assert first_autocorrelation(residuals) == pytest.approx([(2 + 4 - 1) / (1 + 16 + 1)])


def test_gaps_and_statsmodels() -> None:
    """Sessions without trade leave a gap of their length in Omega; GLS of statsmodels on the whole matrix."""
    rng = np.random.default_rng(3)
    index = pd.bdate_range("2018-01-02", periods=320)
    noise = autocorrelated(rng, (2, 320), 0.6)
    log_volume = 14 + np.vstack([0.5 * noise[0] + 0.3 * noise[1], 0.4 * noise[1]])
    volume = pd.DataFrame(np.exp(log_volume).T, index=index, columns=["A", "SPY"])
    volume.loc[index[[60, 61, 100, 150]], "A"] = 0.0
    wide = pd.DataFrame(0.02, index=index, columns=volume.columns)
    events = pd.DataFrame({"event_id": ["e"], "ticker": ["A"], "session": [index[300]]})
    walk = 100 * np.exp(rng.normal(0, 0.01, 320).cumsum())
    result = es.run(events, prices=prices_of(volume, wide, walk), closes="adjusted", design=design("volume"))
    y, x = volume["A"].to_numpy(), log_volume[1]
    y = np.log(np.where(y > 0, y, np.nan))
    inside = np.zeros(320, dtype=bool)
    inside[40:290] = True
    used = inside & np.isfinite(y)
    regressors = sm.add_constant(x)
    ols = sm.OLS(y[used], regressors[used]).fit()
    residuals = np.full((1, 320), np.nan)
    residuals[0, used] = ols.resid
    rho = first_autocorrelation(residuals)[0]
    fit = sm.GLS(y[used], regressors[used], sigma=correlations(used, rho)).fit()
    ahead = regressors[295:306]
    covariance = fit.scale * correlations(np.ones(11), rho) + ahead @ fit.cov_params() @ ahead.T
    event = one(result.events)
    assert (event["n_estimation"], event["df"]) == (246, 243)
    assert event["rho"] == pytest.approx(rho, rel=ROUNDING)
    assert result.coefficients["estimate"].to_list() == pytest.approx(fit.params.tolist(), rel=1e-8)
    assert result.coefficients["std_error"].to_list() == pytest.approx(fit.bse.tolist(), rel=1e-8)
    car = one(result.cars, start=-5, end=5)
    assert car["car"] == pytest.approx(float((y[295:306] - ahead @ fit.params).sum()), rel=1e-8)
    assert car["car_se"] == pytest.approx(float(np.sqrt(covariance.sum())), rel=1e-8)
    found = result.findings[result.findings["rule"] == "zero-volume"]
    assert found["session"].to_list() == index[[60, 61, 100, 150]].to_list()


@pytest.mark.parametrize("length", [1, 4])
def test_a_left_out_block_is_a_fit_without_it(length: int) -> None:
    rng = np.random.default_rng(4)
    y, x = with_holes(rng, autocorrelated(rng, (1, 40), 0.7)), rng.normal(size=(1, 40))
    used, rho = np.isfinite(y[0]), np.array([0.7])
    session = np.flatnonzero(used)
    regressors = np.column_stack([np.ones(40), x[0]])

    def fitted(rows: Any) -> tuple[Any, Any, float]:
        inverse = np.linalg.inv(0.7 ** np.abs(rows[:, None] - rows))
        spread = np.linalg.inv(regressors[rows].T @ inverse @ regressors[rows])
        b = spread @ regressors[rows].T @ inverse @ y[0, rows]
        e = y[0, rows] - regressors[rows] @ b
        return b, spread, float(e @ inverse @ e)

    b, spread, rss = fitted(session)
    residuals = np.where(used, y[0] - regressors @ b, np.nan)[None]
    root = (regressors @ np.linalg.cholesky(spread))[None]
    blocks = left_out(residuals, root, length, PastSessions(rho=rho))
    checked = 0
    for start in range(40 - length + 1):
        block = np.arange(start, start + length)
        if not used[block].all():
            assert np.isnan(blocks.car[0, start]) and np.isnan(blocks.variance[0, start])
            continue
        own, own_spread, own_rss = fitted(np.setdiff1d(session, block))
        total = regressors[block].sum(axis=0)
        noise = (0.7 ** np.abs(block[:, None] - block)).sum()
        assert blocks.car[0, start] == pytest.approx(
            float((y[0, block] - regressors[block] @ own).sum()), abs=1e-10
        )
        assert blocks.variance[0, start] == pytest.approx(float(noise + total @ own_spread @ total), rel=1e-8)
        assert blocks.explained[0, start] == pytest.approx(rss - own_rss, rel=1e-7, abs=1e-9)
        checked += 1
    assert checked > 20


def test_without_autocorrelation_both_engines_agree() -> None:
    """At rho = 0 left-out blocks are those of least squares."""
    rng = np.random.default_rng(5)
    basis = np.linalg.qr(np.column_stack([np.ones(50), rng.normal(size=50)]))[0]
    residuals = rng.normal(size=50)
    residuals -= basis @ (basis.T @ residuals)
    plain = left_out(residuals[None], basis[None], 3)
    zero = left_out(residuals[None], basis[None], 3, PastSessions(rho=np.zeros(1)))
    for name in ("car", "variance", "explained"):
        assert getattr(zero, name) == pytest.approx(getattr(plain, name), rel=ROUNDING, abs=ROUNDING)


def test_a_portfolio_of_a_ticker_and_its_copy_is_the_ticker() -> None:
    """The system of one date collapses to ``car_t``, at any rho."""
    rng = np.random.default_rng(6)
    returns = random_returns(rng, ("A",), missing=0.02)
    twice = returns.assign(B=returns["A"])
    result = study(twice, [("e", "A", 300), ("e", "B", 300)], noise="ar1", quality="flag")
    tests = result.tests[(result.tests["test"] == "portfolio_t") & (result.tests["level"] == "event")]
    assert one(result.events, ticker="A")["rho"] != 0
    for _, row in result.cars[result.cars["ticker"] == "A"].iterrows():
        own = one(tests, start=row["start"], end=row["end"])
        assert own["statistic"] == pytest.approx(row["statistic"], rel=1e-8, nan_ok=True)
        assert own["pvalue"] == pytest.approx(row["pvalue"], rel=1e-8, nan_ok=True)


@pytest.mark.parametrize("model", ["mean", "market"])
def test_volume_has_no_figure_of_returns(model: str) -> None:
    rng = np.random.default_rng(7)
    index = pd.bdate_range("2018-01-02", periods=320)
    volume = pd.DataFrame(np.exp(14 + autocorrelated(rng, (3, 320), 0.5).T), index, columns=["A", "B", "SPY"])
    wide = pd.DataFrame(0.02, index=index, columns=volume.columns)
    walk = 100 * np.exp(rng.normal(0, 0.01, 320).cumsum())
    events = pd.DataFrame({"event_id": "e", "ticker": ["A", "B"], "session": index[300]})
    prices = prices_of(volume, wide, walk)
    result = es.run(events, prices=prices, closes="adjusted", design=design("volume", model=model))
    assert result.cars["bhar"].isna().all() and result.cars["car"].notna().all()
    assert not {"calendar_time", "bhar_skew_t"} & set(result.tests["test"])
    assert set(result.tests["measure"]) == {"CAR", "volatility"}
    placebo = result.tests[result.tests["test"] == "joint_placebo"]
    assert placebo["pvalue"].isna().all() and placebo["note"].str.contains("autocorrelated").all()
    assert result.cars["conformal_pvalue"].isna().all() and result.cars["placebo_pvalue"].notna().all()
    assert result.prices["ret"].abs().max() < 1
    with pytest.raises(es.errors.DesignError, match="calendar_time"):
        es.run(events, prices=prices, closes="adjusted", design=design("volume", tests=["calendar_time"]))


def test_prices_without_volume_or_range_are_refused() -> None:
    index = pd.bdate_range("2018-01-02", periods=320)
    rng = np.random.default_rng(8)
    volume = pd.DataFrame(np.exp(rng.normal(14, 1, (320, 2))), index, columns=["A", "SPY"])
    wide = pd.DataFrame(0.02, index=index, columns=volume.columns)
    whole = prices_of(volume, wide, 100 * np.exp(rng.normal(0, 0.01, 320).cumsum()))
    events = pd.DataFrame({"event_id": ["e"], "ticker": ["A"], "session": [index[300]]})

    def run(prices: Any, measure: str, **changes: Any) -> Any:
        return es.run(events, prices=prices, closes="adjusted", design=design(measure, **changes))

    with pytest.raises(es.errors.PriceDataError, match="hold no volume"):
        run(whole.drop(columns="volume"), "volume")
    with pytest.raises(es.errors.PriceDataError, match="hold no high and low"):
        run(whole.drop(columns=["high", "low"]), "volatility")
    index_only = whole.assign(volume=whole["volume"].where(whole["ticker"] == "A"))
    with pytest.raises(es.errors.PriceDataError, match="the benchmark has no volume"):
        run(index_only, "volume")
    assert one(run(index_only, "volume", model="mean").events)["status"] == "ok"
    with pytest.raises(es.errors.UsageError, match="returns holds no volume"):
        returns = random_returns(rng, ("A",))
        es.run(events, returns=returns, design=design("volume", benchmark="MKT"))
    with pytest.raises(es.errors.DesignError, match="takes mean or market"):
        run(whole, "volume", model="market-adjusted")
    with pytest.raises(es.errors.DesignError, match="lump"):
        design("volume", gaps="lump")
    with pytest.raises(es.errors.DesignError, match="not least squares"):
        run(whole, "returns", model="market-adjusted", noise="ar1")


def test_a_session_without_a_range_is_missing_and_found() -> None:
    index = pd.bdate_range("2018-01-02", periods=320)
    rng = np.random.default_rng(9)
    volume = pd.DataFrame(1e6, index, columns=["A", "SPY"])
    wide = pd.DataFrame(rng.uniform(0.005, 0.03, (320, 2)), index=index, columns=volume.columns)
    wide.loc[index[[200, 300]], "A"] = 0.0
    prices = prices_of(volume, wide, 100 * np.exp(rng.normal(0, 0.01, 320).cumsum()))
    events = pd.DataFrame({"event_id": ["e", "f"], "ticker": "A", "session": index[[300, 301]]})
    found = es.run(events, prices=prices, closes="adjusted", design=design("volatility", max_loss=0.5))
    assert (
        found.findings["session"][found.findings["rule"] == "no-range"].to_list()
        == index[[200, 300]].to_list()
    )
    assert one(found.events, event_id="e")["reason"].startswith("A has no range on day 0")
    assert one(found.events, event_id="f")["n_estimation"] == 249


@pytest.mark.parametrize(("noise", "lost"), [("independent", 0), ("ar1", 1)])
def test_abnormal_volatility_is_the_quadratic_form(noise: str, lost: int) -> None:
    rng = np.random.default_rng(10)
    returns = random_returns(rng, ("A",))
    result = study(returns, [("e", "A", 300)], noise=noise)
    x = sm.add_constant(returns["MKT"].to_numpy())
    y, inside = returns["A"].to_numpy(), slice(40, 290)
    event = one(result.events)
    omega = np.eye(250) if noise == "independent" else correlations(np.ones(250), event["rho"])
    fit = sm.GLS(y[inside], x[inside], sigma=omega).fit()
    for start, end in ((0, 0), (-1, 1), (-5, 5)):
        ahead, length = slice(300 + start, 301 + end), end - start + 1
        ar = y[ahead] - x[ahead] @ fit.params
        covariance = fit.scale * omega[:length, :length] + x[ahead] @ fit.cov_params() @ x[ahead].T
        f = float(ar @ np.linalg.solve(covariance, ar)) / length
        row = one(result.cars, start=start, end=end)
        assert row["volatility_statistic"] == pytest.approx(f, rel=1e-8)
        assert row["volatility_pvalue"] == pytest.approx(stats.f.sf(f, length, 248 - lost), rel=1e-7)
    day0 = one(result.abnormal_returns, tau=0)
    assert one(result.cars, start=0, end=0)["volatility_statistic"] == pytest.approx(
        day0["variance_ratio"], rel=1e-9
    )


def test_the_units_are_said() -> None:
    """Log units in the metadata of the tables and in every figure that is printed, in both languages."""
    rng = np.random.default_rng(11)
    index = pd.bdate_range("2018-01-02", periods=320)
    volume = pd.DataFrame(np.exp(14 + autocorrelated(rng, (3, 320), 0.5).T), index, columns=["A", "B", "SPY"])
    wide = pd.DataFrame(0.02, index=index, columns=volume.columns)
    walk = 100 * np.exp(rng.normal(0, 0.01, 320).cumsum())
    events = pd.DataFrame({"event_id": "e", "ticker": ["A", "B"], "session": index[300], "expect": "up"})
    result = es.run(events, prices=prices_of(volume, wide, walk), closes="adjusted", design=design("volume"))
    units = {field.name: field.metadata[b"unit"] for field in result.tables["cars"].schema}
    assert units["car"] == units["ci_low"] == b"log units" and b"decimal" not in units.values()
    assert result.tables["prices"].schema.field("ret").metadata[b"unit"] == b"decimal"
    assert result.events["agrees"].isna().all() and "expected" not in set(result.tests["level"])
    for lang, told in (("en", "log units of volume"), ("ko", "로그 단위")):
        view = ResultView(result.tables, result.manifest, lang)
        assert view.figures.effect(0.5) == "+0.500" and view.figures.size(0.5) == "0.500"
        page = "".join(map(repr, chosen(view)))
        assert told in page and not re.search(r"[+-]\d+\.\d+%", page)
        assert view.words.say("axis.car") in ("cumulative abnormal log volume", "누적비정상로그거래량")
    text = "\n".join(str(line) for line in run_text(ResultView(result.tables, result.manifest), [], 100))
    assert "log units of volume" in text and not re.search(r"\d%", text)
    assert "+.3~f" in json.dumps(result.chart("car_paths", event="e").to_dict())


def test_turnover_where_shares_outstanding_are_given() -> None:
    """Shares that double with a split leave turnover alone, and the constant is in per cent."""
    rng = np.random.default_rng(12)
    index = pd.bdate_range("2018-01-02", periods=320)
    volume = pd.DataFrame(np.exp(14 + autocorrelated(rng, (2, 320), 0.5).T), index, columns=["A", "SPY"])
    wide = pd.DataFrame(0.02, index=index, columns=volume.columns)
    prices = prices_of(volume, wide, 100 * np.exp(rng.normal(0, 0.01, 320).cumsum()))
    events = pd.DataFrame({"event_id": ["e"], "ticker": ["A"], "session": [index[300]]})
    outstanding = np.tile(np.where(np.arange(320) < 200, 5e8, 6e8), 2)
    given = prices.assign(**{"shares outstanding": outstanding})
    found = es.run(events, prices=given, closes="adjusted", design=design("volume", model="mean"))
    turnover = np.log(100 * volume["A"].to_numpy() / outstanding[:320] + 0.000255)
    realised = found.abnormal_returns["ret"].to_list()
    assert realised == pytest.approx(turnover[295:306].tolist(), rel=ROUNDING)
    plain = es.run(events, prices=prices, closes="adjusted", design=design("volume", model="mean"))
    logs = np.log(volume["A"].to_numpy()[295:306]).tolist()
    assert plain.abnormal_returns["ret"].to_list() == pytest.approx(logs, rel=ROUNDING)
