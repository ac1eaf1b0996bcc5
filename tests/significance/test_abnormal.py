"""AR, CAR and BHAR as quadratic forms in one covariance matrix, on arrays small enough to write out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from oracles import RTOL
from panels import one, pick, random_returns, study

from eventstudy.design import Window
from eventstudy.significance.abnormal import AbnormalReturns

WINDOW = Window(-1, 2)


@pytest.fixture
def abnormal(rng: np.random.Generator) -> AbnormalReturns:
    """Two firm-events over four sessions; the second misses tau = 1."""
    ret, normal = rng.normal(0, 0.02, (2, 2, 4))
    ret[1, 2] = np.nan
    return AbnormalReturns(
        kind="simple",
        window=WINDOW,
        ret=ret,
        normal=normal,
        ar=ret - normal,
        span=np.ones((2, 4)),
        noise=np.array([[1.0, 1.0, 2.5, 1.0], [0.4, 1.0, 1.0, 1.0]]),
        root=rng.normal(0, 0.1, (2, 4, 2)),
        sigma=np.array([0.02, 0.01]),
        df=np.array([118.0, 60.0]),
        n=np.array([120, 62]),
        residuals=rng.normal(0, 0.02, (2, 120)),
        studentised=rng.normal(0, 1.0, (2, 120)),
    )


def covariance(abnormal: AbnormalReturns, event: int) -> np.ndarray:
    root = abnormal.root[event]
    return abnormal.sigma[event] ** 2 * (np.diag(abnormal.noise[event]) + root @ root.T)


def test_errors_are_forms_in_the_whole_covariance(abnormal: AbnormalReturns) -> None:
    for event in (0, 1):
        v = covariance(abnormal, event)
        there = np.isfinite(abnormal.ar[event])
        np.testing.assert_allclose(
            abnormal.ar_se[event], np.where(there, np.sqrt(np.diag(v)), np.nan), rtol=RTOL
        )
        for start in range(-1, 3):
            for end in range(start, 3):
                part = slice(start + 1, end + 2)
                expected = np.sqrt(v[part, part].sum()) if there[part].all() else np.nan
                found = abnormal.car_se(Window(start, end))[event]
                np.testing.assert_allclose(found, expected, rtol=RTOL)
                assert np.isnan(abnormal.car(Window(start, end))[event]) == (not there[part].all())


def test_one_day_is_ar_bhar_and_car_alike(abnormal: AbnormalReturns) -> None:
    for place, tau in enumerate(range(-1, 3)):
        day = Window(tau, tau)
        np.testing.assert_array_equal(abnormal.car(day), abnormal.ar[:, place])
        np.testing.assert_allclose(abnormal.car_se(day), abnormal.ar_se[:, place], rtol=RTOL)
        np.testing.assert_allclose(abnormal.bhar([day])[:, 0], abnormal.ar[:, place], rtol=RTOL, atol=1e-15)


def test_cumulation_is_additive_and_starts_with_the_window(abnormal: AbnormalReturns) -> None:
    halves = abnormal.car(Window(-1, 0)) + abnormal.car(Window(1, 2))
    np.testing.assert_allclose(abnormal.car(WINDOW), halves, rtol=RTOL)
    path, error = abnormal.cumulated()
    for place, end in enumerate(range(-1, 3)):
        np.testing.assert_array_equal(path[:, place], abnormal.car(Window(-1, end)))
        np.testing.assert_array_equal(error[:, place], abnormal.car_se(Window(-1, end)))


def test_cumulation_from_a_later_session_starts_there(abnormal: AbnormalReturns) -> None:
    path, error = abnormal.cumulated(start=0)
    assert np.isnan(path[:, 0]).all() and np.isnan(error[:, 0]).all()
    for place, end in enumerate(range(3), start=1):
        np.testing.assert_array_equal(path[:, place], abnormal.car(Window(0, end)))
        np.testing.assert_array_equal(error[:, place], abnormal.car_se(Window(0, end)))
    for found, whole in zip(abnormal.cumulated(start=-9), abnormal.cumulated(), strict=True):
        np.testing.assert_array_equal(found, whole)


def test_counts_and_completeness(abnormal: AbnormalReturns) -> None:
    np.testing.assert_array_equal(abnormal.count(WINDOW), [4, 3])
    np.testing.assert_array_equal(abnormal.complete(WINDOW), [True, False])
    np.testing.assert_array_equal(abnormal.complete(Window(-1, 0)), [True, True])
    assert len(abnormal) == 2


def test_a_total_loss_has_a_bhar_and_an_impossible_one_has_none(abnormal: AbnormalReturns) -> None:
    ret = abnormal.ret.copy()
    ret[0, 1], ret[1, 1] = -1.0, -1.2
    ruined = replace(abnormal, ret=ret, ar=ret - abnormal.normal)
    expected = -np.prod(1 + abnormal.normal[0, :3])
    assert ruined.bhar([Window(-1, 1)])[0, 0] == pytest.approx(expected, rel=RTOL)
    assert np.isnan(ruined.bhar([Window(-1, 0)])[1, 0])


def test_the_power_of_a_window(rng: np.random.Generator) -> None:
    """The effect that a two-sided 5 % test finds with 80 % power, checked with the noncentral t."""
    from scipy import stats

    row = one(study(random_returns(rng), [("e", "A", 300)]).cars, start=0, end=1)
    shift = row["mde"] / row["car_se"]
    critical = stats.t.ppf(0.975, row["df"])
    assert shift == pytest.approx(critical + stats.t.ppf(0.8, row["df"]), rel=RTOL)
    # the sum of quantiles is an approximation that errs by less than a tenth of a percent of power here
    assert stats.nct.sf(critical, row["df"], shift) == pytest.approx(0.8, abs=1e-3)


def test_confidence_intervals_hold_the_car(rng: np.random.Generator) -> None:
    from scipy import stats

    for level in (0.9, 0.95):
        rows = study(random_returns(rng), [("e", "A", 300)], confidence=level).cars
        half = stats.t.ppf((1 + level) / 2, rows["df"]) * rows["car_se"]
        np.testing.assert_allclose(rows["ci_low"], rows["car"] - half, rtol=RTOL, atol=1e-14)
        np.testing.assert_allclose(rows["ci_high"], rows["car"] + half, rtol=RTOL, atol=1e-14)


def test_one_sided_alternatives_halve_and_mirror(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"))
    rows = [("e", "A", 300), ("e", "B", 300)]
    two, up, down = (
        study(returns, rows, alternative=side).cars["pvalue"] for side in ("two-sided", "greater", "less")
    )
    np.testing.assert_allclose(np.minimum(up, down) * 2, two, rtol=RTOL)
    np.testing.assert_allclose(up + down, 1.0, rtol=RTOL)


def test_holm_runs_over_the_tickers_of_an_event_and_window(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B", "C"))
    rows = [("e", ticker, 300) for ticker in "ABC"] + [("f", "A", 330), ("f", "B", 330)]
    cars = study(returns, rows).cars
    for event_id, members in (("e", 3), ("f", 2)):
        family = pick(cars, event_id=event_id, start=0, end=0).sort_values("pvalue")
        assert len(family) == members
        steps = family["pvalue"].to_numpy() * np.arange(members, 0, -1)
        expected = np.minimum(np.maximum.accumulate(steps), 1.0)
        np.testing.assert_allclose(family["pvalue_holm"], expected, rtol=RTOL)


def test_beaver_s_u_is_the_squared_t_and_has_its_p_value(rng: np.random.Generator) -> None:
    path = study(random_returns(rng), [("e", "A", 300)]).abnormal_returns
    np.testing.assert_allclose(path["variance_ratio"], path["sar"] ** 2, rtol=RTOL)
    np.testing.assert_allclose(path["variance_ratio_pvalue"], path["pvalue"], rtol=1e-9)  # F against t tails
