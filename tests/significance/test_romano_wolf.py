"""Romano & Wolf by loops over draws and steps; what must hold whatever the numbers; size and power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import EventRow, one, pick, random_returns, study
from scipy import stats

from eventstudy.significance.romano_wolf import (
    DRAWS,
    MIN_BLOCKS,
    block_counts,
    stepdown,
    stepdown_of_draws,
)

#: p-values are counts over 10,000: two of them are equal, or differ by far more
COUNTED = 1e-12
WINDOWS = ((0, 0), (0, 1), (-5, 5))
EACH_WINDOW = pytest.mark.parametrize(
    "window", [*(pytest.param(window, marks=pytest.mark.more) for window in WINDOWS[:-1]), WINDOWS[-1]]
)
SIZE = 0.05


def by_the_paper(observed: Sequence[float], drawn: Any) -> list[float]:
    """Step down as Romano & Wolf (2016) say: drop the largest, take the maxima of the rest, never fall.

    ``drawn`` is an array with a row per draw and a column per test.
    """
    order = sorted(range(len(observed)), key=lambda test: -observed[test])
    adjusted, highest = [0.0] * len(observed), 0.0
    for step, test in enumerate(order):
        exceed = int((drawn[:, order[step:]].max(axis=1) >= observed[test]).sum())
        highest = max(highest, (1 + exceed) / (1 + len(drawn)))
        adjusted[test] = highest
    return adjusted


def expanded(counts: Any) -> Any:
    """Return which block each of the draws is."""
    return np.repeat(np.arange(len(counts)), counts)


def towards(values: Any, alternative: str) -> Any:
    return {"two-sided": np.abs(values), "greater": values, "less": -np.asarray(values)}[alternative]


def test_the_steps_are_those_of_the_paper(rng: np.random.Generator) -> None:
    for families, tests, blocks in ((3, 1, 40), (4, 2, 50), (2, 5, 60)):
        drawn = np.abs(rng.standard_t(4, size=(families, tests, blocks)))
        observed = np.abs(rng.normal(0, 2, size=(families, tests))).round(1)  # ties among them
        counts = block_counts(blocks, 0)
        found = stepdown(observed, drawn, np.tile(counts, (families, 1)))
        for family in range(families):
            expected = by_the_paper(observed[family].tolist(), drawn[family].T[expanded(counts)])
            np.testing.assert_allclose(found[family], expected, atol=COUNTED)
            each_draw = drawn[family][:, expanded(counts)]
            one_by_one = stepdown_of_draws(observed[family], each_draw.__getitem__)
            np.testing.assert_allclose(one_by_one, expected, atol=COUNTED)
            alone = [
                by_the_paper([t], drawn[family, [test]].T[expanded(counts)])[0]
                for test, t in enumerate(observed[family].tolist())
            ]
            assert (found[family] >= np.array(alone) - COUNTED).all(), "below the test's own resampled p"
            ordered = found[family][np.argsort(-observed[family])]
            assert (np.diff(ordered) >= 0).all(), "a larger statistic has a larger p-value"


def test_independent_tests_are_adjusted_as_sidak_does(rng: np.random.Generator) -> None:
    drawn = np.abs(rng.normal(size=(5, DRAWS)))
    observed = np.array([2.9, 2.2, 1.7, 1.1, 0.4])
    raw = 2 * stats.norm.sf(observed)
    sidak = np.maximum.accumulate(1 - (1 - raw) ** (5 - np.arange(5)))
    found = stepdown_of_draws(observed, lambda which: drawn[which])
    np.testing.assert_allclose(found, sidak, atol=4 * np.sqrt(0.25 / DRAWS))


def refitted(y: Any, x: Any, length: int) -> tuple[Any, Any, float]:
    """Return each block's CAR from a fit without it, its variance over s^2, and s of the whole fit."""
    usable = np.isfinite(y)
    whole = y[usable] - x[usable] @ np.linalg.lstsq(x[usable], y[usable], rcond=None)[0]
    s = np.sqrt(whole @ whole / (usable.sum() - x.shape[1]))
    cars, variances = [], []
    for start in range(len(y) - length + 1):
        inside = np.zeros(len(y), dtype=bool)
        inside[start : start + length] = True
        rest = usable & ~inside
        b = np.linalg.lstsq(x[rest], y[rest], rcond=None)[0]
        ahead = x[inside].sum(axis=0)
        cars.append((y - x @ b)[inside].sum())  # NaN where a session of the block is
        variances.append(length + ahead @ np.linalg.inv(x[rest].T @ x[rest]) @ ahead)
    return np.array(cars), np.array(variances), float(s)


ONE_DATE: list[EventRow] = [("e", ticker, 300) for ticker in "ABCD"]
#: two tickers of one event on different dates, as when they trade on two exchanges, and an event with one
OTHERS: list[EventRow] = [("far", "A", 310), ("far", "B", 312), ("far", "C", 310), ("alone", "D", 320)]


@pytest.mark.parametrize("alternative", ["two-sided", pytest.param("greater", marks=pytest.mark.more)])
def test_the_tickers_of_an_event_by_refits(alternative: str, rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABCD"), tails=4)
    returns.iloc[[77, 150], 1] = np.nan
    returns.iloc[301, 2] = np.nan  # C has no window beyond day 0
    returns.iloc[[300, 310], :2] += 0.05
    rows = [*ONE_DATE, *OTHERS]
    cars = study(returns, rows, car_windows=WINDOWS, alternative=alternative, seed=3).cars
    x = np.column_stack([np.ones(len(returns)), returns["MKT"]])
    for (start, end), event in [(window, event) for window in WINDOWS for event in ("e", "far", "alone")]:
        family, drawn = [], []
        for name, ticker, day in rows:
            row = one(cars, event_id=name, ticker=ticker, start=start, end=end)
            if name == event and np.isfinite(row["car"]):
                past = slice(day - 260, day - 10)
                car, variance, s = refitted(returns[ticker].to_numpy()[past], x[past], end - start + 1)
                family.append(row)
                drawn.append(towards(car / (s * np.sqrt(variance)), alternative))
        blocks = np.array(drawn)[:, np.isfinite(drawn).all(axis=0)]
        draws = blocks.T[expanded(block_counts(blocks.shape[1], 3))]
        observed = towards(np.array([row["statistic"] for row in family]), alternative)
        expected = by_the_paper(observed.tolist(), draws)
        np.testing.assert_allclose([row["pvalue_rw"] for row in family], expected, atol=COUNTED)
    assert pick(cars, event_id="e", ticker="C", end=1)["pvalue_rw"].isna().all()


def test_the_pairs_of_an_event_by_refits(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABCD"), tails=4)
    returns.iloc[[77, 150], 1] = np.nan
    returns.iloc[300, 0] += 0.06
    table = study(returns, ONE_DATE, car_windows=WINDOWS).comparisons
    x = np.column_stack([np.ones(len(returns)), returns["MKT"]])[40:290]
    past = returns[list("ABCD")].where(returns[list("ABCD")].notna().all(axis=1)).iloc[40:290]
    for start, end in WINDOWS:
        rows = pick(table, level="event", key="e", start=start, end=end)
        drawn = []
        for a, b in zip(rows["a"], rows["b"], strict=True):
            car, variance, s = refitted((past[a] - past[b]).to_numpy(), x, end - start + 1)
            drawn.append(np.abs(car / (s * np.sqrt(variance))))
        blocks = np.array(drawn)[:, np.isfinite(drawn).all(axis=0)]
        draws = blocks.T[expanded(block_counts(blocks.shape[1], 0))]
        expected = by_the_paper(rows["statistic"].abs().tolist(), draws)
        np.testing.assert_allclose(rows["pvalue_rw"], expected, atol=COUNTED)


class OnTheCalendar:
    """Event windows drawn run by run on the calendar, written out session by session."""

    def __init__(self, returns: pd.DataFrame, rows: Sequence[EventRow]) -> None:
        self.rows, self.sigma = rows, np.empty(len(rows))
        x = np.column_stack([np.ones(len(returns)), returns["MKT"]])
        standardised: dict[str, list[pd.Series]] = {}
        for place, (_, ticker, day) in enumerate(rows):
            past = np.arange(day - 260, day - 10)
            past = past[returns[ticker].notna().to_numpy()[past]]
            y = returns[ticker].to_numpy()[past]
            errors = y - x[past] @ np.linalg.lstsq(x[past], y, rcond=None)[0]
            self.sigma[place] = np.sqrt(errors @ errors / (len(past) - 2))
            if (ticker, day) not in [other[1:] for other in rows[:place]]:  # a firm-day counts once
                standardised.setdefault(ticker, []).append(pd.Series(errors / self.sigma[place], past))
        means = {name: pd.concat(parts, axis=1).mean(axis=1) for name, parts in standardised.items()}
        self.residuals = pd.DataFrame(means).sort_index()

    def draws(
        self, weights: Mapping[str, Any], window: tuple[int, int], seed: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return weighted means of CARs in every draw, and as weights on ticker and session."""
        used = np.any([w != 0 for w in weights.values()], axis=0)
        tickers = sorted({ticker for (_, ticker, _), there in zip(self.rows, used, strict=True) if there})
        pool = self.residuals[tickers].dropna()
        pool = (pool - pool.mean()) / pool.std(ddof=0)
        days = [range(day + window[0], day + window[1] + 1) for _, _, day in self.rows]
        covered = sorted({day for span, there in zip(days, used, strict=True) if there for day in span})
        random, drawn = np.random.default_rng(seed), {}
        for run in np.split(covered, np.flatnonzero(np.diff(covered) > 1) + 1):
            first = random.integers(0, len(pool) - len(run) + 1, DRAWS, dtype=np.int32)
            for place, day in enumerate(run.tolist()):
                drawn[day] = {name: pool[name].to_numpy()[first + place] for name in tickers}
        values = {name: np.zeros(DRAWS) for name in weights}
        loads = {name: pd.DataFrame(0.0, covered, self.residuals.columns) for name in weights}
        for name, weight in weights.items():
            for row in np.flatnonzero(weight):
                ticker = self.rows[row][1]
                for day in days[row]:
                    values[name] += weight[row] * self.sigma[row] * drawn[day][ticker]
                    loads[name].loc[day, ticker] += weight[row] * self.sigma[row]
        return values, loads

    def pvalues(
        self, table: pd.DataFrame, weights: Mapping[str, Any], window: tuple[int, int], seed: int
    ) -> Any:
        """Return the adjusted p-values of the table's pairs; one without a statistic is in no family."""
        values, loads = self.draws(weights, window, seed)
        correlation = self.residuals.corr()
        family = table[table["statistic"].notna()]
        drawn = []
        for a, b in zip(family["a"], family["b"], strict=True):
            load = loads[a] - loads[b]
            variance = float(((load @ correlation) * load).to_numpy().sum())
            drawn.append(np.abs(values[a] - values[b]) / np.sqrt(variance))
        found = by_the_paper(family["statistic"].abs().tolist(), np.array(drawn).T)
        return pd.Series(found, family.index).reindex(table.index)


#: windows that overlap (300 and 303), that follow one another (330 and 331), twins, and one far away
STAGGERED: list[EventRow] = [(f"e{day}", ticker, day) for day in (300, 303, 330, 331, 620) for ticker in "AB"]
TWINS: list[EventRow] = [("only", "A", 500), ("twin", "A", 300)]


@pytest.fixture
def staggered(rng: np.random.Generator) -> pd.DataFrame:
    returns = random_returns(rng, ("A", "B"), n=700, tails=4, correlation=0.5)
    returns.iloc[[90, 150, 420], 1] = np.nan
    returns.iloc[[300, 620], 0] += [0.09, -0.07]
    return returns


@EACH_WINDOW
def test_the_events_of_a_ticker_by_runs_of_the_calendar(
    window: tuple[int, int], staggered: pd.DataFrame
) -> None:
    table = study(staggered, [*STAGGERED, *TWINS], car_windows=WINDOWS, seed=2).comparisons
    for ticker in "AB":
        own = [row for row in [*STAGGERED, TWINS[0]] if row[1] == ticker]
        own.sort(key=lambda row: row[2])
        weights = {row[0]: np.eye(len(own))[place] for place, row in enumerate(own)}
        rows = pick(table, level="ticker", key=ticker, start=window[0], end=window[1])
        expected = OnTheCalendar(staggered, own).pvalues(rows, weights, window, seed=2)
        np.testing.assert_allclose(rows["pvalue_rw"], expected, atol=COUNTED)
        assert rows["pvalue_rw"].notna().all()
        assert 0 < rows["pvalue_rw"].min() < 0.95


@EACH_WINDOW
def test_tickers_and_kinds_over_all_dates_by_runs_of_the_calendar(
    window: tuple[int, int], staggered: pd.DataFrame
) -> None:
    rows = [*STAGGERED, *TWINS]
    kinds = [
        "deal",
        "deal",
        "doubt",
        "doubt",
        "deal",
        "deal",
        "talk",
        "talk",
        "doubt",
        "doubt",
        "talk",
        "deal",
    ]
    table = study(staggered, rows, car_windows=WINDOWS, columns={"kind": kinds}).comparisons
    found = pick(table, level="all", start=window[0], end=window[1])
    calendar = OnTheCalendar(staggered, rows)
    a = np.array([1 / 5, 0, 1 / 5, 0, 1 / 5, 0, 1 / 5, 0, 1 / 5, 0, 0, 0])  # on the dates B has too
    b = np.array([0, 1 / 5] * 5 + [0, 0])
    tickers = pick(found, key="ticker")
    expected = calendar.pvalues(tickers, {"A": a, "B": b}, window, seed=0)
    np.testing.assert_allclose(tickers["pvalue_rw"], expected, atol=COUNTED)
    deal = np.array([1 / 4, 1 / 4, 0, 0, 1 / 4, 1 / 4, 0, 0, 0, 0, 0, 0])
    doubt = np.array([0, 0, 1 / 4, 1 / 4, 0, 0, 0, 0, 1 / 4, 1 / 4, 0, 0])
    talk = np.array([0, 0, 0, 0, 0, 0, 1 / 4, 1 / 4, 0, 0, 1 / 2, 0])
    weights = {"deal": deal, "doubt": doubt, "talk": talk}
    pairs = pick(found, key="kind")
    assert list(zip(pairs["a"], pairs["b"], strict=True)) == list(combinations(weights, 2))
    np.testing.assert_allclose(
        pairs["pvalue_rw"], calendar.pvalues(pairs, weights, window, seed=0), atol=COUNTED
    )


def test_tickers_that_are_one_pay_for_one(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), tails=4)
    for name in "BC":  # the same residuals, more of the market
        returns[name] = 2 * returns["A"] + 0.3 * returns["MKT"]
    returns.loc[returns.index[300], list("ABC")] += [0.03, 0.06, 0.06]
    together = study(returns, [("e", name, 300) for name in "ABC"], car_windows=WINDOWS, quality="flag").cars
    alone = study(returns, [("e", "A", 300)], car_windows=WINDOWS).cars
    for _, rows in together.groupby("ticker", observed=True):
        np.testing.assert_allclose(rows["pvalue_rw"], alone["pvalue_rw"], atol=COUNTED)
    assert (together["pvalue_holm"] > together["pvalue_rw"]).any()


@pytest.mark.more
def test_the_order_of_events_and_tickers_changes_nothing(
    staggered: pd.DataFrame, rng: np.random.Generator
) -> None:
    rows = [*STAGGERED, TWINS[0]]  # of two events on one firm-day the first in the list counts
    kinds = (["deal", "doubt"] * 6)[: len(rows)]
    turned = rng.permutation(len(rows))
    first = study(staggered, rows, car_windows=WINDOWS, columns={"kind": kinds})
    second = study(
        staggered,
        [rows[at] for at in turned],
        car_windows=WINDOWS,
        columns={"kind": [kinds[at] for at in turned]},
    )
    keys = ["event_id", "ticker", "start", "end"]
    both = first.cars.astype({"event_id": str, "ticker": str}).merge(
        second.cars.astype({"event_id": str, "ticker": str}), on=keys
    )
    np.testing.assert_allclose(both["pvalue_rw_x"], both["pvalue_rw_y"], atol=COUNTED)
    pairs = [
        {
            (row.level, row.key, row.start, row.end, frozenset((row.a, row.b))): row.pvalue_rw
            for row in result.comparisons.itertuples()
        }
        for result in (first, second)
    ]
    assert pairs[0].keys() == pairs[1].keys()
    np.testing.assert_allclose(
        [pairs[0][key] for key in pairs[0]], [pairs[1][key] for key in pairs[0]], atol=COUNTED
    )


@pytest.mark.more
def test_the_seed_is_all_that_is_random(staggered: pd.DataFrame) -> None:
    rows = [*STAGGERED, *TWINS]
    first, again, other = (study(staggered, rows, car_windows=WINDOWS, seed=seed) for seed in (1, 1, 2))
    for table in ("cars", "comparisons"):
        drawn, same, differs = (getattr(result, table)["pvalue_rw"] for result in (first, again, other))
        assert drawn.equals(same)
        assert 0 < (drawn - differs).abs().max() < 0.05


def test_a_family_is_never_divided(staggered: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = study(staggered, STAGGERED, car_windows=WINDOWS).cars
    monkeypatch.setattr("eventstudy.inference.resampling.CHUNK", 3)
    np.testing.assert_array_equal(
        study(staggered, STAGGERED, car_windows=WINDOWS).cars["pvalue_rw"], whole["pvalue_rw"]
    )


def test_too_few_blocks_draw_nothing_and_say_so(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("AB"))
    rows = [(event, ticker, day) for event, day in (("e", 300), ("f", 305)) for ticker in "AB"]
    length = MIN_BLOCKS + 5
    result = study(returns, rows, estimation=(-length - 10, -11), car_windows=WINDOWS)
    short, long = (pick(result.cars, start=start)["pvalue_rw"] for start in (0, -5))
    assert short.notna().all()
    assert long.isna().all()
    table = pick(result.comparisons, start=-5)
    assert table["pvalue_rw"].isna().all()
    assert table["note"].str.contains("no Romano-Wolf p: fewer than 30 blocks").all()
    assert pick(result.comparisons, start=0, end=0)["pvalue_rw"].notna().all()


def test_too_much_to_draw_says_so(staggered: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.inference.comparisons.MAX_ACROSS", 11)
    rows = [*STAGGERED, *TWINS]
    table = study(staggered, rows, columns={"kind": ["deal", "doubt"] * 6}).comparisons
    across, within = table[table["level"] != "event"], pick(table, level="event")
    assert across["pvalue_rw"].isna().all()
    assert across["note"].str.contains("no Romano-Wolf p: more than").all()
    assert within["pvalue_rw"].notna().all()


def rejections(
    rng: np.random.Generator, events: int, correlation: float, effect: float = 0.0
) -> pd.DataFrame:
    """Return in which events a ticker or a pair is rejected, and how many CARs are, by Holm and stepwise."""
    first = 270
    returns = random_returns(
        rng, tuple("ABCDE"), n=first + 3 * events, tails=None if effect else 4, correlation=correlation
    )
    days = first + 3 * np.arange(events)
    returns.iloc[days, :3] += effect
    rows = [(f"e{day}", ticker, int(day)) for day in days for ticker in "ABCDE"]
    result = study(returns, rows, window=(0, 0), car_windows=((0, 0),))
    cars = result.cars.groupby("event_id", observed=True)
    pairs = pick(result.comparisons, level="event").groupby("key", observed=True)
    return pd.DataFrame(
        {
            "tickers": cars["pvalue_rw"].min() <= SIZE,
            "pairs": pairs["pvalue_rw"].min() <= SIZE,
            "holm": cars["pvalue_holm"].agg(lambda p: (p <= SIZE).sum()),
            "romano_wolf": cars["pvalue_rw"].agg(lambda p: (p <= SIZE).sum()),
        }
    )


def assert_in_band(share: float, trials: int) -> None:
    """Compare a rejection rate with the 99 % band of the binomial."""
    low, high = stats.binom.interval(0.99, trials, SIZE)
    assert low <= share * trials <= high, (
        f"{share:.3f} of {trials}, not {low / trials:.3f} to {high / trials:.3f}"
    )


@pytest.mark.more
def test_no_family_is_falsely_rejected_too_often(rng: np.random.Generator) -> None:
    found = rejections(rng, 100, correlation=0.5)
    assert_in_band(found["tickers"].mean(), len(found))
    assert_in_band(found["pairs"].mean(), len(found))


@pytest.mark.slow
def test_the_size_of_families_of_fat_tailed_correlated_tickers() -> None:
    parts = [rejections(np.random.default_rng([7, part]), 500, correlation=0.5) for part in range(10)]
    found = pd.concat(parts)
    assert_in_band(found["tickers"].mean(), len(found))
    assert_in_band(found["pairs"].mean(), len(found))


@pytest.mark.more
def test_it_finds_more_than_holm_where_tickers_move_together(rng: np.random.Generator) -> None:
    found = rejections(rng, 100, correlation=0.7, effect=0.05)
    assert found["romano_wolf"].sum() > 1.02 * found["holm"].sum()


@pytest.mark.slow
def test_the_size_of_families_across_dates() -> None:
    rows = [(f"e{day}", ticker, day) for day in (300, 301, 330, 420, 500) for ticker in "AB"]
    rejected = []
    for part in range(1_000):
        returns = random_returns(
            np.random.default_rng([8, part]), ("A", "B"), n=510, correlation=0.5, tails=5
        )
        table = study(returns, rows, window=(0, 1), car_windows=((0, 1),)).comparisons
        rejected.append(pick(table, level="ticker", key="A")["pvalue_rw"].min() <= SIZE)
    assert_in_band(float(np.mean(rejected)), len(rejected))
