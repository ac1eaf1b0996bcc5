"""The calendar-time portfolio against one put together day by day and regressed by statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from market_samples import with_market
from oracles import RTOL
from panels import one, random_returns, study
from samples import SIZES, each_cell, random_sample, shuffled

from eventstudy.significance.calendar_time import calendar_time
from eventstudy.significance.sample import CrossSection, InCalendarTime

ORDER = 1e-11  #: sums of the same numbers in another order, through a regression


def plain_portfolio(sample: CrossSection, rows: Any, place: int) -> tuple[Any, Any]:
    """Return the portfolio's return and regressors, one calendar session and one firm at a time."""
    panel, window, alignment = sample.calendar_time(), sample.windows[place], sample.alignment()
    values = panel.ret if panel.regressors.shape[2] else sample.history.ar[sample.events]
    sessions: dict[int, dict[int, list[Any]]] = {}
    for row in rows:
        for tau in range(window.start, window.end + 1):
            day, value = alignment.event[alignment.session[row], tau + 2], values[row, tau + 2]
            if day >= 0 and not np.isnan(value):
                member = [value, *panel.regressors[row, tau + 2]]
                sessions.setdefault(int(day), {}).setdefault(int(sample.ticker[row]), []).append(member)
    averaged = [
        np.mean([np.mean(listings, axis=0) for listings in sessions[day].values()], axis=0)
        for day in sorted(sessions)
    ]
    table = np.array(averaged).reshape(len(averaged), -1)
    return table[:, 0], table[:, 1:]


@pytest.mark.parametrize("q", [0, 1, 3])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_it_is_the_regression_by_statsmodels(rng: np.random.Generator, q: int, missing: float) -> None:
    import statsmodels.api as sm

    sample = with_market(rng, q, missing=missing)
    found, checked = calendar_time(sample), 0
    for group, place, rows in each_cell(sample):
        where, length = (group, place), sample.windows[place].length
        if len(rows) == 0:
            assert np.isnan(found.statistic[where])
            continue
        y, x = plain_portfolio(sample, rows, place)
        if len(y) <= q + 1:
            assert np.isnan(found.statistic[where])
            continue
        fit = sm.OLS(y, np.column_stack([np.ones(len(y)), x])).fit(
            cov_type="HAC", cov_kwds={"maxlags": length - 1, "use_correction": True}, use_t=True
        )
        assert found.n[where] == len(rows)
        assert found.df[where] == len(y) - q - 1
        assert found.statistic[where] == pytest.approx(fit.tvalues[0], rel=RTOL)
        assert found.pvalue[where] == pytest.approx(fit.pvalues[0], rel=RTOL * 10)
        assert found.se[where] == pytest.approx(length * fit.bse[0], rel=RTOL)
        assert (found.note[where] != "") == (length > 1 and len(y) < 3 * length)
        if length == 1:
            white = sm.OLS(y, np.column_stack([np.ones(len(y)), x])).fit(cov_type="HC1", use_t=True)
            assert found.statistic[where] == pytest.approx(white.tvalues[0], rel=RTOL)
        checked += 1
    assert checked >= 8


def test_two_listings_of_a_firm_on_a_session_count_once(rng: np.random.Generator) -> None:
    single = with_market(rng, 1, (20,), ticker=np.arange(20))
    panel, again = single.calendar_time(), np.r_[np.arange(20), 3, 3, 11]
    days = single.alignment()
    double = random_sample(
        rng, (23,), car=single.car[again], ticker=single.ticker[again],
        alignment=lambda: days._replace(session=days.session[again]),
        calendar_time=lambda: InCalendarTime(*(each[again] for each in panel)),
    )  # fmt: skip
    np.testing.assert_allclose(calendar_time(double).statistic, calendar_time(single).statistic, rtol=ORDER)


def test_order_scale_and_sign(rng: np.random.Generator) -> None:
    sample = with_market(rng, 1, missing=0.05)
    plain, panel = calendar_time(sample), sample.calendar_time()
    np.testing.assert_allclose(calendar_time(shuffled(sample, rng)).statistic, plain.statistic, rtol=ORDER)
    for factor in (4.0, -1.0):
        changed = random_sample(
            rng, SIZES, car=sample.car, ticker=sample.ticker, alignment=sample.alignment,
            calendar_time=lambda factor=factor: panel._replace(ret=factor * panel.ret),
        )  # fmt: skip
        found = calendar_time(changed)
        np.testing.assert_allclose(found.statistic, np.sign(factor) * plain.statistic, rtol=ORDER)
        np.testing.assert_allclose(found.pvalue, plain.pvalue, rtol=ORDER * 100)


@pytest.mark.parametrize(("model", "columns"), [("market", 1), ("market-adjusted", 1), ("mean", 0)])
def test_in_a_study(rng: np.random.Generator, model: str, columns: int) -> None:
    """Dates of a study, its benchmark, and two events of one ticker whose windows overlap."""
    import statsmodels.api as sm

    returns = random_returns(rng, tuple("ABC"), n=700)
    rows = [(f"e{day}", ticker, day) for day in (300, 360, 420, 480, 540, 600) for ticker in "ABC"]
    rows += [("again", "A", 302)]
    result = study(returns, rows, model=model)
    found = one(result.tests, level="all", test="calendar_time", start=0, end=5)
    path = result.abnormal_returns.query("0 <= tau <= 5")
    value = "ret" if columns else "ar"
    firms = path.groupby(["session", "ticker"], observed=True)[value].mean()
    portfolio = firms.groupby("session").mean()
    x = sm.add_constant(returns["MKT"].loc[portfolio.index]) if columns else np.ones(len(portfolio))
    fit = sm.OLS(portfolio.to_numpy(), np.asarray(x)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 5, "use_correction": True}, use_t=True
    )
    assert found["statistic"] == pytest.approx(fit.tvalues[0], rel=RTOL)
    assert (found["n"], found["df"]) == (19, len(portfolio) - 1 - columns)
