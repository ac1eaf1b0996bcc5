"""Cross-sectional regressions of CARs: the reference, two other programs, brute force, and thin data."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels import FamaMacBeth

from eventstudy.design import Regression
from eventstudy.inference.car_regressions import FirmDays, car_regression
from eventstudy.inference.fama_macbeth import SPARE

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
RTOL = 1e-10  #: the same sums by other algorithms
FORMULA = "car ~ size + C(kind, contr.treatment('other'))"
SPECIFICATIONS: dict[str, dict[str, str]] = {
    "ols": {"cov": "ols"},
    "hc1": {"cov": "hc1"},
    "hc3": {"cov": "hc3"},
    "cluster_session": {},
    "cluster_ticker": {"cluster": "ticker"},
    "cluster_two_way": {"cluster": "both"},
    "wls_hc1": {"estimator": "wls", "cov": "hc1"},
    "wls_cluster_session": {"estimator": "wls"},
    "fama_macbeth": {"estimator": "fama-macbeth"},
}


def firm_days(frame: pd.DataFrame) -> FirmDays:
    """Return a frame with car, car_se, session, ticker and characteristics as firm-days."""
    columns = {
        str(name): frame[name].to_numpy(object if frame[name].dtype == "str" else float)
        for name in frame.columns
        if name not in ("session", "ticker", "event_id")
    }
    columns |= {"bhar": columns["car"] * 1.1, "scar": columns["car"] / columns["car_se"]}
    codes = [np.unique(frame[name], return_inverse=True)[1] for name in ("session", "ticker")]
    return FirmDays(columns, columns["car_se"], codes[0], codes[1])


def drawn(seed: int = 5, n: int = 90, dates: int = 15, tickers: int = 14) -> pd.DataFrame:
    """Return firm-days whose errors share a part by date."""
    rng = np.random.default_rng(seed)
    session = rng.integers(dates, size=n)
    size, trend = rng.normal(10, 1, n), rng.normal(size=n)
    car = 0.01 * size + rng.normal(size=dates)[session] * 0.02 + rng.normal(size=n) * 0.03
    return pd.DataFrame(
        {
            "session": [f"2024-01-{1 + day:02}" for day in session],
            "ticker": [f"F{which:02}" for which in rng.integers(tickers, size=n)],
            "car": car,
            "car_se": rng.uniform(0.01, 0.05, n),
            "size": size,
            "trend": trend,
            "kind": rng.choice(["deal", "other"], n),
        }
    )


def fit(frame: pd.DataFrame, formula: str = "car ~ size + trend", share: float = 0.0, **how: Any) -> Any:
    """Return the rows of a regression as a frame."""
    return pd.DataFrame(car_regression(Regression(formula, **how), firm_days(frame), share))


@pytest.fixture
def listed(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "golden/methods2/cars.csv")


@pytest.fixture
def stated(shared: Path) -> Any:
    return json.loads((shared / "golden/methods2/car_regressions.json").read_text())


class TestReference:
    @pytest.mark.parametrize("name", SPECIFICATIONS)
    def test_every_estimator_and_standard_error(self, name: str, listed: pd.DataFrame, stated: Any) -> None:
        rows, wanted = fit(listed, FORMULA, **SPECIFICATIONS[name]), stated[name]
        for ours, theirs in (("estimate", "b"), ("std_error", "se"), ("statistic", "t"), ("pvalue", "p")):
            assert rows[ours].tolist() == pytest.approx(wanted[theirs], rel=GOLDEN_RTOL), ours
        assert set(rows["df"]) == {wanted["df"]}
        if name == "fama_macbeth":
            assert set(rows["clusters"]) == {wanted["n_dates"]}

    def test_winsorised(self, listed: pd.DataFrame, stated: Any) -> None:
        wanted = stated["winsorised_5pct_cluster_session"]
        rows = fit(listed, FORMULA, share=0.05)
        assert rows["estimate"].tolist() == pytest.approx(wanted["b"], rel=GOLDEN_RTOL)
        assert rows["std_error"].tolist() == pytest.approx(wanted["se"], rel=GOLDEN_RTOL)
        assert (set(rows["winsorised"]), set(rows["df"])) == ({wanted["changed"]}, {wanted["df"]})
        alone = fit(listed, "car ~ 1", share=0.05)
        assert alone["estimate"].tolist() == pytest.approx([wanted["mean"]], rel=GOLDEN_RTOL)
        ends = firm_days(listed).winsorised(0.05).columns["car"]
        assert (ends.min(), ends.max()) == pytest.approx((wanted["low"], wanted["high"]), rel=GOLDEN_RTOL)

    def test_a_dummy_alone_is_the_difference_of_the_groups(self, listed: pd.DataFrame, stated: Any) -> None:
        wanted = stated["group_difference_cluster_session"]
        row = fit(listed, "car ~ C(kind, contr.treatment('other'))").iloc[1]
        found = [row["estimate"], row["std_error"], row["statistic"], row["pvalue"]]
        assert found == pytest.approx(
            [wanted[name] for name in ("difference", "se", "t", "p")], rel=GOLDEN_RTOL
        )


class TestOtherPrograms:
    """The same figures from statsmodels and linearmodels on drawn data."""

    @pytest.mark.parametrize(
        ("by", "weighted"),
        [
            *[(by, False) for by in ("ols", "hc1", "hc3", "session", "ticker", "both")],
            *[(by, True) for by in ("hc1", "session", "ticker", "both")],
        ],
    )
    def test_statsmodels(self, by: str, weighted: bool) -> None:
        frame = drawn()
        weights = 1 / frame["car_se"] ** 2 if weighted else np.ones(len(frame))
        model = sm.WLS(frame["car"], sm.add_constant(frame[["size", "trend"]]), weights=weights)
        if by in ("session", "ticker", "both"):
            names = ["session", "ticker"] if by == "both" else [by]
            codes = np.column_stack([pd.factorize(frame[name])[0] for name in names]).squeeze()
            other = model.fit(
                cov_type="cluster", cov_kwds={"groups": codes, "df_correction": True}, use_t=True
            )
            how: dict[str, Any] = {"cluster": by}
        else:
            other = model.fit(cov_type="nonrobust" if by == "ols" else by.upper(), use_t=True)
            how = {"cov": by}
        rows = fit(frame, **how, estimator="wls" if weighted else "ols")
        for ours, theirs in (("estimate", "params"), ("std_error", "bse"), ("pvalue", "pvalues")):
            assert rows[ours].tolist() == pytest.approx(getattr(other, theirs).tolist(), rel=RTOL), ours
        assert rows["rsquared"][0] == pytest.approx(other.rsquared, rel=RTOL)

    def test_linearmodels_fama_macbeth(self) -> None:
        frame = drawn(n=150, tickers=400)
        panel = frame.assign(ticker=range(len(frame)), day=pd.to_datetime(frame["session"]))
        panel = sm.add_constant(panel.set_index(["ticker", "day"])[["car", "size", "trend"]])
        sizes = frame.groupby("session").size()
        assert (sizes >= 3 + SPARE).all()
        names = ["const", "size", "trend"]
        other = FamaMacBeth(panel["car"], panel[names]).fit(cov_type="unadjusted", debiased=False)
        rows = fit(frame, estimator="fama-macbeth")
        assert rows["estimate"].tolist() == pytest.approx(other.params[names].tolist(), rel=RTOL)
        slopes = [
            np.linalg.lstsq(sm.add_constant(each[["size", "trend"]]).to_numpy(), each["car"])[0]
            for _, each in frame.groupby("session")
        ]
        error = np.std(slopes, axis=0, ddof=1) / np.sqrt(len(slopes))
        assert rows["std_error"].tolist() == pytest.approx(error.tolist(), rel=RTOL)

    def test_no_constant_measures_r_squared_about_zero(self) -> None:
        frame = drawn()
        other = sm.OLS(frame["car"], frame[["size"]]).fit()
        assert fit(frame, "car ~ 0 + size")["rsquared"][0] == pytest.approx(other.rsquared, rel=RTOL)

    def test_the_wild_bootstrap_refits_every_sign_vector(self) -> None:
        frame = drawn(n=40, dates=5)
        rows, codes = fit(frame), pd.factorize(frame["session"])[0]
        x, y = sm.add_constant(frame[["size", "trend"]]).to_numpy(), frame["car"].to_numpy()

        def t(drawn_y: Any, place: int) -> float:
            model = sm.OLS(drawn_y, x).fit(cov_type="cluster", cov_kwds={"groups": codes})
            return float(model.tvalues[place])

        assert set(rows["clusters"]) == {5}
        for place in range(3):
            others = np.delete(x, place, axis=1)
            null = sm.OLS(y, others).fit()
            signs = itertools.product((1.0, -1.0), repeat=5)
            again = [t(null.fittedvalues + np.array(each)[codes] * null.resid, place) for each in signs]
            hits = np.abs(again) >= abs(t(y, place)) * (1 - RTOL)
            assert rows["pvalue_wild"][place] == hits.mean()


class TestCollapses:
    def test_a_cluster_per_firm_day_is_hc1(self) -> None:
        frame = drawn(tickers=2).assign(ticker=[f"F{at}" for at in range(90)])
        one, other = fit(frame, cluster="ticker"), fit(frame, cov="hc1")
        assert one["std_error"].tolist() == pytest.approx(other["std_error"].tolist(), rel=RTOL)

    def test_equal_weights_are_ols(self) -> None:
        frame = drawn().assign(car_se=0.02)
        columns = ["estimate", "std_error", "rsquared"]
        pd.testing.assert_frame_equal(fit(frame, estimator="wls")[columns], fit(frame)[columns], rtol=RTOL)

    def test_two_ways_with_one_code_twice_are_one_way(self) -> None:
        frame = drawn()
        frame["ticker"] = frame["session"]
        one, both = fit(frame), fit(frame, cluster="both")
        assert one["std_error"].tolist() == pytest.approx(both["std_error"].tolist(), rel=RTOL)

    @pytest.mark.parametrize("factor", [1e-6, 1e9])
    def test_units_of_a_characteristic_change_nothing_but_its_slope(self, factor: float) -> None:
        frame = drawn()
        one, other = fit(frame), fit(frame.assign(size=frame["size"] * factor))
        assert one["statistic"].tolist() == pytest.approx(other["statistic"].tolist(), rel=1e-7)

    def test_percent_on_the_left_multiplies_by_a_hundred(self) -> None:
        one, other = fit(drawn()), fit(drawn(), "I(100 * car) ~ size + trend")
        assert (100 * one["estimate"]).tolist() == pytest.approx(other["estimate"].tolist(), rel=RTOL)


class TestDefaults:
    def test_many_dates_are_clustered_by_session(self) -> None:
        rows = fit(drawn())
        assert (set(rows["covariance"]), set(rows["note"])) == ({"session"}, {""})
        assert rows["pvalue_wild"].isna().all()

    def test_few_dates_are_clustered_with_a_remark(self) -> None:
        rows = fit(drawn(dates=6))
        assert "6 clusters, fewer than 10" in rows["note"][0]
        assert rows["pvalue"].notna().all() and rows["pvalue_wild"].between(2 / 2**6, 1).all()

    def test_one_date_has_no_standard_error_and_names_the_tests(self) -> None:
        rows = fit(drawn(dates=1))
        assert rows["estimate"].notna().all() and rows[["std_error", "pvalue"]].isna().all(axis=None)
        assert "prologue_ols" in rows["note"][0] and "prologue_gls" in rows["note"][0]
        asked = fit(drawn(dates=1), cov="hc1")
        assert asked["pvalue"].notna().all() and "one date" in asked["note"][0]

    def test_fama_macbeth_below_ten_dates_says_so(self) -> None:
        assert "6 dates, fewer than 10" in fit(drawn(dates=6), estimator="fama-macbeth")["note"][0]
        assert fit(drawn(n=150), estimator="fama-macbeth")["note"][0] == ""

    def test_dates_with_too_few_firms_or_no_full_rank_are_not_used(self) -> None:
        frame = drawn(n=150)
        days = sorted(frame["session"].unique())
        frame.loc[frame["session"] == days[0], "size"] = 3.0
        small = frame[(frame["session"] != days[1]) | (frame.groupby("session").cumcount() < 3 + SPARE - 1)]
        rows = fit(small, estimator="fama-macbeth")
        rest = fit(small[~small["session"].isin(days[:2])], estimator="fama-macbeth")
        assert set(rows["clusters"]) == {len(days) - 2} and "2 dates" in rows["note"][0]
        assert rows["estimate"].tolist() == pytest.approx(rest["estimate"].tolist(), rel=RTOL)


class TestThinData:
    def test_missing_terms_are_dropped_and_counted(self) -> None:
        frame = drawn()
        full = fit(frame)
        gap, none = [np.nan, 1.0, 1.0], [0.0, np.nan, 0.0]
        rows = fit(pd.concat([frame, frame.head(3).assign(size=gap, car=none, trend=[1.0, 1.0, np.inf])]))
        assert (set(rows["n"]), set(rows["dropped"])) == ({90}, {3})
        assert rows["estimate"].tolist() == pytest.approx(full["estimate"].tolist(), rel=RTOL)

    def test_a_logarithm_of_nothing_is_dropped(self) -> None:
        frame = drawn()
        frame.loc[:1, "size"] = [0.0, -1.0]
        rows = fit(frame, "car ~ log(size) + C(kind)")
        assert (set(rows["n"]), set(rows["dropped"])) == ({88}, {2})

    def test_dependent_terms_are_named(self) -> None:
        rows = fit(drawn().assign(twice=lambda frame: 2 * frame["size"]), "car ~ size + twice")
        assert rows["estimate"].isna().all() and "twice" in rows["note"][0]
        assert len(rows) == 3

    def test_no_more_firm_days_than_terms(self) -> None:
        rows = fit(drawn(n=3))
        assert rows["estimate"].isna().all() and rows["note"][0] == "3 firm-days for 3 terms"

    def test_nothing_known(self) -> None:
        rows = fit(drawn().assign(size=np.nan))
        assert len(rows) == 1 and set(rows["dropped"]) == {90} and rows["estimate"].isna().all()

    def test_a_firm_day_with_a_term_of_its_own_has_no_hc3(self) -> None:
        frame = drawn().assign(only=lambda each: (each.index == 0) * 1.0)
        rows = fit(frame, "car ~ size + only", cov="hc3")
        assert rows["std_error"].isna().all() and "hc3" in rows["note"][0]

    def test_what_is_not_positive_definite_is_null(self) -> None:
        noted = []
        for seed in range(60):
            rows = fit(drawn(seed, n=24, dates=3, tickers=3), cluster="both")
            indefinite = "not positive definite" in rows["note"][0]
            assert rows["std_error"].isna().all() == indefinite
            noted.append(indefinite)
        assert any(noted)

    def test_a_measure_without_spread_has_no_statistic(self) -> None:
        rows = fit(drawn().assign(car=0.0), "car ~ 1")
        assert rows["statistic"].isna().all() and rows["pvalue"].isna().all()

    def test_winsorising_leaves_the_firm_days_themselves(self) -> None:
        days = firm_days(drawn())
        before = days.columns["car"].copy()
        clipped = days.winsorised(0.1)
        low, high = np.quantile(before, [0.1, 0.9])
        assert np.array_equal(clipped.columns["car"], np.clip(before, low, high))
        assert np.array_equal(days.columns["car"], before)
        assert replace(days).winsorised(0.0).columns["car"] is days.columns["car"]
