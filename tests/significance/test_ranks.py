"""Ranks and signs: the papers' formulas session by session, what must not change them, and their size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import one, pick, random_returns, study, wide
from reference_values import CASES, answers, result_of
from samples import WINDOWS, random_sample
from scipy import stats

from eventstudy.design import Window
from eventstudy.numerics.distributions import rank_sum_cdf, rank_sum_pvalue
from eventstudy.significance import SignificanceResult
from eventstudy.significance.corrado import TOO_FEW, corrado_rank, corrado_sign
from eventstudy.significance.corrado_single import rank_single
from eventstudy.significance.history import History
from eventstudy.significance.kolari_pynnonen_ranks import grank_t, grank_z
from eventstudy.significance.sample import CrossSection, moments

NAMES = ("corrado_rank", "corrado_sign", "grank_t", "grank_z")
FUNCTIONS = (corrado_rank, corrado_sign, grank_t, grank_z)
SIDES: tuple[Any, ...] = ("two-sided", "greater", "less")
SIZES = (12, 0, 1, 5, 2, 30)  #: groups of the random samples: one empty, one of one, one of two
#: Rank scores are added as whole numbers of a unit; after that only divisions and square roots differ.
GOLDEN = 1e-9
Test = Callable[[CrossSection], SignificanceResult]


# --- the slow way -------------------------------------------------------------------------------------------


def mid_rank(value: float, among: Sequence[float]) -> float:
    """Return the rank of a value among those of a sequence that holds it, ties at their mean."""
    below = sum(other < value for other in among)
    equal = sum(other == value for other in among)
    return below + (equal + 1) / 2


def both_windows(history: History, event: int) -> list[float]:
    return [*history.residuals[event].tolist(), *history.ar[event].tolist()]


def rank_scores(history: History, event: int) -> list[float | None]:
    """Return ``rank / (T + 1) - 1/2`` of every session, None where there is no return."""
    series = both_windows(history, event)
    present = [value for value in series if not np.isnan(value)]
    return [
        None if np.isnan(value) else mid_rank(value, present) / (len(present) + 1) - 0.5 for value in series
    ]


def sign_scores(history: History, event: int) -> list[float | None]:
    series = both_windows(history, event)
    median = float(np.median([value for value in series if not np.isnan(value)]))
    return [None if np.isnan(value) else float(np.sign(value - median)) for value in series]


def slow_corrado(
    history: History, events: Sequence[int], window: Window, scores_of: Callable[..., list[float | None]]
) -> tuple[float, int]:
    """Corrado 1989 and Corrado & Zivney 1992, with Cowan's windows: the statistic and its firm-events."""
    scores = [scores_of(history, event) for event in events]
    length = history.residuals.shape[1] + history.ar.shape[1]
    u: list[float | None] = []
    for session in range(length):
        there = [row[session] for row in scores if row[session] is not None]
        u.append(sum(there) / sqrt(len(there)) if there else None)  # type: ignore[arg-type]
    known = [value for value in u if value is not None]
    if not known or not any(known):
        return np.nan, 0
    s = sqrt(sum(value**2 for value in known) / len(known))
    first = history.residuals.shape[1] + window.start - history.window.start
    columns = range(first, first + window.length)
    inside = [value for column in columns if (value := u[column]) is not None]
    n = sum(any(row[column] is not None for column in columns) for row in scores)
    return (sum(inside) / (sqrt(len(inside)) * s) if inside else np.nan), n


def slow_grank(sample: CrossSection, events: Sequence[int], place: int) -> tuple[float, float, float, int]:
    """Kolari & Pynnonen 2011: GRANK-T, its T, GRANK-Z, and the complete firm-events."""
    events = [event for event in events if not np.isnan(sample.scar[event, place])]
    n = len(events)
    if n < 2:
        return np.nan, np.nan, np.nan, n
    scar = [float(sample.scar[event, place]) for event in events]
    mean = sum(scar) / n
    deviation = sqrt(sum((value - mean) ** 2 for value in scar) / (n - 1))
    sessions = sample.history.studentised.shape[1]
    columns: list[list[float]] = [[] for _ in range(sessions + 1)]
    variance = 0.0
    for event, value in zip(events, scar, strict=True):
        entries = [*sample.history.studentised[event].tolist(), value / deviation]
        present = [entry for entry in entries if not np.isnan(entry)]
        t = len(present)
        variance += (t - 1) / (12 * (t + 1))
        for column, entry in enumerate(entries):
            if not np.isnan(entry):
                columns[column].append(mid_rank(entry, present) / (t + 1) - 0.5)
    means = [sum(column) / len(column) for column in columns if column]
    counts = [len(column) for column in columns if column]
    t = len(means)
    s = sqrt(sum(count / n * value**2 for count, value in zip(counts, means, strict=True)) / t)
    z = means[-1] / s
    return z * sqrt((t - 2) / (t - 1 - z**2)), t, means[-1] / sqrt(variance / n**2), n


def with_ties(sample: CrossSection, rng: np.random.Generator) -> CrossSection:
    """Return the sample with returns of one per cent and residuals of half a deviation: most of them tied.

    In the first window event entries tie with residuals too, planted. So that the entries are the same number
    whatever the order of a sum, the SCAR of each group come there in pairs of opposite sign, in eighths.
    """
    history, scar = sample.history, sample.scar.copy()
    for group in range(sample.groups):
        rows = np.flatnonzero(sample.group == group)
        first = scar[rows[::2], 0]
        both = np.column_stack([first, -first]).ravel()[: len(rows)]
        both[-1:] *= (len(rows) + 1) % 2
        scar[rows, 0] = np.round(8 * both) / 8
    sample = replace(sample, scar=scar)
    studentised = np.round(2 * history.studentised) / 2
    entry = scar[:, 0] / moments(sample, scar)[1][sample.group, 0]
    planted = (rng.random(studentised.shape) < 0.1) & np.isfinite(studentised)
    studentised = np.where(planted, entry[:, None], studentised)
    rounded = {name: np.round(getattr(history, name), 2) for name in ("residuals", "ar")}
    return replace(sample, history=replace(history, studentised=studentised, **rounded))


@pytest.fixture(params=["complete", "missing", "tied", "tied and missing"])
def sample(request: pytest.FixtureRequest, rng: np.random.Generator) -> CrossSection:
    plain = random_sample(rng, SIZES, missing=0.1 if "missing" in request.param else 0.0, shift=0.01)
    return with_ties(plain, rng) if "tied" in request.param else plain


def members(sample: CrossSection, group: int) -> list[int]:
    return np.flatnonzero(sample.group == group).tolist()


@pytest.mark.parametrize(("function", "scores"), [(corrado_rank, rank_scores), (corrado_sign, sign_scores)])
def test_corrado_is_the_papers_formula(sample: CrossSection, function: Test, scores: Any) -> None:
    result = function(sample)
    for group in range(sample.groups):
        for place, window in enumerate(sample.windows):
            z, n = slow_corrado(sample.history, members(sample, group), window, scores)
            found = (result.statistic[group, place], result.n[group, place])
            assert found == pytest.approx((z, n), rel=RTOL, abs=RTOL, nan_ok=True)
            expected = np.nan if np.isnan(z) else 2 * stats.norm.sf(abs(z))
            assert result.pvalue[group, place] == pytest.approx(expected, rel=GOLDEN, nan_ok=True)
    assert np.isnan(result.statistic[1]).all()
    assert np.isfinite(result.statistic[[0, 2, 3, 4, 5]]).all()


def test_grank_is_the_papers_formula(sample: CrossSection) -> None:
    t_test, z_test = grank_t(sample), grank_z(sample)
    for group in range(sample.groups):
        for place in range(len(sample.windows)):
            t, entries, z, n = slow_grank(sample, members(sample, group), place)
            assert t_test.statistic[group, place] == pytest.approx(t, rel=RTOL, abs=RTOL, nan_ok=True)
            assert z_test.statistic[group, place] == pytest.approx(z, rel=RTOL, abs=RTOL, nan_ok=True)
            assert t_test.n[group, place] == z_test.n[group, place] == n
            if n > 1:
                assert t_test.df[group, place] == entries - 2
                expected = 2 * stats.t.sf(abs(t), entries - 2)
                assert t_test.pvalue[group, place] == pytest.approx(expected, rel=GOLDEN)
    assert np.isnan(t_test.statistic[1:3]).all()
    assert np.isnan(z_test.statistic[1:3]).all()
    assert np.isfinite(t_test.statistic[[0, 3, 5], 0]).all()
    assert np.abs(t_test.statistic[[0, 3, 5]]).max() > 0.5


def test_grank_of_equal_windows_is_the_short_formula(rng: np.random.Generator) -> None:
    """Without missing sessions: ``sqrt(12 N (T + 1) / (T - 1)) U-bar_0``, the mean rank read off grank_t."""
    sample = random_sample(rng, (20,), sessions=40)
    entry = sample.scar / sample.scar.std(axis=0, ddof=1)
    below = (sample.history.studentised[:, :, None] < entry[:, None, :]).sum(axis=1)
    mean = (below.mean(axis=0) + 1) / 42 - 0.5
    np.testing.assert_allclose(grank_z(sample).statistic[0], sqrt(12 * 20 * 42 / 40) * mean, rtol=RTOL)


def test_a_study_from_returns_to_ranks(rng: np.random.Generator) -> None:
    """The same formulas on what statsmodels estimates, gaps in both windows, from the tables of a run."""
    import statsmodels.api as sm

    returns = random_returns(rng, tuple("ABCDE"), n=400, missing=0.03)
    rows = [(f"e{day}", ticker, day) for ticker in "ABCDE" for day in rng.choice(range(110, 390), 3, False)]
    result = study(returns, rows, estimation=(-90, -11), window=(-2, 2), car_windows=((-1, 1), (0, 0)))
    assert (result.events["status"] == "ok").all()
    residuals, studentised = np.full((2, 15, 80), np.nan)
    for i, (_, ticker, day) in enumerate(rows):
        past = returns.iloc[day - 90 : day - 10]
        there = past[ticker].notna().to_numpy()
        fit = sm.OLS(past[ticker][there], sm.add_constant(past["MKT"][there])).fit()
        residuals[i, there] = fit.resid
        studentised[i, there] = fit.get_influence().resid_studentized_internal
    history = History(
        estimation=Window(-90, -11),
        window=Window(-2, 2),
        residuals=residuals,
        studentised=studentised,
        ar=wide(result.abnormal_returns, "ar").to_numpy(),
    )
    windows = (Window(-1, 1), Window(0, 0), Window(2, 2))
    scar = np.column_stack(
        [pick(result.cars, start=start, end=end)["scar"] for start, end in ((-1, 1), (0, 0))]
        + [wide(result.abnormal_returns, "sar")[2]]
    )
    tables = random_sample(rng, (15,), windows=windows, scar=scar, history=history)
    for place, window in enumerate(windows):
        labels = {"level": "all", "start": window.start, "end": window.end}
        row = {name: one(result.tests, test=name, **labels) for name in NAMES}
        for name, scores in (("corrado_rank", rank_scores), ("corrado_sign", sign_scores)):
            z, n = slow_corrado(history, range(15), window, scores)
            assert (row[name]["statistic"], row[name]["n"]) == (pytest.approx(z, rel=RTOL), n)
        t, entries, z, n = slow_grank(tables, range(15), place)
        found = (row["grank_t"]["statistic"], row["grank_t"]["df"], row["grank_z"]["statistic"])
        assert found == pytest.approx((t, entries - 2, z), rel=RTOL)
        assert row["grank_t"]["n"] == row["grank_z"]["n"] == n
        assert (n < 15) == (window.length > 1)


# --- one firm-event -----------------------------------------------------------------------------------------


def small_history(rng: np.random.Generator, n: int = 40, *, missing: float = 0.0, digits: int = 9) -> History:
    """Return series of nine and three sessions: few enough to draw every window by hand."""
    values = np.round(rng.normal(size=(n, 12)), digits)
    values[rng.random(values.shape) < missing] = np.nan
    values[:, 9] = np.round(rng.normal(size=n) * 2, digits)
    return History(Window(-10, -2), Window(-1, 1), values[:, :9], values[:, :9], values[:, 9:])


SHORT = (Window(-1, -1), Window(-1, 0), Window(-1, 1), Window(0, 0))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("needs", [np.all, np.any], ids=["every session", "lumped"])
def test_rank_single_is_the_permutation_itself(
    rng: np.random.Generator, missing: float, needs: Any, side: Any
) -> None:
    """Every way to draw the window from the series, one after the other; a lumped return is one draw."""
    history = small_history(rng, missing=missing)
    there = np.isfinite(history.ar)
    complete = np.column_stack([needs(there[:, history.columns(window)], axis=1) for window in SHORT])
    statistic, pvalue = rank_single(history, SHORT, complete, side)
    assert (np.isnan(statistic) == ~complete).all()
    assert (np.isnan(pvalue) == ~complete).all()
    for event, place in zip(*np.nonzero(complete), strict=True):
        scores = rank_scores(history, event)
        known = [score for score in scores if score is not None]
        inside = np.array([score for score in scores[9:][history.columns(SHORT[place])] if score is not None])
        drawn = np.array([sum(draw) for draw in combinations(known, len(inside))])
        total = float(inside.sum())
        z = total / sqrt((drawn**2).mean())
        assert statistic[event, place] == pytest.approx(z, rel=RTOL, abs=RTOL)
        near = 1e-9  # sums of the same ranks in another order
        extreme = {
            "two-sided": np.abs(drawn) >= abs(total) - near,
            "greater": drawn >= total - near,
            "less": drawn <= total + near,
        }[side]
        assert pvalue[event, place] == pytest.approx(extreme.mean(), rel=RTOL)


def test_rank_single_with_ties(rng: np.random.Generator) -> None:
    """Over one session the share of its own series, whatever is tied; over more N(0, 1), own variance."""
    history = small_history(rng, digits=0)
    complete = np.ones((40, len(SHORT)), dtype=bool)
    statistic, pvalue = rank_single(history, SHORT, complete, "two-sided")
    for event in range(40):
        scores = np.array(rank_scores(history, event), dtype=float)
        for place, window in enumerate(SHORT):
            total = scores[9:][history.columns(window)].sum()
            drawn = np.array([sum(draw) for draw in combinations(scores, window.length)])
            assert statistic[event, place] == pytest.approx(total / sqrt((drawn**2).mean()), abs=RTOL)
            exact = (np.abs(scores) >= abs(total) - 1e-12).mean()
            normal = 2 * stats.norm.sf(abs(statistic[event, place]))
            expected = exact if window.length == 1 else normal
            assert pvalue[event, place] == pytest.approx(expected, rel=GOLDEN)


def test_rank_single_of_nothing() -> None:
    """No return, one return, returns all alike: missing, without a warning."""
    nothing = np.full((3, 9), np.nan)
    nothing[2] = 0.01
    ar = np.array([[np.nan] * 3, [0.01, np.nan, np.nan], [0.01] * 3])
    history = History(Window(-10, -2), Window(-1, 1), nothing, nothing, ar)
    for values in rank_single(history, SHORT, np.ones((3, 4), dtype=bool), "two-sided"):
        assert np.isnan(values).all()


@pytest.mark.parametrize(("entries", "draws"), [(9, 1), (9, 8), (12, 4), (60, 11), (40, 20)])
def test_the_sum_of_ranks_counts_subsets(entries: int, draws: int) -> None:
    """Against the number of subsets of every sum, added up in whole numbers."""
    counts: list[Counter[int]] = [Counter({0: 1}), *(Counter() for _ in range(draws))]
    for rank in range(1, entries + 1):
        for size in range(min(draws, rank), 0, -1):
            for total, number in counts[size - 1].items():
                counts[size][total + rank] += number
    sums = sorted(counts[draws])
    numbers = np.array([counts[draws][total] for total in sums], dtype=object)
    lower = np.array([total / comb(entries, draws) for total in np.cumsum(numbers)], dtype=float)
    np.testing.assert_allclose(rank_sum_cdf(draws, entries), lower, rtol=1e-12)
    np.testing.assert_allclose(rank_sum_pvalue(sums, draws, entries, "less"), lower, rtol=1e-12)
    np.testing.assert_allclose(rank_sum_pvalue(sums, draws, entries, "greater"), lower[::-1], rtol=1e-12)
    two = np.minimum(1, 2 * np.minimum(lower, lower[::-1]))
    np.testing.assert_allclose(rank_sum_pvalue(sums, draws, entries), two, rtol=1e-12)


def test_the_sum_of_many_ranks_is_nearly_normal() -> None:
    """At the length where the exact distribution is given up, within one per cent of p at 5 %."""
    entries, draws = 350, 100
    deviation = sqrt(draws * (entries - draws) * (entries + 1) / 12)
    total = draws * (entries + 1) // 2 + round(1.96 * deviation)
    z = (total - draws * (entries + 1) / 2 - 0.5) / deviation  # half a rank for continuity
    assert rank_sum_pvalue(total, draws, entries) == pytest.approx(2 * stats.norm.sf(z), rel=0.01)


@pytest.mark.parametrize("entries", [101, 130, 200, 350])
def test_the_sum_of_many_ranks_is_symmetric(entries: int) -> None:
    """To the last digits: a recurrence that ran on into the larger tail would lose five of them."""
    lower = rank_sum_cdf(100, entries)
    assert lower[-1] == pytest.approx(1.0, rel=1e-12)
    np.testing.assert_allclose(lower[:-1] + lower[:-1][::-1], 1.0, rtol=1e-12)


def test_rank_single_stands_in_the_table_of_cars(rng: np.random.Generator) -> None:
    """Beside the CAR, and missing where it is missing."""
    returns = random_returns(rng, ("A", "B"), n=400)
    returns.iloc[350, 0] = np.nan
    rows = [("a", "A", 350), ("b", "B", 350), ("early", "B", 20), ("c", "A", 300)]
    windows = ((0, 0), (0, 1), (-5, 5))
    result = study(returns, rows, car_windows=windows)
    cars = result.cars
    assert cars["car"].isna().any()
    assert (cars["rank_statistic"].isna() == cars["car"].isna()).all()
    assert (cars["rank_pvalue"].isna() == cars["car"].isna()).all()
    assert cars["rank_pvalue"].dropna().between(0, 1).all()
    day = one(cars, event_id="b", start=0, end=0)
    series = np.concatenate(
        [
            pick(result.residuals, event_id="b")["residual"],
            pick(result.abnormal_returns, event_id="b")["ar"],
        ]
    )
    as_extreme = np.abs(stats.rankdata(series) - 131) >= abs(stats.rankdata(series)[255] - 131)
    assert day["rank_pvalue"] == pytest.approx(as_extreme.mean(), rel=RTOL)


# --- figures of others --------------------------------------------------------------------------------------


def test_the_reference_figures_are_in_the_suite_of_answers() -> None:
    found = Counter((row["case"], row["test"]) for row in answers())
    for case, sessions in (("synthetic", 11), ("sp500_additions", 5)):
        assert [found[case, name] for name in NAMES] == [sessions + 1, sessions, 1, 1]


@pytest.mark.parametrize("case", CASES)
def test_the_reference_degrees_of_freedom(case: str, request: pytest.FixtureRequest) -> None:
    shared = None if case == "synthetic" else request.getfixturevalue("shared")
    rows = pick(result_of(case, shared).tests, level="all", test="grank_t")
    assert (rows["df"] == 119).all()


#: R EventStudy 0.50.0 prints one figure for every session.
FROZEN = {"synthetic": -0.118145688704158, "sp500_additions": -0.208137585114069}


class TestPeers:
    """Where packages depart from the papers: their figure, and the departure that gives it from ours."""

    @pytest.mark.parametrize("case", CASES)
    def test_the_rank_of_the_first_session_for_all(self, case: str, request: pytest.FixtureRequest) -> None:
        """R EventStudy: the window's first session whatever the session, a deviation with T - 1, and the
        events of one firm ranked in one series: -0.1181 on day 0 where the paper has 3.1584.
        """
        result = result_of(case, None if case == "synthetic" else request.getfixturevalue("shared"))
        series = np.column_stack([wide(result.residuals, "residual"), wide(result.abnormal_returns, "ar")])
        firms = result.events["ticker"].astype(str).to_numpy()
        pooled = np.empty_like(series)
        for firm in np.unique(firms):
            own = series[firms == firm]
            pooled[firms == firm] = stats.rankdata(own).reshape(own.shape) / (own.size + 1) - 0.5
        mean = pooled.mean(axis=0)
        assert mean[120] / mean.std(ddof=1) == pytest.approx(FROZEN[case], rel=GOLDEN)
        if case == "synthetic":
            day = one(result.tests, level="all", test="corrado_rank", start=0, end=0)
            assert day["statistic"] == pytest.approx(3.158355974545294, rel=GOLDEN)
        else:  # one event a firm: nothing but the session and the degree of freedom
            first = one(result.tests, level="all", test="corrado_rank", start=-2, end=-2)
            assert first["statistic"] * sqrt(124 / 125) == pytest.approx(FROZEN[case], rel=GOLDEN)

    def test_sums_scaled_up_to_all_firms(self, rng: np.random.Generator) -> None:
        """R estudy2 0.10.0 agrees where nothing is missing; a session that n of N firms have it multiplies
        by ``N / n``, and it takes the mean ``T_i`` for the number of sessions: 1.6 times the paper's figure
        where four of ten firms are missing.
        """
        for missing in (0, 4):
            sample = random_sample(rng, (10,), sessions=60, shift=0.02)
            sample.history.ar[:missing, 2] = np.nan
            scores = np.array([rank_scores(sample.history, event) for event in range(10)], dtype=float)
            there = np.isfinite(scores)
            scaled = 10 * np.nanmean(scores, axis=0) / np.sqrt(there.sum(axis=0))
            peer = scaled[62] / sqrt((scaled**2).sum() / there.sum(axis=1).mean())
            paper = corrado_rank(sample).statistic[0, 0]
            if not missing:
                assert peer == pytest.approx(paper, rel=RTOL)
            else:
                assert peer / paper == pytest.approx(10 / 6, rel=0.1)


# --- what must not change them ------------------------------------------------------------------------------


def statistics(sample: CrossSection) -> Any:
    return np.stack([function(sample).statistic for function in FUNCTIONS])


def remade(sample: CrossSection, change: Callable[[Any], Any], *, scar: Any = None) -> CrossSection:
    """Return the sample with other abnormal returns."""
    history = replace(
        sample.history, **{name: change(getattr(sample.history, name)) for name in ("residuals", "ar")}
    )
    return replace(sample, history=history, scar=sample.scar if scar is None else scar)


def shuffled(sample: CrossSection, rng: np.random.Generator) -> CrossSection:
    """Return the sample with the events of each group, and the rows of the history, in another order."""
    n = len(sample.group)
    order = rng.permutation(n)
    order = order[np.argsort(sample.group[order], kind="stable")]
    stored = rng.permutation(n)  # row of the new history -> row of the old
    history = sample.history
    arrays = {name: getattr(history, name)[stored] for name in ("residuals", "studentised", "ar")}
    rows = {name: getattr(sample, name)[order] for name in ("car", "scar", "bhar", "df", "ticker", "date")}
    where = np.argsort(stored)
    return replace(sample, history=replace(history, **arrays), events=where[order], **rows)


def test_order_is_irrelevant_to_the_last_bit(sample: CrossSection, rng: np.random.Generator) -> None:
    expected = statistics(sample)
    for _ in range(5):
        np.testing.assert_array_equal(statistics(shuffled(sample, rng)), expected)


def test_order_is_irrelevant_across_chunks(rng: np.random.Generator) -> None:
    """Groups that more than one chunk of 2,048 firm-events makes up, with series of different lengths."""
    sample = random_sample(rng, (1500, 1, 2600, 40), sessions=30, missing=0.05)
    found = statistics(shuffled(sample, rng))
    np.testing.assert_array_equal(found, statistics(sample))
    alone = random_sample(rng, (40,))
    rows = slice(-40, None)
    part = replace(
        alone,
        history=sample.history,
        events=sample.events[rows],
        scar=sample.scar[rows],
        car=sample.car[rows],
    )
    np.testing.assert_allclose(statistics(part)[:, 0], found[:, 3], rtol=RTOL)


def test_order_of_events_and_tickers_is_irrelevant_to_a_study(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABCDE"), n=500, missing=0.01)
    rows = [(f"e{day}", ticker, day) for day in (300, 301, 390, 450) for ticker in "ABCDE"]
    other = [rows[place] for place in rng.permutation(len(rows))]
    first, second = study(returns, rows), study(returns[[*returns.columns[::-1]]], other)
    labels = ["level", "key", "test", "start", "end"]
    tables = [
        result.tests[result.tests["test"].isin(NAMES)].astype({"key": str}).set_index(labels)["statistic"]
        for result in (first, second)
    ]
    pd.testing.assert_series_equal(*(table.sort_index() for table in tables), check_exact=True)
    cars = [
        result.cars.astype({"event_id": str, "ticker": str})
        .set_index(["event_id", "ticker", "start", "end"])[["rank_statistic", "rank_pvalue"]]
        .sort_index()
        for result in (first, second)
    ]
    pd.testing.assert_frame_equal(*cars, check_exact=True)


@pytest.mark.parametrize("curve", [np.sinh, np.cbrt, lambda ar: ar * np.abs(ar) + ar])
def test_a_monotone_transform_leaves_ranks_and_signs(curve: Any, sample: CrossSection) -> None:
    changed = remade(sample, lambda ar: curve(30 * ar))
    for function in (corrado_rank, corrado_sign):
        np.testing.assert_array_equal(function(changed).statistic, function(sample).statistic)
    complete = np.isfinite(sample.car)
    for before, after in zip(
        rank_single(sample.history, WINDOWS, complete, "two-sided"),
        rank_single(changed.history, WINDOWS, complete, "two-sided"),
        strict=True,
    ):
        np.testing.assert_array_equal(after, before)


def test_scaling_returns_leaves_everything(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABC"), n=500, missing=0.01)
    rows = [(f"e{day}", ticker, day) for day in (300, 400, 470) for ticker in "ABC"]
    results = [study(returns * scale, rows, tests=NAMES) for scale in (1.0, 0.5, 0.3)]
    for result in results[1:]:
        for table, columns in (
            ("tests", ["statistic", "pvalue"]),
            ("cars", ["rank_statistic", "rank_pvalue"]),
        ):
            expected = results[0].frame(table)[columns].to_numpy(dtype=float)
            np.testing.assert_allclose(
                result.frame(table)[columns].to_numpy(dtype=float), expected, rtol=RTOL
            )


def test_flipping_signs_flips_the_statistic(sample: CrossSection) -> None:
    flipped = remade(sample, np.negative, scar=-sample.scar)
    flipped = replace(flipped, history=replace(flipped.history, studentised=-sample.history.studentised))
    np.testing.assert_array_equal(statistics(flipped), -statistics(sample))
    complete = np.isfinite(sample.car)
    for side, other in (("two-sided", "two-sided"), ("greater", "less"), ("less", "greater")):
        z, p = rank_single(sample.history, WINDOWS, complete, side)  # type: ignore[arg-type]
        opposite, same = rank_single(flipped.history, WINDOWS, complete, other)  # type: ignore[arg-type]
        np.testing.assert_array_equal(opposite, -z)
        np.testing.assert_allclose(same, p, rtol=RTOL)


# --- what cannot be computed --------------------------------------------------------------------------------


def test_a_session_that_no_firm_has_is_left_out(rng: np.random.Generator) -> None:
    """Of the mean of S, of the window's length; a window of nothing else has no statistic."""
    sample = random_sample(rng, (6,), windows=(Window(0, 0), Window(0, 1), Window(-1, -1)))
    sample.history.ar[:, 2] = np.nan
    sample.history.residuals[:, 7] = np.nan
    for function, scores in ((corrado_rank, rank_scores), (corrado_sign, sign_scores)):
        result = function(sample)
        assert np.isnan(result.statistic[0, 0])
        assert list(result.n[0]) == [0, 6, 6]
        z, _ = slow_corrado(sample.history, range(6), Window(0, 1), scores)
        assert result.statistic[0, 1] == pytest.approx(z, rel=RTOL)


def test_what_cannot_reject_says_so(rng: np.random.Generator) -> None:
    """One rank over one session is uniform, three signs stand at sqrt(3) at most: no p below 5 %."""
    sample = random_sample(rng, (1, 3, 4, 40), windows=(Window(0, 0), Window(-2, 2)))
    ranks, signs = corrado_rank(sample).note, corrado_sign(sample).note
    assert list(ranks[:, 0]) == [TOO_FEW, "", "", ""]
    assert list(signs[:2, 0]) == [TOO_FEW, TOO_FEW]
    assert signs[3, 0] == "" and (ranks[:, 1] == "").all() and (signs[:, 1] == "").all()


def test_returns_all_alike_have_no_ranks(rng: np.random.Generator) -> None:
    alike = remade(random_sample(rng, (5,)), np.zeros_like)
    for function in (corrado_rank, corrado_sign):
        result = function(alike)
        assert np.isnan(result.statistic).all() and np.isnan(result.pvalue).all()
    same = replace(alike, scar=np.full(alike.scar.shape, 0.7))
    for function in (grank_t, grank_z):
        found = function(same)
        assert np.isnan(found.statistic).all()
        assert (found.n == 5).all() and (found.note == "the standardised CARs do not vary").all()


def test_missing_statistics_have_a_note_in_the_table(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("AB"), n=500)
    returns.iloc[345:356, 0] = np.nan
    tests = study(returns, [("e", "A", 345), ("f", "B", 350)], tests=NAMES).tests
    tests = tests[tests["test"] != "study_count"]  # of the whole study, and a count may have no p
    missing = tests["statistic"].isna()
    assert missing.any() and not missing.all()
    assert tests["note"][missing].notna().all()
    assert (tests["pvalue"].isna() == missing).all()


def test_a_session_the_fit_passes_through_has_no_rank(rng: np.random.Generator) -> None:
    """A factor that moves on one estimation session explains that return whatever it was."""
    returns = random_returns(rng, tuple("ABCD"), n=400)
    returns["dummy"] = 0.0
    returns.iloc[[200, 349], -1] = [1.0, 0.0]
    rows = [("e", ticker, 350) for ticker in "ABCD"]
    tests = study(returns, rows, model="factors", factors=("MKT", "dummy"), tests=NAMES).tests
    row = one(tests, level="all", test="grank_t", start=0, end=0)
    assert (row["df"], np.isfinite(row["statistic"])) == (249 + 1 - 2, True)


# --- size ---------------------------------------------------------------------------------------------------

GROUPS, MEMBERS = 600, 60
#: Three binomial standard deviations about 5 % of 600.
LOW, HIGH = (0.05 + side * 3 * sqrt(0.05 * 0.95 / GROUPS) for side in (-1, 1))


def test_size_under_the_null() -> None:
    """600 groups of 60 independent firm-events each, to which nothing happened."""
    sample = random_sample(
        np.random.default_rng(1989), (MEMBERS,) * GROUPS, sessions=100, windows=(Window(0, 0), Window(-2, 2))
    )
    for function in FUNCTIONS:
        rejected = (function(sample).pvalue <= 0.05).mean(axis=0)
        assert ((rejected > LOW) & (rejected < HIGH)).all(), (function.__name__, rejected)
    _, pvalue = rank_single(sample.history, sample.windows, np.isfinite(sample.car), "two-sided")
    attainable = np.array([4 / 105, 0.05])  # of 105 sessions the two most extreme on either side
    np.testing.assert_allclose(
        (pvalue <= 0.05).mean(axis=0), attainable, atol=3 * sqrt(0.0475 / pvalue.size * 2)
    )


def test_the_generalised_rank_withstands_a_day_of_doubled_variance() -> None:
    """Kolari & Pynnonen 2011: the event-day deviation is taken out of the event's own entry."""
    sample = random_sample(
        np.random.default_rng(2011), (MEMBERS,) * GROUPS, sessions=100, windows=(Window(0, 0),)
    )
    loud = replace(sample, scar=2 * sample.scar)
    np.testing.assert_allclose(grank_t(loud).statistic, grank_t(sample).statistic, rtol=RTOL)
