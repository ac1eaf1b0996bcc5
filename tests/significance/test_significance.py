"""Tests over many firm-events: their formulas by hand, and the mean correlation by a double loop."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import event_frame, one, pick, random_returns, sessions, study
from samples import random_sample
from scipy import stats

import eventstudy as es
from eventstudy.errors import UsageError
from eventstudy.inference.chosen_tests import chosen_tests
from eventstudy.significance import TESTS
from eventstudy.significance.sample import moments
from eventstudy.study_result import EventStudyResult

WINDOWS = [(0, 0), (-1, 1), (0, 1), (0, 5), (-5, 5), (3, 3)]
MIN_SHARED = 30


def plain_mean_correlation(result: EventStudyResult, start: int, end: int) -> float:
    """Average over all pairs, one at a time, from nothing but the result's own tables."""
    residuals = {
        key: frame.set_index("session")["residual"]
        for key, frame in result.residuals.groupby(["event_id", "ticker"], observed=True)
    }
    inside = result.abnormal_returns.query("@start <= tau <= @end")
    windows = {
        key: set(frame["session"])
        for key, frame in inside.groupby(["event_id", "ticker"], observed=True)
        if np.isfinite(frame["ar"]).all() and key in residuals
    }
    total = 0.0
    for one_key, other_key in combinations(windows, 2):
        shared = len(windows[one_key] & windows[other_key]) / (end - start + 1)
        both = pd.concat([residuals[one_key], residuals[other_key]], axis=1, join="inner")
        if shared and len(both) >= MIN_SHARED:
            total += shared * both.corr().iloc[0, 1]
    return total / (len(windows) * (len(windows) - 1) / 2)


def found_mean_correlation(result: EventStudyResult, start: int, end: int) -> tuple[float, float]:
    """Work r-bar back out of the two adjusted statistics."""
    rows = pick(result.tests, level="all", unit="firm-event", start=start, end=end).set_index("test")
    n = rows.loc["bmp_t", "n"]
    patell = (rows.loc["patell_z", "statistic"] / rows.loc["patell_adj_z", "statistic"]) ** 2
    bmp = (rows.loc["bmp_adj_t", "statistic"] / rows.loc["bmp_t", "statistic"]) ** 2
    return (patell - 1) / (n - 1), (1 - bmp) / (1 + (n - 1) * bmp)


def assert_mean_correlation(result: EventStudyResult) -> None:
    for start, end in WINDOWS:
        expected = plain_mean_correlation(result, start, end)
        assert found_mean_correlation(result, start, end) == pytest.approx((expected, expected), abs=RTOL)


def test_mean_correlation_is_the_double_loop_over_pairs(rng: np.random.Generator) -> None:
    """Clustered, overlapping, far and incomplete firm-events, and estimation windows that miss."""
    returns = random_returns(rng, tuple("ABCDEF"), n=700, missing=0.02)
    days = [300, 301, 302, 304, 310, 620]
    returns.iloc[days] = returns.iloc[days].fillna(0.001)  # without a return on day 0 nothing is measured
    returns.iloc[302:305, 5] = np.nan  # F has a gap in its event window
    returns.iloc[40:255, 4] = np.nan  # E has few sessions in common with the others
    rows = [(f"same{ticker}", ticker, 300) for ticker in "ABCDF"]
    rows += [
        ("next", "A", 301),
        ("near", "B", 304),
        ("far", "C", 620),
        ("edge", "D", 310),
    ]
    result = study(returns, [*rows, ("short", "E", 302)], min_estimation=20)
    assert (result.events["status"] == "ok").all()
    assert plain_mean_correlation(result, -5, 5) > 0.05
    assert_mean_correlation(result)


def test_pairs_that_share_fewer_than_thirty_sessions_carry_nothing(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"), n=340, correlation=0.9)
    returns.iloc[:69, 0] = np.nan
    returns.iloc[99:, 1] = returns["B"].where(returns.index >= returns.index[292])[99:]
    thirty, fewer = returns.copy(), returns.copy()
    fewer.iloc[98, 1] = np.nan
    rows = [("a", "A", 300), ("b", "B", 300)]
    found = [
        found_mean_correlation(study(table, rows, min_estimation=20), 0, 0)[0] for table in (thirty, fewer)
    ]
    assert found[0] > 0.5
    assert found[1] == pytest.approx(0.0, abs=RTOL)


def test_mean_correlation_across_two_exchanges(rng: np.random.Generator) -> None:
    """London and New York close on different days: their windows share sessions, not taus."""
    dates = sessions(420)
    names = ["AAA", "BBB", "CCC.L", "DDD.L", "SPY"]
    log_prices = np.cumsum(rng.normal(0, 0.01, (420, 1)) + rng.normal(0, 0.02, (420, 5)), axis=0)
    prices = pd.DataFrame(50 * np.exp(log_prices), index=dates, columns=names)
    when = ["2019-05-03", "2019-05-06", "2019-05-24", "2019-05-28", "2019-07-03", "2019-07-05"]
    events = pd.DataFrame(
        [(f"e{day}", name, day) for day in when for name in names[:4]], columns=["event_id", "ticker", "when"]
    )
    result = es.run(events, prices=prices, design=es.Design(max_loss=1.0))
    days = result.events.groupby("event_id", observed=True)["session"].nunique()
    assert (days > 1).any(), "no event falls on two dates"
    assert_mean_correlation(result)


class TestFormulas:
    """Each statistic over staggered firm-events, some of them incomplete, from the CARs in the result."""

    @pytest.fixture(scope="class")
    @classmethod
    def result(cls) -> EventStudyResult:
        rng = np.random.default_rng(11)
        returns = random_returns(rng, tuple("ABCDE"), n=700, missing=0.01)
        rows = [
            (f"e{day}", ticker, day) for ticker in "ABCDE" for day in rng.choice(range(280, 690), 5, False)
        ]
        return study(returns, rows)

    @pytest.fixture(params=[(0, 0), (0, 5), (-5, 5)])
    def window(self, request: pytest.FixtureRequest) -> tuple[int, int]:
        return request.param

    @staticmethod
    def complete(result: EventStudyResult, window: tuple[int, int]) -> pd.DataFrame:
        return pick(result.cars, start=window[0], end=window[1]).dropna(subset=["car"])

    @staticmethod
    def row(
        result: EventStudyResult, test: str, window: tuple[int, int], unit: str = "firm-event"
    ) -> pd.Series:
        return one(
            result.tests, level="all", unit=unit, measure="CAR", test=test, start=window[0], end=window[1]
        )

    def test_cross_section(self, result: EventStudyResult, window: tuple[int, int]) -> None:
        cars = self.complete(result, window)
        expected = stats.ttest_1samp(cars["car"], 0.0)
        row = self.row(result, "cross_section_t", window)
        assert row["statistic"] == pytest.approx(expected.statistic, rel=RTOL)
        assert row["pvalue"] == pytest.approx(expected.pvalue, rel=RTOL * 100)
        assert (row["n"], row["df"]) == (len(cars), len(cars) - 1)
        assert row["n"] < 25 or window == (0, 0)

    def test_patell(self, result: EventStudyResult, window: tuple[int, int]) -> None:
        cars = self.complete(result, window)
        z = cars["scar"].sum() / np.sqrt((cars["df"] / (cars["df"] - 2)).sum())
        row = self.row(result, "patell_z", window)
        assert row["statistic"] == pytest.approx(z, rel=RTOL)
        assert row["pvalue"] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=RTOL * 100)

    def test_bmp(self, result: EventStudyResult, window: tuple[int, int]) -> None:
        expected = stats.ttest_1samp(self.complete(result, window)["scar"], 0.0)
        row = self.row(result, "bmp_t", window)
        assert (row["statistic"], row["pvalue"]) == pytest.approx(
            (expected.statistic, expected.pvalue), rel=RTOL * 100
        )

    def test_date_means(self, result: EventStudyResult, window: tuple[int, int]) -> None:
        days = result.events[["event_id", "ticker", "session"]]
        cars = self.complete(result, window).merge(days, on=["event_id", "ticker"])
        expected = stats.ttest_1samp(cars.groupby("session")["car"].mean(), 0.0)
        row = self.row(result, "cross_section_t", window, unit="date")
        assert row["statistic"] == pytest.approx(expected.statistic, rel=RTOL)
        assert row["n"] == row["n_dates"] == cars["session"].nunique()


def test_a_ticker_listed_twice_on_a_date_counts_once_in_its_mean(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"), n=700)
    rows = [(f"e{day}", ticker, day) for day in (300, 400, 500) for ticker in "AB"]
    twice = [*rows, ("twin", "A", 300), ("triple", "A", 300), ("again", "B", 500)]
    single, several = (
        one(
            study(returns, listed).tests,
            level="all",
            unit="date",
            measure="CAR",
            test="cross_section_t",
            start=0,
            end=1,
        )
        for listed in (rows, twice)
    )
    assert (several["statistic"], several["n"]) == (pytest.approx(single["statistic"], rel=RTOL), 3)


def of_groups(result: EventStudyResult) -> pd.DataFrame:
    """Return the tests of groups: all but the count of the study, which is always there."""
    assert "study_count" in set(result.tests["test"])
    return result.tests[result.tests["test"] != "study_count"]


class TestTheHeadlineRule:
    """Which test is to be read first depends on how many dates there are."""

    @staticmethod
    def run(dates: int, **design: Any) -> pd.DataFrame:
        returns = random_returns(np.random.default_rng(2), tuple("ABC"), n=900)
        rows = [(f"e{day}", ticker, 300 + 20 * day) for day in range(dates) for ticker in "ABC"]
        tests = of_groups(study(returns, rows, **design))
        return tests[tests["level"] == "all"]

    @staticmethod
    def headlines(tests: pd.DataFrame) -> set[tuple[str, str]]:
        return set(tests[tests["headline"]][["test", "unit"]].itertuples(index=False, name=None))

    def test_one_date(self) -> None:
        tests = self.run(1)
        assert self.headlines(tests) == {
            ("joint_f", "tickers"),
            ("joint_placebo", "tickers"),
            ("portfolio_t", "portfolio"),
            ("portfolio_placebo", "portfolio"),
        }
        for row in tests.itertuples():
            alone = TESTS[row.test].scope == "cross-section" and (
                TESTS[row.test].independent_firms or row.unit == "date"
            )
            said = str(row.note).split("; ")
            assert ("one date: firms are not independent" in said) == alone, row.test

    @pytest.mark.parametrize("dates", [2, 9])
    def test_a_few_dates(self, dates: int) -> None:
        tests = self.run(dates)
        assert self.headlines(tests) == set()
        assert tests["note"].str.split("; ").str[0].eq("too few dates for a cross-section").all()
        assert (tests["n_dates"] == dates).all()

    def test_ten_dates(self) -> None:
        tests = self.run(10)
        assert self.headlines(tests) == {("cross_section_t", "date"), ("bmp_adj_t", "firm-event")}
        assert tests["note"].isna().all()

    def test_dates_are_counted_window_by_window(self) -> None:
        returns = random_returns(np.random.default_rng(2), ("A",), n=900)
        returns.iloc[301, 0] = np.nan
        result = study(returns, [(f"e{day}", "A", 300 + 20 * day) for day in range(10)])
        tests = pick(result.tests, level="all", test="cross_section_t", unit="date", measure="CAR")
        assert one(tests, start=0, end=0)["headline"]
        assert not one(tests, start=0, end=1)["headline"]
        assert one(tests, start=0, end=1)["n_dates"] == 9


def test_every_group_has_every_applicable_test_in_every_window(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABC"), n=500)
    rows = [("e", ticker, 300) for ticker in "ABC"] + [("f", ticker, 340) for ticker in "AB"]
    more = {"kind": ["deal"] * 3 + ["doubt"] * 2, "value": [1.0, 2.0, 4.0, 1.0, 3.0]}
    tests = of_groups(study(returns, rows, columns=more, weights="value"))
    groups = {(row.level, row.key) for row in tests.itertuples()}
    assert groups == {
        ("all", "all"), ("event", "e"), ("event", "f"), ("ticker", "A"), ("ticker", "B"),
        ("kind", "deal"), ("kind", "doubt"),
    }  # fmt: skip
    windows = 4 + 11  # the design's, of which one is a single session, and every session
    longer = 4  # of which the BHAR is not the CAR
    for (level, key), group in tests.groupby(["level", "key"], observed=True):
        on_one_date = level in ("event", "kind")
        of_events = set() if level == "event" else {"joint_study"}
        expected = {
            (name, unit, measure)
            for name, test in TESTS.items()
            if test.scope == "cross-section" or (test.scope == "one date" and on_one_date)
            if name not in of_events
            for unit in ((test.unit, "date") if test.over_dates else (test.unit,))
            for measure in test.measures
        }
        found = group[["test", "unit", "measure"]].itertuples(index=False, name=None)
        assert set(found) == expected, (level, key)
        bhar = sum(measure == "BHAR" for _, _, measure in expected)
        assert len(group) == windows * (len(expected) - bhar) + longer * bhar
    assert not tests.duplicated(["level", "key", "unit", "measure", "start", "end", "test"]).any()


def test_any_column_of_the_event_list_groups(rng: np.random.Generator) -> None:
    """Its groups are those that a study of their members alone would test."""
    returns = random_returns(rng, tuple("ABCD"), n=700)
    rows = [(f"e{day}", ticker, day) for day in (300, 420, 540, 660) for ticker in "ABCD"]
    sector = ["chips", "cloud", "chips", None] * 4
    tests = of_groups(study(returns, rows, columns={"sector": sector}, by=("sector", "ticker")))
    assert set(tests["level"]) == {"all", "event", "ticker", "sector"}
    assert set(pick(tests, level="sector")["key"]) == {"chips", "cloud"}
    alone = of_groups(study(returns, [row for row, of in zip(rows, sector, strict=True) if of == "chips"]))
    found, expected = (
        table.set_index(["test", "unit", "measure", "start", "end"])[["statistic", "n", "n_dates", "n_firms"]]
        for table in (pick(tests, level="sector", key="chips"), pick(alone, level="all"))
    )
    pd.testing.assert_frame_equal(found, expected, rtol=RTOL)
    with pytest.raises(es.EventStudyError, match="did you mean 'sector'"):
        study(returns, rows, columns={"sector": sector}, by=("sectr",))


def test_numbers_that_cannot_be_computed_are_missing_and_say_why(rng: np.random.Generator) -> None:
    """Nothing raises: none complete, one alone, one firm-day of many events, a window that is gone."""
    returns = random_returns(rng, tuple("AB"), n=500)
    returns.iloc[345:356, 0] = np.nan
    returns.iloc[351, 1] = np.nan
    cases: dict[str, list[tuple[str, str, Any]]] = {
        "none": [("e", "A", 10), ("f", "B", 10)],
        "one": [("e", "B", 300)],
        "alike": [(name, "B", 300) for name in "efghijk"],
        "gap": [("e", "A", 345), ("f", "B", 350)],
    }
    for name, rows in cases.items():
        tests = study(returns, rows).tests
        missing = tests["statistic"].isna()
        assert missing.any(), name
        assert tests["note"][missing].notna().all(), name
        unknown = tests["pvalue"].isna()
        assert (unknown >= missing).all(), name
        assert tests["note"][unknown].notna().all(), name
        assert set(tests["test"][unknown & ~missing]) <= {"study_count"}, name  # it has a count without a p
        assert tests["pvalue"].dropna().between(0, 1).all(), name
    none = study(returns, cases["none"]).tests
    assert (none["note"] == "no firm-event has complete returns").all()
    alike = pick(study(returns, cases["alike"]).tests, level="all", unit="firm-event", test="bmp_adj_t")
    assert alike["statistic"].isna().all()


def test_identical_values_have_no_spread_however_they_round(rng: np.random.Generator) -> None:
    for n in (2, 3, 6, 7, 11):
        _, deviation, _ = moments(random_sample(rng, (n,)), np.full((n, 1), 0.1))
        assert np.isnan(deviation[0, 0])
    _, deviation, _ = moments(random_sample(rng, (2,)), np.array([[1e-9], [2e-9]]))
    assert deviation[0, 0] == pytest.approx(1e-9 / np.sqrt(2))


def test_a_test_of_ones_own_is_accepted_where_a_name_is() -> None:
    own = replace(TESTS["bmp_t"], name="own_t")
    assert chosen_tests(("sign", own)) == [TESTS["sign"], own]
    assert chosen_tests(()) == list(TESTS.values())
    with pytest.raises(es.EventStudyError, match="did you mean 'bmp_t'"):
        chosen_tests((own, "bmp"))


def test_only_the_requested_tests_are_run(rng: np.random.Generator) -> None:
    rows = [("e", ticker, 300) for ticker in "ABCD"]
    tests = of_groups(study(random_returns(rng), rows, tests=("joint_f", "bmp_t")))
    assert set(tests["test"]) == {"joint_f", "bmp_t"}
    with pytest.raises(es.EventStudyError, match="did you mean 'bmp_t'"):
        study(random_returns(rng), rows, tests=("bmp",))


def test_averages_over_dates_cluster_by_date(rng: np.random.Generator) -> None:
    """The error of a mean lets the firms of a date move together; with one a date it is sd / sqrt N."""
    returns = random_returns(rng, tuple("ABC"), n=700)
    several = [(f"e{day}", ticker, day) for day in (300, 400, 500, 600) for ticker in "ABC"[: 1 + day // 300]]
    for rows in (several, [(f"e{day}", "A", day) for day in (300, 400, 500, 600)]):
        result = study(returns, rows)
        ar = pick(result.abnormal_returns, tau=0)
        averages = one(result.averages, level="all", tau=0)
        deviation = ar["ar"].to_numpy() - ar["ar"].mean()
        clusters = pd.Series(deviation).groupby(ar["session"].to_numpy()).sum()
        se = np.sqrt((clusters**2).sum() * 4 / 3) / len(ar)
        assert (averages["aar"], averages["aar_se"]) == pytest.approx((ar["ar"].mean(), se), rel=RTOL)
        assert (averages["n"], averages["n_dates"]) == (len(rows), 4)
        assert averages["share_positive"] == pytest.approx((ar["ar"] > 0).mean())
        last = one(result.averages, level="all", tau=5)
        half = stats.t.ppf(0.975, 3) * last["caar_se"]
        assert last["ci_high"] - last["caar"] == pytest.approx(half, rel=RTOL)
    assert se == pytest.approx(ar["ar"].std(ddof=1) / 2, rel=RTOL)


def test_a_design_takes_a_test_of_ones_own_and_keeps_its_name(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABCDEFGHIJKL"))
    events = event_frame([(f"e{n}", name, 300 + n) for n, name in enumerate("ABCDEFGHIJKL")], returns.index)
    own = replace(TESTS["patell_z"], name="mine")
    design = es.Design(benchmark="MKT", tests=(own, "patell_z"))
    result = es.run(events, returns=returns, design=design)
    assert result.manifest["design"]["tests"] == ["mine", "patell_z"]
    figures = result.tests.drop(columns=["test"])
    rows = {
        name: figures[result.tests["test"] == name].reset_index(drop=True) for name in ("mine", "patell_z")
    }
    assert len(rows["mine"])
    pd.testing.assert_frame_equal(rows["mine"], rows["patell_z"])


def test_a_test_of_ones_own_may_not_have_the_name_of_another() -> None:
    own = replace(TESTS["sign"], name="patell_z")
    for requested in ([own], [replace(own, name="mine"), replace(own, name="mine", unit="date")]):
        with pytest.raises(UsageError, match="the name of another test"):
            chosen_tests(requested)
    assert chosen_tests([TESTS["sign"]]) == [TESTS["sign"]]
