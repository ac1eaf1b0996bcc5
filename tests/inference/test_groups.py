"""What a group of firm-events holds: a firm-day once, and directions that are expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import EventRow, one, pick, random_returns, study

from eventstudy.inference import side_by_side
from eventstudy.study_result import EventStudyResult

TICKERS = tuple("ABCD")
WINDOWS = ((0, 0), (-1, 1))
ROWS: list[EventRow] = [
    (f"e{place:02d}", ticker, day)
    for place, day in enumerate(range(300, 680, 29))
    for ticker in TICKERS
    if (place + ord(ticker)) % 3
]
KINDS = ["deal" if int(name[1:]) % 2 else "doubt" for name, _, _ in ROWS]
LABELS = ["level", "key", "unit", "measure", "test", "start", "end"]


def of(rows: list[EventRow], missing: float = 0.02, **columns: Any) -> EventStudyResult:
    returns = random_returns(np.random.default_rng(8), TICKERS, n=720, missing=missing)
    return study(returns, rows, columns=columns, car_windows=WINDOWS)


def same(found: pd.DataFrame, expected: pd.DataFrame, labels: list[str], but: tuple[str, ...] = ()) -> None:
    """Compare two tables row by row, but for some columns."""
    indexed = [table.astype(dict.fromkeys(labels, str)).set_index(labels) for table in (found, expected)]
    assert set(indexed[0].index) == set(indexed[1].index)
    for column in indexed[0].columns.difference(but):
        one_side, other = (table[column].reindex(indexed[0].index) for table in indexed)
        pd.testing.assert_series_equal(one_side, other, rtol=RTOL, atol=1e-14)


def test_a_list_of_events_that_is_doubled_changes_no_average_and_no_test() -> None:
    single = of(ROWS, kind=KINDS)
    again = [(f"{name}-again", ticker, day) for name, ticker, day in ROWS]
    double = of([*ROWS, *again], kind=KINDS * 2)
    groups = [single.tests["level"] != "event", double.tests["level"] != "event"]
    same(double.tests[groups[1]], single.tests[groups[0]], LABELS, but=("note",))
    averages = [table[table["level"] != "event"] for table in (double.averages, single.averages)]
    same(averages[0], averages[1], ["level", "key", "tau"])
    pairs = [table[table["level"] != "event"] for table in (double.comparisons, single.comparisons)]
    same(pairs[0], pairs[1], ["level", "key", "a", "b", "start", "end"])
    row = one(double.tests, level="all", test="bmp_t", start=0, end=0)
    days = int(row["n"])
    assert f"{2 * days} firm-events are {days} firm-days, each counted once" in row["note"]
    assert not single.tests["note"].fillna("").str.contains("firm-days").any()
    events = double.tests[double.tests["key"].isin(single.tests.loc[~groups[0], "key"].unique())]
    same(events, single.tests[~groups[0]], LABELS, but=("pvalue_holm", "pvalue_bh"))


@pytest.mark.parametrize("members", [0, 70])
def test_levels_tested_at_once_are_those_tested_one_by_one(
    members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns = random_returns(np.random.default_rng(8), TICKERS, n=720, missing=0.02)
    rows: list[EventRow] = [(name, ticker, 300 + (day - 300) // 14) for name, ticker, day in ROWS]
    expect = [*EXPECT[:12], *[""] * 9, *EXPECT[21:]]  # of dates that overlap otherwise
    columns = {"kind": KINDS, "expect": expect, "size": np.arange(1.0, len(ROWS) + 1)}

    def tests() -> Any:
        design = {"car_windows": WINDOWS, "weights": "size", "winsorise": 0.05}
        return study(returns, rows, columns=columns, **design).tables["tests"]

    at_once = tests()
    monkeypatch.setattr(side_by_side, "TOGETHER", members)
    assert tests().equals(at_once)
    assert set(at_once["level"].to_pylist()) == {"all", "event", "ticker", "kind", "expected"}


def test_two_events_of_a_session_are_one_only_where_a_group_has_both() -> None:
    rows = [("one", "A", 300), ("one", "B", 300), ("two", "A", 300), ("two", "B", 300), ("three", "A", 500)]
    found = of(rows, kind=["deal", "deal", "doubt", "doubt", "doubt"])
    count = found.tests[(found.tests["test"] == "patell_z") & (found.tests["start"] == 0)]
    n = {(row.level, row.key): row.n for row in count.itertuples()}
    assert n == {
        ("all", "all"): 3,
        ("event", "one"): 2,
        ("event", "two"): 2,
        ("ticker", "A"): 2,
        ("kind", "deal"): 2,
        ("kind", "doubt"): 3,
    }
    day0 = pick(found.averages, tau=0).set_index(["level", "key"])["n"]
    assert day0.to_dict() == n
    (pair,) = pick(found.comparisons, level="ticker", start=0, end=0).itertuples()
    assert (pair.a, pair.b) == ("one", "three")


def test_of_a_firm_day_the_first_as_listed_counts() -> None:
    """Two events of a session with benchmarks of their own have different returns."""
    rows = [("one", "A", 300), ("two", "A", 300), ("three", "B", 500)]
    found = of(rows, missing=0.0, benchmark=["MKT", "B", "MKT"])
    car = pick(found.cars, start=0, end=0).set_index("event_id")["car"]
    assert car["one"] != car["two"]
    mean = one(pick(found.averages, level="all"), tau=0)
    assert mean["aar"] == pytest.approx((car["one"] + car["three"]) / 2, rel=RTOL)


EXPECT = ["up" if place % 3 == 0 else "down" if place % 3 == 1 else "" for place in range(len(ROWS))]
SIGN = {"up": 1.0, "down": -1.0}


def test_the_mean_in_the_expected_direction_is_that_of_turned_returns() -> None:
    """A security that is expected to fall is one of opposite returns that is expected to rise."""
    returns = random_returns(np.random.default_rng(8), TICKERS, n=720, missing=0.02)
    turned = returns.assign(**{f"{ticker}-": -returns[ticker] for ticker in TICKERS})
    found = study(returns, ROWS, columns={"expect": EXPECT}, car_windows=WINDOWS)
    rows = [
        (name, ticker if expect == "up" else f"{ticker}-", day)
        for (name, ticker, day), expect in zip(ROWS, EXPECT, strict=True)
        if expect
    ]
    long = study(turned, rows, car_windows=WINDOWS)
    whole = long.tests[long.tests["test"] != "study_count"]  # of the study, not of a group
    expected = pick(whole, level="all").assign(level="expected", key="as expected")
    ours = pick(found.tests, level="expected")
    # a turned security is another name, and compounding is not symmetric
    firm = ours["test"].isin(["jackknife"]) | (ours["measure"] == "BHAR")
    theirs = expected["test"].isin(["jackknife"]) | (expected["measure"] == "BHAR")
    same(ours[~firm], expected[~theirs], LABELS, but=("note", "n_firms"))
    averages = pick(long.averages, level="all").assign(level="expected", key="as expected")
    same(pick(found.averages, level="expected"), averages, ["level", "key", "tau"])


@pytest.mark.parametrize("window", WINDOWS)
def test_the_mean_in_the_expected_direction_by_hand(window: tuple[int, int]) -> None:
    found = of(ROWS, expect=EXPECT)
    cars = pick(found.cars, start=window[0], end=window[1])
    sign = np.array([SIGN.get(expect, np.nan) for expect in EXPECT])
    for column, test in (("car", "cross_section_t"), ("bhar", "cross_section_t"), ("scar", "bmp_t")):
        if column == "bhar" and window == (0, 0):
            continue  # over one session it is the CAR
        values = sign * cars[column].to_numpy()
        values = values[np.isfinite(values)]
        t = values.mean() * np.sqrt(len(values)) / values.std(ddof=1)
        labels = {"level": "expected", "start": window[0], "end": window[1], "unit": "firm-event"}
        row = one(found.tests, test=test, measure="BHAR" if column == "bhar" else "CAR", **labels)
        assert (row["key"], row["n"]) == ("as expected", len(values))
        assert row["statistic"] == pytest.approx(t, rel=RTOL)


def test_one_date_in_the_expected_direction_is_the_long_short_portfolio() -> None:
    returns = random_returns(np.random.default_rng(8), ("A", "B"), n=420)
    returns["LS"] = (returns["A"] - returns["B"]) / 2
    rows: list[EventRow] = [("e", "A", 300), ("e", "B", 300), ("ls", "LS", 300)]
    found = study(returns, rows, columns={"expect": ["up", "down", ""]}, car_windows=WINDOWS)
    row = one(found.tests, level="expected", test="portfolio_t", start=-1, end=1)
    alone = one(found.cars, ticker="LS", start=-1, end=1)
    assert row["statistic"] == pytest.approx(alone["statistic"], rel=RTOL)
    assert row["pvalue"] == pytest.approx(alone["pvalue"], rel=RTOL)


def test_opposite_expectations_are_said_of_the_tests_that_are_read_first() -> None:
    found = of(ROWS, expect=EXPECT, kind=KINDS)
    words = "their mean is no headline of the study"
    said = found.tests["note"].fillna("").str.contains(words)
    assert set(found.tests[said]["test"]) <= {
        "cross_section_t",
        "bmp_adj_t",
        "portfolio_t",
        "portfolio_placebo",
    }
    assert said[found.tests["level"] == "all"].any() and not said[found.tests["level"] == "expected"].any()
    agreed = of(ROWS, expect=["up" if expect else "" for expect in EXPECT], kind=KINDS)
    assert not agreed.tests["note"].fillna("").str.contains(words).any()


def test_fewer_than_two_expectations_are_no_group() -> None:
    found = of(ROWS, expect=["up"] + [""] * (len(ROWS) - 1))
    assert "expected" not in set(found.tests["level"])
    assert "expected" not in set(found.averages["level"])
