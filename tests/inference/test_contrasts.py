"""Comparisons: difference portfolios on one date, and linear forms in the residuals across dates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import one, pick, random_returns, sessions, study
from scipy import stats

import eventstudy as es
from eventstudy.events.inputs import StudyInputs
from eventstudy.numerics.multiplicity import benjamini_hochberg, holm
from eventstudy.study_result import EventStudyResult

WINDOWS = ((0, 0), (0, 1), (-5, 5))
#: Explicit inverses of X'X and sums over the whole calendar keep fewer digits than the core.
BRUTE = 1e-9


class Forms:
    """Each CAR written out: +1 on its window, -w on its estimation window, times s; and its residuals."""

    def __init__(
        self, returns: pd.DataFrame, rows: Sequence[tuple[str, str, int]], window: tuple[int, int]
    ) -> None:
        self.car, self.z, self.df = (
            np.empty(len(rows)),
            np.zeros((len(rows), len(returns))),
            np.empty(len(rows)),
        )
        standardised: dict[str, list[pd.Series]] = {}
        for place, (_, ticker, day) in enumerate(rows):
            x, y = np.column_stack([np.ones(len(returns)), returns["MKT"]]), returns[ticker].to_numpy()
            past, ahead = np.arange(day - 260, day - 10), np.arange(day + window[0], day + window[1] + 1)
            past = past[np.isfinite(y[past])]
            inverse = np.linalg.inv(x[past].T @ x[past])
            errors = y - x @ (inverse @ x[past].T @ y[past])
            self.df[place] = len(past) - 2
            s = np.sqrt(errors[past] @ errors[past] / self.df[place])
            self.car[place] = errors[ahead].sum()
            self.z[place, ahead] += s
            self.z[place, past] -= s * (x[past] @ inverse @ x[ahead].sum(axis=0))
            if (ticker, day) not in [other[1:] for other in rows[:place]]:  # a firm-day counts once
                standardised.setdefault(ticker, []).append(pd.Series(errors[past] / s, past))
        means = {name: pd.concat(parts, axis=1).mean(axis=1) for name, parts in standardised.items()}
        correlation = pd.DataFrame(means).corr()
        names = [ticker for _, ticker, _ in rows]
        self.covariance = correlation.loc[names, names].to_numpy() * (self.z @ self.z.T)

    def difference(self, left: Any, right: Any) -> tuple[float, float]:
        """Return the difference of two weighted means of CARs, and its standard error."""
        c = np.asarray(left, dtype=float) - np.asarray(right, dtype=float)
        return float(c @ self.car), float(np.sqrt(c @ self.covariance @ c))


def assert_row(row: pd.Series, difference: float, se: float, df: float) -> None:
    assert row["difference"] == pytest.approx(difference, rel=BRUTE, abs=BRUTE * se)
    assert row["se"] == pytest.approx(se, rel=BRUTE)
    assert row["df"] == df
    assert row["statistic"] == pytest.approx(row["difference"] / row["se"], rel=RTOL)
    assert row["pvalue"] == pytest.approx(2 * stats.t.sf(abs(row["statistic"]), df), rel=RTOL * 100)


def test_two_tickers_of_one_event_are_a_difference_portfolio(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABC"), correlation=0.5)
    returns.iloc[[70, 80], 1] = np.nan
    rows = [("e", ticker, 300) for ticker in "ABC"]
    result = study(returns, rows, car_windows=WINDOWS)
    complete = returns.where(returns.notna().all(axis=1))
    for a, b in combinations("ABC", 2):
        cars = study(
            complete.assign(D=complete[a] - complete[b]), [("e", "D", 300)], car_windows=WINDOWS
        ).cars
        for start, end in WINDOWS:
            row = one(result.comparisons, level="event", key="e", a=a, b=b, start=start, end=end)
            alone = one(cars, start=start, end=end)
            assert row["difference"] == pytest.approx(alone["car"], rel=RTOL, abs=RTOL * alone["car_se"])
            assert row["se"] == pytest.approx(alone["car_se"], rel=RTOL)
            assert row["pvalue"] == pytest.approx(alone["pvalue"], rel=RTOL * 100)
            assert (row["df"], row["n"]) == (246, 2)


#: two dates inside each other's estimation window, two whose windows overlap, and one far away
STAGGERED = [(f"e{day}", ticker, day) for day in (300, 303, 330, 620) for ticker in "AB"]


@pytest.mark.parametrize("window", WINDOWS)
def test_two_events_of_one_ticker_share_residuals(window: tuple[int, int], rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"), n=700, missing=0.01)
    returns.iloc[290:340, :2] = returns.iloc[290:340, :2].bfill().ffill()
    returns.iloc[610:640, :2] = returns.iloc[610:640, :2].bfill().ffill()
    result = study(returns, STAGGERED, car_windows=WINDOWS)
    forms = Forms(returns, STAGGERED, window)
    correlated = 0
    for i, j in combinations(range(len(STAGGERED)), 2):
        (a, ticker, first), (b, other, second) = STAGGERED[i], STAGGERED[j]
        if ticker != other:
            continue
        row = one(result.comparisons, level="ticker", key=ticker, a=a, b=b, start=window[0], end=window[1])
        unit = np.eye(len(STAGGERED))
        assert_row(row, *forms.difference(unit[i], unit[j]), min(forms.df[i], forms.df[j]))
        shared = max(window[1] - window[0] + 1 - abs(second - first), 0)
        noted = f"the windows share {shared} session{'s' * (shared > 1)}"
        assert row["note"] == noted if shared else pd.isna(row["note"])
        correlated += abs(forms.covariance[i, j]) > 0.001 * forms.covariance[i, i]
    assert correlated, "no two CARs have anything to do with each other"


@pytest.mark.parametrize("window", WINDOWS)
def test_two_tickers_over_all_dates_are_compared_on_those_they_share(
    window: tuple[int, int], rng: np.random.Generator
) -> None:
    returns = random_returns(rng, ("A", "B"), n=700)
    rows = [*STAGGERED, ("only", "A", 500), ("twin", "A", 300)]
    result = study(returns, rows, car_windows=WINDOWS)
    forms = Forms(returns, rows, window)
    # the 8 rows of A and B on four dates; A has a date of its own, and a twin listing of the first date
    left = [1 / 4, 0, 1 / 4, 0, 1 / 4, 0, 1 / 4, 0, 0, 0]
    right = [0, 1 / 4, 0, 1 / 4, 0, 1 / 4, 0, 1 / 4, 0, 0]
    row = one(result.comparisons, level="all", key="ticker", start=window[0], end=window[1])
    assert (row["a"], row["b"], row["n"]) == ("A", "B", 8)
    assert_row(row, *forms.difference(left, right), 248)


@pytest.mark.parametrize("window", WINDOWS)
def test_two_kinds_are_means_over_dates_of_means_over_tickers(
    window: tuple[int, int], rng: np.random.Generator
) -> None:
    returns = random_returns(rng, ("A", "B"), n=700)
    rows = [*STAGGERED, ("only", "A", 500), ("twin", "A", 300)]
    kinds = ["deal", "deal", "doubt", "doubt", "deal", "deal", "doubt", "doubt", "deal", "deal"]
    result = study(returns, rows, car_windows=WINDOWS, columns={"kind": kinds})
    forms = Forms(returns, rows, window)
    # deals fall on 300 (A listed twice, B once), 330 (A and B) and 500 (A alone); doubts on 303 and 620
    deal = [1 / 6, 1 / 6, 0, 0, 1 / 6, 1 / 6, 0, 0, 1 / 3, 0]
    doubt = [0, 0, 1 / 4, 1 / 4, 0, 0, 1 / 4, 1 / 4, 0, 0]
    row = one(result.comparisons, level="all", key="kind", start=window[0], end=window[1])
    assert (row["a"], row["b"], row["n"]) == ("deal", "doubt", 9)
    assert_row(row, *forms.difference(deal, doubt), 248)


def test_a_repeated_listing_is_compared_with_nothing(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), n=700)
    rows = [("one", "A", 300), ("two", "A", 300), ("three", "A", 500)]
    assert study(returns, rows[:2]).comparisons.empty
    table = study(returns, rows).comparisons
    assert {(row.a, row.b) for row in table.itertuples()} == {("one", "three")}


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_which_is_a_does_not_follow_the_order_of_events(alternative: str, rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B", "C"), n=700)
    rows = [(f"e{day}", ticker, day) for day in (300, 303, 330, 620) for ticker in "ABC"]
    kind = {300: "deal", 303: "talk", 330: "deal", 620: "talk"}
    found = []
    for order in (rows, rows[::-1], [rows[place] for place in rng.permutation(len(rows))]):
        kinds = {"kind": [kind[day] for _, _, day in order]}
        table = study(returns, order, columns=kinds, alternative=alternative, car_windows=WINDOWS).comparisons
        labels = ["level", "key", "start", "end", "a", "b"]
        found.append(
            table.astype(dict.fromkeys(("level", "key", "a", "b"), str)).set_index(labels).sort_index()
        )
    for other in found[1:]:
        for column in ("difference", "pvalue", "pvalue_rw"):
            pd.testing.assert_series_equal(found[0][column], other[column], rtol=RTOL)
    first = found[0].reset_index()
    assert (first["a"] < first["b"]).all()


def test_tickers_are_compared_as_the_study_lists_them(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B", "C"), n=700)
    days = [day.date() for day in returns.index[[300, 330]]]
    asked = es.Design(benchmark="MKT", max_loss=1.0)
    events = tuple(es.Event(f"e{day}", day, session=day, tickers=("A", "B", "C")) for day in days)
    table = es.run(
        StudyInputs(asked, events, tickers=("C", "A", "B")), returns=returns, design=asked
    ).comparisons
    pairs = {(row.a, row.b) for row in table[table["level"] != "ticker"].itertuples()}
    assert pairs == {("C", "A"), ("C", "B"), ("A", "B")}


def test_one_security_under_two_names_differs_by_rounding_and_has_no_test(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), n=700).assign(COPY=lambda table: table["A"] * (1 + 1e-15))
    rows = [(f"e{day}", name, day) for day in (300, 330, 500) for name in ("A", "COPY")]
    table = pick(study(returns, rows, quality="flag").comparisons, a="A", b="COPY")
    assert set(table["level"]) == {"event", "all"}
    assert table["statistic"].isna().all()


def test_tickers_that_share_no_date_are_not_compared(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABC"), n=700)
    rows = [
        ("e", "A", 300),
        ("f", "A", 500),
        ("g", "B", 310),
        ("h", "B", 500),
        ("i", "C", 320),
        ("j", "C", 520),
    ]
    table = pick(study(returns, rows).comparisons, level="all")
    assert {(row.a, row.b) for row in table.itertuples()} == {("A", "B")}
    assert (table["n"] == 2).all()


def test_adjustments_run_over_the_pairs_of_a_group_and_window(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABCD"), n=700)
    rows = [(f"e{day}", ticker, day) for day in (300, 330) for ticker in "ABCD"]
    table = study(returns, rows, car_windows=WINDOWS).comparisons
    labels = table[["level", "key", "start", "end"]].astype(str).agg("/".join, axis=1)
    for column, adjust in (("pvalue_holm", holm), ("pvalue_bh", benjamini_hochberg)):
        expected = adjust(table["pvalue"].to_numpy(), pd.factorize(labels)[0])
        np.testing.assert_allclose(table[column], expected, rtol=RTOL)
    assert pick(table, level="event", key="e300", start=0, end=0).shape[0] == 6
    assert (table["pvalue_holm"] > table["pvalue"]).any()


def test_an_event_with_a_missing_return_compares_the_rest(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABC"))
    returns.iloc[301, 0] = np.nan
    table = study(returns, [("e", ticker, 300) for ticker in "ABC"], car_windows=WINDOWS).comparisons
    event = pick(table, level="event", start=0, end=1)
    np.testing.assert_array_equal(event["statistic"].isna(), [True, True, False])
    assert pick(table, level="event", start=0, end=0)["statistic"].notna().all()


def test_windows_share_sessions_of_their_own_exchange(rng: np.random.Generator) -> None:
    """A London session between two in New York is none of New York's."""
    dates = sessions(420)
    prices = pd.DataFrame(
        50 * np.exp(np.cumsum(rng.normal(0, 0.02, (420, 3)), axis=0)),
        index=dates,
        columns=["AAA", "CCC.L", "SPY"],
    )
    days = [("thursday", "2019-07-03"), ("friday", "2019-07-05")]  # the fourth of July lies between
    events = pd.DataFrame(
        [(name, ticker, day) for name, day in days for ticker in ("AAA", "CCC.L")],
        columns=["event_id", "ticker", "when"],
    )
    result: EventStudyResult = es.run(events, prices=prices, design=es.Design(max_loss=1.0))
    row = one(result.comparisons, level="ticker", key="AAA", start=0, end=1)
    assert row["note"] == "the windows share 1 session"
