"""The joint F of an event among the left-out windows of the study: brute force, special cases, size."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import EventRow, one, pick, random_returns, study
from scipy import stats

from eventstudy.assembly.assemble import TEST_FAMILY
from eventstudy.inference.groups import StudyInCalendarTime
from eventstudy.inference.joint_study import study_joint_references
from eventstudy.inference.levels import Level
from eventstudy.models import model_named
from eventstudy.models.estimation import Specification, estimate
from eventstudy.numerics.multiplicity import benjamini_hochberg, holm
from eventstudy.significance.joint_reference import JointReference
from eventstudy.simulation import HEADLINE_DESIGN, StudyCalendar
from eventstudy.simulation.draws import generator
from eventstudy.simulation.headline import StudyMarkets
from eventstudy.simulation.study_noise import STUDY_NOISE
from eventstudy.simulation.synthetic import on_markets, side_by_side

WINDOWS = ((0, 0), (-1, 1), (-2, 3))
PAST = (-60, -6)
#: refits by lstsq and an inverse in the test, a Woodbury update in the code
BRUTE = 1e-8
#: Two events share some sessions and have different tickers, one is far from both, one repeats the first.
ROWS: list[EventRow] = [
    *(("first", ticker, 150) for ticker in "ABCD"),
    *(("near", ticker, 162) for ticker in "BCE"),
    *(("far", ticker, 350) for ticker in "ABCDE"),
    *(("again", ticker, 150) for ticker in "DCBA"),
]
EVENTS = {"first": ("ABCD", 150), "near": ("BCE", 162), "far": ("ABCDE", 350)}
#: Of 300 empty studies a rule of 5 % is wrong in at most 15; more than 26 would be a chance of 1 in 300.
STUDIES, MOST_FALSE = 300, 26
DATES = np.array([0, 1, 2, 9, 91, 115, 116, 117, 122, 124, 230, 240, 241, 244, 400, 403, 408, 409, 411, 418,
                  419, 420, 450])  # fmt: skip


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    table = random_returns(np.random.default_rng(11), tuple("ABCDE"), correlation=0.4, tails=4)
    table.iloc[350, :5] += 0.06
    table.iloc[[100, 101, 290], 1] = np.nan  # listwise: gone for every ticker of the event
    table.iloc[320, 4] = np.nan
    return table


def run(returns: pd.DataFrame, rows: list[EventRow] = ROWS, **design: Any) -> pd.DataFrame:
    asked = {"estimation": PAST, "window": (-3, 4), "car_windows": WINDOWS, "min_estimation": 30} | design
    tests: pd.DataFrame = study(returns, rows, **asked).tests
    return tests[tests["test"].isin(["joint_study", "joint_placebo", "joint_f"])]


class Refits(NamedTuple):
    """An event by refits: its joint F and p, those of its left-out windows, and the rows of its fit."""

    statistic: float
    pvalue: float
    left_out: list[float]
    rows: set[int]


def refitted(returns: pd.DataFrame, tickers: str, day0: int, window: tuple[int, int]) -> Refits:
    y, x = returns[list(tickers)].to_numpy(), np.column_stack([np.ones(len(returns)), returns["MKT"]])
    past = np.arange(day0 + PAST[0], day0 + PAST[1] + 1)
    usable = past[np.isfinite(y[past]).all(axis=1)]
    n, length = len(tickers), window[1] - window[0] + 1

    def joint(block: Any, kept: Any) -> tuple[float, float]:
        errors = y - x @ np.linalg.lstsq(x[kept], y[kept], rcond=None)[0]
        df, ahead = len(kept) - 2, x[block].sum(axis=0)
        spread = length + ahead @ np.linalg.inv(x[kept].T @ x[kept]) @ ahead
        car = errors[block].sum(axis=0)
        distance = car @ np.linalg.inv(errors[kept].T @ errors[kept] / df) @ car / spread
        f = float(distance * (df - n + 1) / (n * df))
        return f, float(stats.f.sf(f, n, df - n + 1))

    blocks = [past[start : start + length] for start in range(len(past) - length + 1)]
    left_out = [
        joint(block, np.setdiff1d(usable, block))[1] for block in blocks if np.isin(block, usable).all()
    ]
    own = joint(np.arange(day0 + window[0], day0 + window[1] + 1), usable)
    return Refits(*own, left_out, set(usable.tolist()))


@pytest.mark.parametrize("window", WINDOWS)
def test_every_figure_by_brute_force(returns: pd.DataFrame, window: tuple[int, int]) -> None:
    """Every window of every event is left out and fitted again; the repeated event counts once."""
    refits = {name: refitted(returns, *own, window) for name, own in EVENTS.items()}
    pooled = np.concatenate([own.left_out for own in refits.values()])
    effective = len(set.union(*(own.rows for own in refits.values()))) / (window[1] - window[0] + 1)
    assert effective < sum(len(own.rows) for own in refits.values()), "no session is shared"
    rows = pick(run(returns), level="event", test="joint_study", start=window[0], end=window[1])
    expected = {}
    for name, own in refits.items():
        share = (pooled <= own.pvalue).mean()
        expected[name] = (1 + effective * share) / (1 + effective)
        row = one(rows, key=name)
        assert row["statistic"] == pytest.approx(own.statistic, rel=BRUTE)
        assert row["pvalue"] == pytest.approx(expected[name], rel=RTOL)
        assert row["n"] == len(EVENTS[name][0])
        assert f"among {len(pooled)} left-out windows of the study, N_eff {effective:.4g}" in row["note"]
    found = rows.set_index("key")
    assert found.loc["again", "pvalue"] == found.loc["first", "pvalue"]
    family = np.zeros(4, dtype=np.int64)
    pvalue = found["pvalue"].to_numpy()
    np.testing.assert_allclose(found["pvalue_holm"], holm(pvalue, family), rtol=RTOL)
    np.testing.assert_allclose(found["pvalue_bh"], benjamini_hochberg(pvalue, family), rtol=RTOL)


def test_only_events_are_compared_and_nothing_is_marked(returns: pd.DataFrame) -> None:
    rows = pick(run(returns, ROWS[:4]), test="joint_study")
    assert set(rows["level"]) == {"event"}  # of one date the level of all firm-events has joint tests, too
    assert not rows["headline"].any()
    assert "level" in TEST_FAMILY


def test_one_event_over_one_session_has_its_placebo_rank(returns: pd.DataFrame) -> None:
    """Its effective observations are its windows; over longer windows they are fewer, and p is larger."""
    tests = pick(run(returns, ROWS[:4]), level="event")
    study_p, placebo = (pick(tests, test=name).set_index(["start", "end"])["pvalue"]
                        for name in ("joint_study", "joint_placebo"))  # fmt: skip
    assert study_p[0, 0] == pytest.approx(placebo[0, 0], rel=RTOL)
    windows = len(refitted(returns, "ABCD", 150, (-1, 1)).left_out)
    share = (placebo[-1, 1] * (1 + windows) - 1) / windows
    effective = 53 / 3  # of 55 sessions a ticker lacks two
    assert study_p[-1, 1] == pytest.approx((1 + effective * share) / (1 + effective), rel=RTOL)
    of_one = run(returns, ROWS[:4], window=(-5, 15), car_windows=((-5, 15),))
    long = one(of_one, level="event", test="joint_study", start=-5, end=15)
    assert "cannot fall below" in long["note"]


def test_the_order_of_events_and_tickers_changes_nothing(returns: pd.DataFrame) -> None:
    plain, turned = (
        pick(run(returns, rows), level="event", test="joint_study").set_index(["key", "start", "end"])
        for rows in (ROWS, ROWS[::-1])
    )
    for column in ("statistic", "pvalue", "pvalue_holm", "n"):
        np.testing.assert_allclose(turned.loc[plain.index, column], plain[column], rtol=BRUTE)


def test_a_ticker_without_a_complete_window_makes_the_event_that_of_the_others(returns: pd.DataFrame) -> None:
    gap = returns.copy()
    gap.iloc[151, 0] = np.nan  # A, in two of the windows
    without = [row for row in ROWS if row[1:] != ("A", 150)]
    found, expected = (
        pick(run(gap, rows), level="event", test="joint_study", start=-1, end=1) for rows in (ROWS, without)
    )
    for column in ("statistic", "pvalue", "pvalue_holm", "n"):
        np.testing.assert_allclose(found[column], expected[column], rtol=BRUTE)
    assert found["note"].tolist() == expected["note"].tolist()


def test_without_a_left_out_window_there_is_no_p_value_and_the_note_says_why(returns: pd.DataFrame) -> None:
    """Five tickers on 34 sessions have a joint F, but none is left where thirty are left out."""
    design = {"estimation": (-60, -26), "window": (-15, 14), "car_windows": ((-15, 14),)}
    row = one(run(returns, ROWS[7:12], **design), level="event", test="joint_study", start=-15, end=14)
    assert np.isnan(row["statistic"]) and np.isnan(row["pvalue"])
    assert "more tickers than degrees of freedom" in row["note"]
    assert np.isfinite(one(run(returns, ROWS[7:12], **design), level="event", test="joint_f",
                           start=-15, end=14)["pvalue"])  # fmt: skip


def test_equal_p_values_count_as_at_least() -> None:
    reference = JointReference.empty(2, np.array([0.01, 0.2]), 6)
    reference.add(np.array([0.01, 0.1, 0.5, 0.005]), np.array([0, 1, 2, 3]))
    reference.add(np.array([0.2]), np.array([2, 3, 4]))
    reference.add(np.empty(0), np.array([5]))  # without a left-out window its sessions are no evidence
    assert (reference.size, reference.effective) == (5, 2.5)
    np.testing.assert_allclose(
        reference.pvalue(np.array([0.2, 0.01])), (1 + 2.5 * np.array([0.8, 0.4])) / 3.5
    )


@pytest.mark.slow
def test_size_of_holm_over_the_events_of_empty_studies() -> None:
    """23 events of five fat-tailed, correlated tickers: a study without effects rarely has a small Holm p."""
    calendar = StudyCalendar.crossed(DATES, 5)
    markets = StudyMarkets(calendar, STUDY_NOISE["t4-copula"], HEADLINE_DESIGN, 0.3, 0, 0.0)
    false = by_f = 0
    for number in range(STUDIES):
        pvalue, pvalue_f = event_pvalues(markets, number)
        family = np.zeros(len(pvalue), dtype=np.int64)
        false += bool((holm(pvalue, family) <= 0.05).any())
        by_f += bool((holm(pvalue_f, family) <= 0.05).any())
    assert 0 < false <= MOST_FALSE
    assert by_f > STUDIES / 5, "the returns have no fat tails"


def event_pvalues(markets: StudyMarkets, number: int) -> tuple[Any, Any]:
    """Return the p-values of `joint_study` and `joint_f` of the events of a simulated study on day 0."""
    model, calendar, design = model_named("market"), markets.calendar, HEADLINE_DESIGN
    values, _ = markets.returns(generator(design.seed, number), model.requires)
    matrix = side_by_side(values[None], design)
    rows = calendar.session - model.requires.return_window(design).start
    listed = on_markets(calendar.security[None], matrix.dates[rows])
    spec = Specification.of(listed, matrix, model, design)
    study = StudyInCalendarTime.of(spec, estimate(spec))
    members = np.split(np.arange(len(rows)), len(DATES))
    level = Level.of("event", [str(date) for date in DATES], members, listed.expect)
    (reference,) = study_joint_references(study, level).values()
    of_f = -reference.ordered
    return reference.pvalue(of_f), of_f
