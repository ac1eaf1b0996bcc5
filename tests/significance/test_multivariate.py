"""Several tickers on one date: the regression system against explicit event dummies and portfolios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import event_frame, one, pick, random_returns, study
from scipy import stats

import eventstudy as es
from eventstudy.study_result import EventStudyResult

TICKERS = tuple("ABCDE")
WINDOWS = ((0, 0), (0, 1), (-1, 1), (0, 5), (-5, 5))
ROWS = [("e", ticker, 300) for ticker in TICKERS]
MOVES = np.array([[0.03, -0.02, 0.0, 0.01, 0.02], [0.01, 0.0, 0.0, 0.02, 0.0]])
PAST, DAY0 = slice(40, 290), 300
#: the brute force inverts a 251 x 251 dummy design and a kron of 1,255: it keeps fewer digits than the core
BRUTE = 1e-8


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    table = random_returns(np.random.default_rng(5), TICKERS, correlation=0.4)
    table.iloc[DAY0 : DAY0 + 2, :5] += MOVES
    table.iloc[[60, 61, 200], 1] = np.nan  # listwise: gone for all of them
    table.iloc[250, 3] = np.nan
    return table


@pytest.fixture(scope="module")
def result(returns: pd.DataFrame) -> EventStudyResult:
    return study(returns, ROWS, car_windows=WINDOWS)


def row_of(result: EventStudyResult, test: str, window: tuple[int, int], level: str = "event") -> pd.Series:
    return one(result.tests, level=level, test=test, start=window[0], end=window[1])


def stacked_sample(
    returns: pd.DataFrame, window: tuple[int, int], tickers: Any = TICKERS
) -> tuple[Any, Any, Any]:
    """Return Y, X with the constant, the market and a dummy per session of the window, and its length."""
    ahead = np.arange(DAY0 + window[0], DAY0 + window[1] + 1)
    rows = np.concatenate([np.arange(PAST.start, PAST.stop), ahead])
    y = returns[list(tickers)].to_numpy()[rows]
    x = np.column_stack([np.ones(len(rows)), returns["MKT"].to_numpy()[rows]])
    dummies = np.zeros((len(rows), len(ahead)))
    dummies[-len(ahead) :] = np.eye(len(ahead))
    x = np.column_stack([x, dummies])
    usable = np.isfinite(y).all(axis=1)
    return y[usable], x[usable], len(ahead)


@pytest.mark.parametrize("window", [(0, 0), (0, 1), (-1, 1)])
def test_joint_f_is_the_wald_test_of_event_dummies_in_a_seemingly_unrelated_regression(
    returns: pd.DataFrame, result: EventStudyResult, window: tuple[int, int]
) -> None:
    y, x, length = stacked_sample(returns, window)
    m, n = y.shape
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    df = m - x.shape[1]  # the dummies fit their sessions, so this is M - k of the estimation window
    sigma = residuals.T @ residuals / df
    omega = np.kron(np.linalg.inv(sigma), np.eye(m))
    design = np.kron(np.eye(n), x)
    covariance = np.linalg.inv(design.T @ omega @ design)
    b = covariance @ design.T @ omega @ y.T.ravel()
    restriction = np.kron(np.eye(n), np.r_[0, 0, np.ones(length)])
    value = restriction @ b
    wald = value @ np.linalg.solve(restriction @ covariance @ restriction.T, value)
    found = row_of(result, "joint_f", window)
    assert found["statistic"] == pytest.approx(wald * (df - n + 1) / (n * df), rel=BRUTE)
    assert (found["df"], found["df2"], found["n"]) == (n, df - n + 1, n)
    assert found["pvalue"] == pytest.approx(stats.f.sf(found["statistic"], n, df - n + 1), rel=RTOL * 100)


def test_joint_and_equality_f_are_statsmodels_multivariate_tests(
    returns: pd.DataFrame, result: EventStudyResult
) -> None:
    from statsmodels.multivariate.multivariate_ols import MultivariateLS

    y, x, _ = stacked_sample(returns, (0, 0))
    dummy = np.array([[0.0, 0.0, 1.0]])
    differences = np.vstack([np.eye(4), -np.ones(4)])
    tested = MultivariateLS(y, x).fit().mv_test([("joint", dummy, np.eye(5)), ("equal", dummy, differences)])
    for name, test in (("joint", "joint_f"), ("equal", "equality_f")):
        expected = tested.results[name]["stat"].loc["Hotelling-Lawley trace"]
        found = row_of(result, test, (0, 0))
        assert found["statistic"] == pytest.approx(expected["F Value"], rel=BRUTE)
        assert (found["df"], found["df2"]) == pytest.approx((expected["Num DF"], expected["Den DF"]))
        assert found["pvalue"] == pytest.approx(expected["Pr > F"], rel=BRUTE * 10)


def test_the_portfolio_is_one_more_security(returns: pd.DataFrame, result: EventStudyResult) -> None:
    """Its t, p-value, degrees of freedom and placebo rank are `car_t` and `placebo` of the mean return."""
    table = returns.assign(P=returns[list(TICKERS)].mean(axis=1, skipna=False))
    cars = study(table, [("e", "P", DAY0)], car_windows=WINDOWS).cars
    for window in WINDOWS:
        car = one(cars, start=window[0], end=window[1])
        t, rank = (row_of(result, name, window) for name in ("portfolio_t", "portfolio_placebo"))
        assert t["statistic"] == pytest.approx(car["statistic"], rel=RTOL)
        assert t["pvalue"] == pytest.approx(car["pvalue"], rel=RTOL * 100)
        assert t["df"] == car["df"]
        assert rank["statistic"] == pytest.approx(car["car"], rel=RTOL, abs=RTOL * car["car_se"])
        assert rank["pvalue"] == pytest.approx(car["placebo_pvalue"], rel=RTOL)
        assert f"among {car['placebo_n']} placebo" in rank["note"]


def test_averages_on_one_date_carry_the_portfolio_s_forecast_error(returns: pd.DataFrame) -> None:
    """Without missing sessions, AAR and CAAR are the portfolio's AR and CAR."""
    full = returns.ffill()
    table = full.assign(P=full[list(TICKERS)].mean(axis=1))
    averages = pick(study(full, ROWS).averages, level="event")
    path = study(table, [("e", "P", DAY0)]).abnormal_returns
    for found, expected in (("aar", "ar"), ("aar_se", "ar_se"), ("caar", "car"), ("caar_se", "car_se")):
        np.testing.assert_allclose(averages[found], path[expected], rtol=RTOL, atol=1e-14)
    half = stats.t.ppf(0.975, 248) * path["car_se"].to_numpy()
    np.testing.assert_allclose(averages["ci_high"] - averages["caar"], half, rtol=RTOL)
    assert (averages["n_dates"] == 1).all()


def plain_fit(returns: pd.DataFrame, ticker: str, regressor: Any, rows: Any) -> tuple[Any, Any]:
    x = np.column_stack([np.ones(len(returns)), regressor])
    y = returns[ticker].to_numpy()
    return y - x @ np.linalg.lstsq(x[rows], y[rows], rcond=None)[0], x


@pytest.mark.parametrize("window", WINDOWS)
def test_joint_placebo_by_brute_force(
    returns: pd.DataFrame, result: EventStudyResult, window: tuple[int, int]
) -> None:
    """Every placebo window is forecast, and the residual covariance taken, from a fit without it."""
    usable = np.isfinite(returns[list(TICKERS)].to_numpy()).all(axis=1)
    rows = np.arange(PAST.start, PAST.stop)[usable[PAST]]
    x = np.column_stack([np.ones(len(returns)), returns["MKT"]])

    def f_of(block: Any, kept: Any) -> float:
        errors = np.array([plain_fit(returns, ticker, returns["MKT"], kept)[0] for ticker in TICKERS])
        df = len(kept) - 2
        ahead = x[block].sum(axis=0)
        spread = len(block) + ahead @ np.linalg.inv(x[kept].T @ x[kept]) @ ahead
        car = errors[:, block].sum(axis=1)
        distance = car @ np.linalg.inv(errors[:, kept] @ errors[:, kept].T / df) @ car / spread
        return float(distance * (df - 4) / (5 * df))

    length = window[1] - window[0] + 1
    blocks = [np.arange(start, start + length) for start in range(PAST.start, PAST.stop - length + 1)]
    forms = [f_of(block, np.setdiff1d(rows, block)) for block in blocks if usable[block].all()]
    observed = f_of(np.arange(DAY0 + window[0], DAY0 + window[1] + 1), rows)
    found = row_of(result, "joint_placebo", window)
    df = len(rows) - 2
    assert found["statistic"] == pytest.approx(observed * 5 * df / (df - 4), rel=BRUTE)
    rank = (1 + sum(form >= observed for form in forms)) / (1 + len(forms))
    assert found["pvalue"] == pytest.approx(rank, rel=RTOL)
    assert f"among {len(forms)} placebo" in found["note"]


def test_one_ticker_is_its_own_t_and_rank(returns: pd.DataFrame) -> None:
    result = study(returns, [("e", "A", DAY0)], car_windows=WINDOWS)
    for window in WINDOWS:
        car = one(result.cars, start=window[0], end=window[1])
        f, t, joint, portfolio, equality = (
            row_of(result, name, window, level="all")
            for name in ("joint_f", "portfolio_t", "joint_placebo", "portfolio_placebo", "equality_f")
        )
        assert f["statistic"] == pytest.approx(car["statistic"] ** 2, rel=RTOL)
        assert f["pvalue"] == pytest.approx(car["pvalue"], rel=RTOL * 100)
        assert t["statistic"] == pytest.approx(car["statistic"], rel=RTOL)
        assert portfolio["pvalue"] == car["placebo_pvalue"]
        # ranked among forecasts rather than residuals, a neighbour or two may change places
        assert joint["pvalue"] == pytest.approx(car["placebo_pvalue"], abs=3 / 251)
        assert np.isnan(equality["statistic"])
        assert "two tickers" in equality["note"]


def test_tickers_with_regressors_of_their_own_are_noted_and_their_covariance_is_explicit(
    returns: pd.DataFrame,
) -> None:
    """Each ticker against the index without itself: Cov(CAR_i, CAR_j) = sigma_ij (L + w_i'w_j)."""
    full = returns.ffill()
    held = {"A": 0.3, "B": 0.2, "C": 0.1}
    asked = es.Design(benchmark={"ticker": "MKT", "exclude_self": held}, car_windows=((0, 1),))
    events = event_frame([("e", ticker, DAY0) for ticker in "ABC"], full.index)
    result = es.run(events, returns=full, design=asked)
    past, ahead = np.arange(PAST.start, PAST.stop), np.arange(DAY0, DAY0 + 2)
    errors, weights = [], []
    for ticker in "ABC":
        without = (full["MKT"] - held[ticker] * full[ticker]) / (1 - held[ticker])
        error, x = plain_fit(full, ticker, without, past)
        errors.append(error)
        weights.append(x[past] @ np.linalg.inv(x[past].T @ x[past]) @ x[ahead].sum(axis=0))
    errors, w = np.array(errors), np.array(weights)
    covariance = errors[:, past] @ errors[:, past].T / 248 * (2 + w @ w.T)
    car = errors[:, ahead].sum(axis=1)
    f, t = (row_of(result, name, (0, 1)) for name in ("joint_f", "portfolio_t"))
    assert f["statistic"] == pytest.approx(
        car @ np.linalg.solve(covariance, car) * 246 / (3 * 248), rel=BRUTE
    )
    assert t["statistic"] == pytest.approx(car.mean() / np.sqrt(covariance.mean()), rel=BRUTE)
    pair = one(result.comparisons, level="event", a="A", b="C", start=0, end=1)
    c = np.array([1, 0, -1])
    assert pair["se"] == pytest.approx(np.sqrt(c @ covariance @ c), rel=BRUTE)
    for row in (f, t, row_of(result, "equality_f", (0, 1)), pair):
        assert "approximate" in row["note"]
    assert pd.isna(row_of(study(full, ROWS), "joint_f", (0, 0))["note"])


def test_a_ticker_without_complete_returns_is_left_out_of_that_window_only(returns: pd.DataFrame) -> None:
    gap = returns.copy()
    gap.iloc[DAY0 + 3, 0] = np.nan
    gap.iloc[100:140, 0] = np.nan  # of no account where A is not complete: the others keep these sessions
    found = study(gap, ROWS, car_windows=WINDOWS)
    without = study(gap, ROWS[1:], car_windows=WINDOWS)
    assert row_of(found, "joint_f", (0, 1))["n"] == 5
    for test in ("joint_f", "portfolio_t", "joint_placebo", "portfolio_placebo", "equality_f"):
        ours, theirs = (row_of(study, test, (0, 5)) for study in (found, without))
        assert ours["n"] == theirs["n"] == 4
        assert (ours["df"], ours["df2"]) == pytest.approx((theirs["df"], theirs["df2"]), nan_ok=True)
        assert ours["statistic"] == pytest.approx(theirs["statistic"], rel=RTOL)
        assert ours["pvalue"] == pytest.approx(theirs["pvalue"], rel=RTOL * 100)
    assert row_of(found, "portfolio_t", (0, 1))["df"] == row_of(without, "portfolio_t", (0, 1))["df"] - 40
    ours, theirs = (pick(result.averages, level="event").set_index("tau") for result in (found, without))
    for column, taus in (("aar_se", [3]), ("caar_se", [3, 4, 5]), ("ci_low", [3, 4, 5])):
        np.testing.assert_allclose(ours.loc[taus, column], theirs.loc[taus, column], rtol=RTOL)
    pairs = [
        pick(result.comparisons, level="event", a="C", b="E", start=0, end=5).iloc[0]
        for result in (found, without)
    ]
    for column in ("difference", "se", "df", "pvalue", "pvalue_rw"):
        assert pairs[0][column] == pytest.approx(pairs[1][column], rel=RTOL * 100)
    assert len(pick(found.comparisons, level="event", start=0, end=5)) == 10


def test_dependent_tickers_and_too_many_of_them_have_no_f_and_say_why(rng: np.random.Generator) -> None:
    table = random_returns(rng, [f"T{i:02d}" for i in range(45)])
    table["COPY"] = table["T00"]
    twice = study(table, [("e", name, DAY0) for name in ("T00", "T01", "COPY")], quality="flag")
    for test in ("joint_f", "joint_placebo"):
        row = row_of(twice, test, (0, 0))
        assert np.isnan(row["statistic"])
        assert "linearly dependent" in row["note"]
    assert np.isfinite(row_of(twice, "portfolio_t", (0, 0))["statistic"])
    many = study(
        table, [("e", f"T{i:02d}", DAY0) for i in range(45)], estimation=(-50, -11), min_estimation=20
    )
    for test in ("joint_f", "equality_f", "joint_placebo"):
        row = row_of(many, test, (0, 0))
        assert np.isnan(row["statistic"])
        assert "more tickers than degrees of freedom" in row["note"]
    assert np.isfinite(row_of(many, "portfolio_t", (0, 0))["pvalue"])


def test_two_listings_of_one_ticker_and_date_are_one_ticker(returns: pd.DataFrame) -> None:
    rows = [*ROWS, ("twin", "A", DAY0), ("twin", "B", DAY0)]
    both, single = study(returns, rows), study(returns, ROWS)
    for test in ("joint_f", "portfolio_t", "joint_placebo", "portfolio_placebo", "equality_f"):
        ours, theirs = (row_of(study, test, (0, 0), level="all") for study in (both, single))
        assert (ours["statistic"], ours["n"]) == (pytest.approx(theirs["statistic"], rel=RTOL), 5)
    averages = [pick(result.averages, level="all") for result in (both, single)]
    for column in ("n", "aar", "aar_se", "caar", "caar_se", "share_positive"):
        np.testing.assert_allclose(averages[0][column], averages[1][column], rtol=RTOL, atol=1e-15)


def test_several_dates_are_no_system(returns: pd.DataFrame) -> None:
    result = study(returns, [*ROWS, ("later", "A", 330)])
    scopes = set(pick(result.tests, level="all")["test"])
    assert scopes.isdisjoint({"joint_f", "portfolio_t", "joint_placebo", "equality_f", "portfolio_placebo"})


def test_fewer_than_thirty_common_sessions_are_said_to_be_too_few(returns: pd.DataFrame) -> None:
    table = returns.copy()
    table.iloc[40:180, 0] = np.nan
    table.iloc[205:290, 1] = np.nan
    result = study(table, ROWS[:2], min_estimation=20)
    row = row_of(result, "joint_f", (0, 0))
    assert np.isnan(row["statistic"])
    assert "fewer than 30" in row["note"]
