"""The rows of `prologue_ols` and `prologue_gls` of a study."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one, pick, random_returns

import eventstudy as es
from eventstudy.cli.run_events_text import event_blocks
from eventstudy.inference.prologue import SEVERAL_DATES
from eventstudy.numerics.multiplicity import holm
from eventstudy.report.sections import tests_of
from eventstudy.significance import TESTS
from eventstudy.significance.prologue import FEW_FIRMS, DateAndBefore

TICKERS = tuple("ABCDEFGHIJKL")
WINDOWS = ((0, 0), (-1, 1), (2, 4))
RTOL = 1e-12  #: the same calculation on the same numbers
DAY0 = {"first": 330, "second": 380}


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, TICKERS, n=420)


@pytest.fixture
def events(returns: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = [(event, ticker, returns.index[day]) for event, day in DAY0.items() for ticker in TICKERS]
    frame = pd.DataFrame(rows, columns=["event_id", "ticker", "session"])
    return frame.assign(size=rng.normal(size=len(frame)), listed=rng.random(len(frame)) < 0.5)


def run(returns: pd.DataFrame, events: pd.DataFrame, **fields: Any) -> es.EventStudyResult:
    design = es.Design(
        model="mean", benchmark=None, estimation=(-80, -11), car_windows=WINDOWS, mask_events=False, **fields
    )
    return es.run(events, returns=returns, design=design)


@pytest.mark.parametrize("test", ["prologue_ols", "prologue_gls"])
def test_the_rows_are_those_of_the_returns(returns: pd.DataFrame, events: pd.DataFrame, test: str) -> None:
    terms = ("size", "listed")
    table = pick(run(returns, events, prologue=terms, prologue_days=120).tests, test=test)
    assert len(table) == 2 * len(WINDOWS) * 2 and set(table["measure"]) == {"return"}
    for event, day0 in DAY0.items():
        x = events.loc[events["event_id"] == event, list(terms)].to_numpy(float)
        for start, end in WINDOWS:
            length = end - start + 1
            data = DateAndBefore.of(
                returns[list(TICKERS)].to_numpy(), x, day0 + start, length=length, end=day0 - 5, days=120
            )
            expected = TESTS[test].function(data)
            rows = pick(table, level="event", key=event, start=start, end=end).set_index("term")
            for place, term in enumerate(terms):
                row = rows.loc[term]
                for name in ("estimate", "statistic", "pvalue"):
                    assert row[name] == pytest.approx(getattr(expected, name)[place], rel=RTOL), name
                assert (row["n"], row["n_dates"], row["n_firms"]) == (12, 1, 12)
                assert row["df"] == 119 and row["note"] == expected.note
    for _, family in table.groupby(["term", "start"], observed=True):
        p = family["pvalue"].to_numpy(float)
        np.testing.assert_allclose(family["pvalue_holm"], holm(p, np.zeros(2, dtype=np.int64)))


def test_a_longer_history_is_used_as_far_as_it_goes(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    table = run(returns, events, prologue="size").tests
    row = one(table, test="prologue_gls", key="first", start=0, end=0)
    # 325 sessions before the event window, of which one day and its gap of six are no span
    assert row["df"] + 1 == (325 - 6 + 1) // 2
    assert one(table, test="prologue_ols", key="first", start=0, end=0)["df"] == 199


def test_a_firm_without_the_characteristic_is_left_out(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    holed = events.assign(size=events["size"].where(events["ticker"] != "C"))
    kept = events[events["ticker"] != "C"]
    for test in ("prologue_ols", "prologue_gls"):
        found, expected = (
            one(run(returns, frame, prologue="size").tests, test=test, key="first", start=0, end=0)
            for frame in (holed, kept)
        )
        assert found["statistic"] == pytest.approx(expected["statistic"], rel=RTOL)
        assert found["n"] == 11 and "1 of 12 firms left out" in found["note"]


def test_what_cannot_be_tested_says_why(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    few = events[events["ticker"].isin(list("ABCDEFG"))]
    row = one(run(returns, few, prologue="size").tests, test="prologue_ols", key="first", start=0, end=0)
    assert np.isnan(row["pvalue"]) and row["note"] == FEW_FIRMS
    early = events["ticker"].isin(list("ABCDEF"))
    spread = events[early == (events["event_id"] == "first")].assign(event_id="one")
    row = one(run(returns, spread, prologue="size").tests, test="prologue_ols", key="one", start=0, end=0)
    assert np.isnan(row["pvalue"]) and row["note"] == SEVERAL_DATES


def test_the_terminal_and_the_report_show_the_slopes(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    result = run(returns, events, prologue=("size", "listed"))
    row = one(result.tests, test="prologue_ols", key="first", term="size", start=0, end=0)
    shown = "\n".join(str(getattr(line, "text", line)) for line in event_blocks(result.view(), 120))
    assert f"slopes:    size {row['estimate']:.4g}, t(199) = {row['statistic']:.2f}, rank p = " in shown
    assert "           listed " in shown and ", GLS rank p = " in shown
    (table,) = tests_of.tests_table(result.view(), "x", "event", "first")
    assert "size" in str(table) and "listed" in str(table)


def test_without_columns_there_are_no_rows(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    assert not {"prologue_ols", "prologue_gls"} & set(run(returns, events).tests["test"])
