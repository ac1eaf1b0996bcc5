"""Reference values of other programs: per firm-event, per test, and where peers depart from the papers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one, pick, wide
from reference_values import CASES, DESIGNS, REFERENCE, answers, portfolio_study, prices_of, result_of
from scipy import stats

import eventstudy as es
from eventstudy.significance import TESTS
from eventstudy.significance.joint_study import JOINT_STUDY
from eventstudy.significance.synthetic_phi import SYNTHETIC_PHI
from eventstudy.study_result import EventStudyResult

#: What the reference program vouches for; both compute in float64 from prices of four decimals.
RTOL = 1e-9
WINDOWS = {"synthetic": (-5, 5), "sp500_additions": (-2, 2)}


@pytest.fixture
def result(case: str, request: pytest.FixtureRequest) -> EventStudyResult:
    return result_of(case, None if case == "synthetic" else request.getfixturevalue("shared"))


@pytest.mark.parametrize("case", CASES)
def test_every_firm_event(case: str, result: EventStudyResult) -> None:
    rows = json.loads((REFERENCE / f"{case}.json").read_text())["events"]

    def stated(name: str) -> Any:
        return np.array([row[name] for row in rows])

    events, path = result.events, result.abnormal_returns
    np.testing.assert_array_equal(events["n_estimation"], stated("n"))
    np.testing.assert_allclose(events["sigma"], stated("s"), rtol=RTOL)
    terms = wide(result.coefficients, "estimate", by="term")
    scale = wide(result.coefficients, "std_error", by="term")
    for term, name in (("const", "alpha"), (DESIGNS[case].benchmark.tickers[0], "beta")):
        np.testing.assert_allclose(
            terms[term] / scale[term], stated(name) / scale[term], rtol=RTOL, atol=RTOL
        )
    for column, name in (("ar_se", "forecast_sd"), ("sar", "sar")):
        np.testing.assert_allclose(wide(path, column), stated(name), rtol=RTOL, atol=RTOL)
    unit = stated("s")[:, None]
    np.testing.assert_allclose(wide(path, "ar") / unit, stated("ar") / unit, rtol=RTOL, atol=RTOL)
    start, end = WINDOWS[case]
    cars = pick(result.cars, start=start, end=end)
    for column, name in (("car_se", "car_se"), ("scar", "scar"), ("pvalue", "car_p")):
        np.testing.assert_allclose(cars[column], stated(name), rtol=RTOL)
    np.testing.assert_allclose(cars["car"], stated("car"), rtol=RTOL)


#: Where the result of a test of one firm-event is: its table, and the columns of statistic and p-value.
COLUMNS = {
    "ar_t": ("abnormal_returns", "statistic", "pvalue"),
    "car_t": ("cars", "statistic", "pvalue"),
    "conformal": ("cars", "conformal_estimate", "conformal_pvalue"),
    "placebo": ("cars", "car", "placebo_pvalue"),
    "sq": ("cars", "car", "sq_pvalue"),
    "rank_single": ("cars", "rank_statistic", "rank_pvalue"),
    "bhar_t": ("cars", "bhar_statistic", "bhar_pvalue"),
}


def found(result: EventStudyResult, answer: dict[str, str]) -> tuple[float, float, int]:
    """Return statistic, p-value and number of units of the row that an answer is about."""
    window = {"start": int(answer["start"]), "end": int(answer["end"])}
    test = TESTS[answer["test"]]
    if answer["event"]:
        table, statistic, pvalue = COLUMNS[test.name]
        labels = {"tau": window["start"]} if table == "abnormal_returns" else window
        row = one(result.frame(table), event_id=answer["event"], **labels)
        return row[statistic], row[pvalue], 1
    level, key = ("kind", answer["key"]) if answer["key"] else ("all", "all")
    if test == JOINT_STUDY or test.scope == "slopes":  # of events, not of other groups
        result, level = result_of("synthetic", None, one_event=True), "event"
    if test == SYNTHETIC_PHI:  # which needs a model of its own
        result = portfolio_study()
    labels = {"level": level, "key": key, "unit": test.unit, "measure": test.measures[0], "test": test.name}
    row = one(result.tests, **labels, **window)
    return row["statistic"], row["pvalue"], row["n"]


def test_every_test_has_an_answer_with_statistic_and_p_value() -> None:
    """In the set that is in the repository; a new test of significance brings a row."""
    answered = {
        row["test"]
        for row in answers()
        if row["case"] == "synthetic" and row["statistic"] and row["pvalue"] and row["source"]
    }
    missing = [name for name in TESTS if name not in answered]
    assert not missing, f"no row in tests/reference/answers.csv for {', '.join(missing)}"
    assert {row["case"] for row in answers()} == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_every_answer(case: str, result: EventStudyResult) -> None:
    wrong = []
    for answer in answers():
        if answer["case"] == case:
            expected = (float(answer["statistic"]), float(answer["pvalue"]), int(answer["n"]))
            value = found(result, answer)
            if value != pytest.approx(expected, rel=RTOL):
                wrong.append(
                    f"{answer['test']} over [{answer['start']},{answer['end']}]: {value}, {expected}"
                )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", CASES)
def test_mean_correlation(case: str, result: EventStudyResult) -> None:
    expected = json.loads((REFERENCE / f"{case}.json").read_text())["mean_correlation"]
    rows = pick(result.tests, level="all", unit="firm-event", start=0, end=0).set_index("test")["statistic"]
    n = len(result.events)
    found = ((rows["patell_z"] / rows["patell_adj_z"]) ** 2 - 1) / (n - 1)
    assert found == pytest.approx(expected, rel=RTOL)


def test_negative_prices_are_missing(shared: Path) -> None:
    """CRSP marks the mean of bid and ask by a minus sign: each such price makes two returns missing.

    The reference program's events lie years after them, so that it never had to choose.
    """
    case = "sp500_additions"
    prices = prices_of(case, shared)
    assert (prices["Office_Depot"] < 0).sum() == 2
    events = pd.DataFrame(
        {"event_id": ["later"], "ticker": ["Office_Depot"], "session": pd.to_datetime(["1997-06-02"])}
    )
    result = es.run(events, prices=prices, design=DESIGNS[case])
    missing = set(result.prices[result.prices["ret"].isna()]["session"].astype(str))
    assert missing >= {"1997-03-10", "1997-03-11", "1997-04-04", "1997-04-07"}
    assert one(result.events, event_id="later")["n_estimation"] == 120 - 4
    dated = result.findings[result.findings["session"].notna()]
    assert set(dated["rule"]) == {"nonpositive-price", "missing-session"}
    assert one(result.events, event_id="later")["n_findings"] == 4


class TestPeers:
    """Where packages depart from the papers: their figure, and the departure that gives it from ours.

    The figures are R EventStudy 0.50.0's and R estudy2 0.10.0's on the synthetic set, day 0 unless said.
    """

    @pytest.fixture
    def path(self) -> pd.DataFrame:
        return result_of("synthetic", None).abnormal_returns

    @pytest.fixture
    def sigma(self) -> Any:
        return result_of("synthetic", None).events["sigma"].to_numpy()

    def test_ar_t_over_the_residual_deviation(self, path: pd.DataFrame, sigma: Any) -> None:
        """EventStudy leaves the forecast error out: -2.2757 where the forecast deviation gives -2.2535."""
        first = one(path, event_id="e01", tau=0)
        assert first["statistic"] == pytest.approx(-2.253494300868856, rel=RTOL)
        assert first["ar"] / sigma[0] == pytest.approx(-2.27565640876874, rel=RTOL)

    def test_car_t_without_the_forecast_error(self, sigma: Any) -> None:
        """EventStudy divides a CAR by s sqrt(L): -0.7645 where 1'V1 gives -0.7259 over 11 days."""
        first = one(result_of("synthetic", None).cars, event_id="e01", start=-5, end=5)
        assert first["statistic"] == pytest.approx(-0.7259177874328876, rel=RTOL)
        assert first["car"] / (sigma[0] * np.sqrt(11)) == pytest.approx(-0.764538286581755, rel=RTOL)

    def test_patell_with_one_degree_of_freedom_too_many(self) -> None:
        """estudy2 divides residuals by n - 1 where the market model leaves n - 2: 3.6495 for 3.6341."""
        z = self.statistic("patell_z", 0, 0)
        assert z == pytest.approx(3.634145460359636, rel=RTOL)
        assert z * np.sqrt(119 / 118) == pytest.approx(3.6495118944812, rel=RTOL)

    def test_patell_of_a_window_as_a_sum_over_days(self, path: pd.DataFrame) -> None:
        """EventStudy takes the days for independent, sum z / sqrt(L): 1.2452 for 1.2022."""
        days = [self.statistic("patell_z", tau, tau) for tau in range(-5, 6)]
        assert sum(days) / np.sqrt(11) == pytest.approx(1.2451858964388482, rel=RTOL)
        assert self.statistic("patell_z", -5, 5) == pytest.approx(1.2021654660171452, rel=RTOL)

    def test_bmp_without_the_forecast_error(self, path: pd.DataFrame, sigma: Any) -> None:
        """EventStudy standardises by s: 2.1512 for 2.1649; estudy2's slip of n - 1 cancels."""
        raw = pick(path, tau=0)["ar"].to_numpy() / sigma
        assert raw.mean() / raw.std(ddof=1) * np.sqrt(24) == pytest.approx(2.15115114434915, rel=RTOL)
        assert self.statistic("bmp_t", 0, 0) == pytest.approx(2.164853354146252, rel=RTOL)

    def test_kolari_pynnonen_aligned_in_event_time(self) -> None:
        """Residuals correlated by tau, whatever their dates: r -0.0031 for 0.0023, t 2.2508 for 2.1084."""
        r, bmp = -0.0031317992719218034, self.statistic("bmp_t", 0, 0)
        assert bmp * np.sqrt((1 - r) / (1 + 23 * r)) == pytest.approx(2.250820371958263, rel=RTOL)
        assert self.statistic("bmp_adj_t", 0, 0) == pytest.approx(2.1084013880945527, rel=RTOL)

    def test_kolari_pynnonen_of_a_package(self) -> None:
        """EventStudy's 2.2366 is its own BMP (no forecast error) under the correlation by tau."""
        r = -0.0031317992719218034
        assert 2.15115114434915 * np.sqrt((1 - r) / (1 + 23 * r)) == pytest.approx(2.23657404303575, rel=RTOL)

    def test_generalised_sign_averaged_over_firms(self, path: pd.DataFrame) -> None:
        """EventStudy expects what the mean firm shows, the paper the mean firm-event: 1.6489 for 1.6671."""
        residuals = result_of("synthetic", None).residuals
        share = (residuals["residual"] > 0).groupby([residuals["ticker"]], observed=True).mean().mean()
        positive = (pick(path, tau=0)["ar"] > 0).sum()
        z = (positive - 24 * share) / np.sqrt(24 * share * (1 - share))
        assert z == pytest.approx(1.648878142874471, rel=RTOL)
        assert self.statistic("generalized_sign", 0, 0) == pytest.approx(1.6670540503101314, rel=RTOL)

    def test_sign_by_the_normal_distribution(self) -> None:
        """EventStudy has p = 0.102 for 16 of 24 positive; counted out it is 0.152."""
        row = one(
            result_of("synthetic", None).tests, test="sign", unit="firm-event", level="all", start=0, end=0
        )
        assert row["statistic"] == pytest.approx(1.63299316185545, rel=RTOL)
        assert 2 * stats.norm.sf(row["statistic"]) == pytest.approx(0.102470434859749, rel=RTOL)
        assert row["pvalue"] == pytest.approx(0.15158963203430176, rel=RTOL)

    def test_crude_dependence_over_the_event_window(self) -> None:
        """EventStudy's figure for every day is the first day's AAR over the spread of the eleven: -0.2032."""
        aar = pick(result_of("synthetic", None).averages, level="all")["aar"].to_numpy()
        assert aar[0] / aar.std(ddof=1) == pytest.approx(-0.203169240472491, rel=RTOL)
        assert self.statistic("crude_dependence_t", 0, 0) == pytest.approx(3.3900855163620585, rel=RTOL)

    def test_crude_dependence_of_independent_firms(self, path: pd.DataFrame) -> None:
        """estudy2's "Brown & Warner 1980" sums the firms' variances, as if they were independent: 3.4604."""
        residuals = wide(result_of("synthetic", None).residuals, "residual").to_numpy()
        t = pick(path, tau=0)["ar"].sum() / np.sqrt(residuals.var(axis=1, ddof=1).sum())
        assert t == pytest.approx(3.46038009668254, rel=RTOL)

    @staticmethod
    def statistic(test: str, start: int, end: int) -> float:
        rows = result_of("synthetic", None).tests
        row = one(rows, level="all", unit="firm-event", test=test, start=start, end=end)
        return float(row["statistic"])
