"""Differences between the groups of a column: the reference, statsmodels, and the way to a user."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import one, pick, random_returns

import eventstudy as es
from eventstudy.design import Window
from eventstudy.errors import UsageError
from eventstudy.inference.battery import FEW_DATES, ONE_DATE
from eventstudy.inference.differences import compared
from eventstudy.inference.group_differences import clustered_differences

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
RTOL = 1e-10  #: the same sums by another engine


def test_the_reference(shared: Path) -> None:
    folder = shared / "golden" / "methods2"
    stated = json.loads((folder / "car_regressions.json").read_text())["group_difference_cluster_session"]
    cars = pd.read_csv(folder / "cars.csv")
    deal = (cars["kind"] == "deal").to_numpy()
    session = pd.factorize(cars["session"], sort=True)[0]
    found, _ = clustered_differences(
        np.array(["deal", "other"], dtype=object), np.where(deal, 0, 1), session, cars["car"].to_numpy()
    )
    row = compared(("group", "kind", [Window(0, 0)]), found, "two-sided")
    figures = [row[name][0] for name in ("difference", "se", "statistic", "df", "pvalue", "n")]
    expected = [stated[name] for name in ("difference", "se", "t", "df", "p")]
    assert figures == pytest.approx([*expected, stated["n_deal"] + stated["n_other"]], rel=GOLDEN_RTOL)


def test_every_pair_is_a_dummy_regression(rng: np.random.Generator) -> None:
    """With missing CARs, a group of one firm-day, and one without any."""
    group, session = rng.integers(0, 4, 80), rng.integers(0, 15, 80)
    group[0], car = 4, rng.normal(size=80) + rng.normal(size=15)[session]
    car[5:9] = np.nan
    names = np.array(list("abcdef"), dtype=object)
    found, sessions = clustered_differences(names, group, session, car)
    for place, (a, b) in enumerate(combinations(range(6), 2)):
        rows = np.isfinite(car) & np.isin(group, (a, b))
        if 5 in (a, b):
            assert np.isnan(found.variance[place]) and np.isnan(found.value[place])
            continue
        x = sm.add_constant((group[rows] == a).astype(float))
        fit = sm.OLS(car[rows], x).fit(
            cov_type="cluster", cov_kwds={"groups": session[rows], "use_correction": True}, use_t=True
        )
        assert found.value[place] == pytest.approx(fit.params[1], rel=RTOL)
        assert found.variance[place] == pytest.approx(fit.cov_params()[1, 1], rel=RTOL)
        clusters = len(np.unique(session[rows]))
        assert (sessions[place], found.df[place], found.n[place]) == (clusters, clusters - 1, rows.sum())


@pytest.fixture(scope="module")
def result() -> es.EventStudyResult:
    returns = random_returns(np.random.default_rng(3), n=420)
    rows = [(f"e{day}", ticker, day) for day in range(300, 412, 9) for ticker in "ABCD"]
    events = pd.DataFrame(
        {
            "event_id": [row[0] for row in rows],
            "ticker": [row[1] for row in rows],
            "session": returns.index[[row[2] for row in rows]],
            "region": [("east", "west", "north", None)[place % 4] for place in range(len(rows))],
            "first": ["yes" if row[2] == 300 and row[1] in "AB" else "" for row in rows],
        }
    )
    events.loc[2:3, "first"] = "no"
    design = es.Design(
        benchmark="MKT", by=("region", "first"), car_windows=((0, 0), (0, 5)), mask_events=False
    )
    return es.run(events, returns=returns, design=design)


def test_the_table_has_every_pair_of_groups(result: es.EventStudyResult) -> None:
    rows = pick(result.comparisons, level="group", key="region", start=0, end=5)
    assert set(zip(rows["a"], rows["b"], strict=True)) == set(combinations(("east", "west", "north"), 2))
    row = one(rows, a="east", b="north")
    car = pick(result.cars, start=0, end=5).merge(result.events[["event_id", "ticker", "characteristics"]])
    region = car["characteristics"].map(lambda text: json.loads(text)["region"])
    means = car.groupby(region)["car"].mean()
    assert row["difference"] == pytest.approx(means["east"] - means["north"], rel=RTOL)
    assert row["n"] == 26 and row["df"] == 12 and row["pvalue_holm"] >= row["pvalue"]
    assert FEW_DATES not in row["note"]


def test_one_date_has_no_error(result: es.EventStudyResult) -> None:
    row = one(result.comparisons, level="group", key="first", start=0, end=0)
    assert (row["a"], row["b"], row["n"]) == ("yes", "no", 4)
    assert np.isnan(row["se"]) and np.isfinite(row["difference"]) and ONE_DATE in row["note"]


def test_compare_picks_the_groups_of_a_column(result: es.EventStudyResult) -> None:
    every = es.compare(result, by="region", window="0:0")
    assert len(every) == 3 and set(every["level"]) == {"group"}
    two = es.compare(result, by="region", window="0:0", between=["east", "west"])
    assert len(two) == 1 and two["pvalue_holm"][0] == two["pvalue"][0]
    with pytest.raises(UsageError, match="run --by nothing"):
        es.compare(result, by="nothing")
    with pytest.raises(UsageError, match="one event, ticker, kind or column"):
        es.compare(result, by="region", kind="deal")


def test_the_report_lists_them(result: es.EventStudyResult) -> None:
    from eventstudy.report.sections.compare import compare_section

    section = compare_section(result.view())
    assert section is not None
    captions = [getattr(block, "caption", "") for block in section.blocks]
    assert any("groups of region" in caption for caption in captions)
