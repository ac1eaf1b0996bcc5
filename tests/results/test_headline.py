"""The headline of a study: its figures, and sentences that are true of small and empty studies."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import BUNDLED, event_frame, random_returns, study

import eventstudy as es
from eventstudy.cli.run_document import run_document
from eventstudy.study_result import EventStudyResult

RTOL = 1e-9  #: the reference figures have twelve digits, from returns of ten
DATES = ("2025-01-27", "2025-09-10", "2025-10-06", "2025-11-18", "2024-07-24")
WHOLE = ("firm_days", "events", "named", "events_named", "beyond_doubt", "count")
MAYBE = ("expected", "count_pvalue", "smallest_holm")


def said(result: EventStudyResult) -> str:
    """Return all sentences; the figures must have their types whatever the study."""
    found = result.headline()
    assert set(found) == {*WHOLE, *MAYBE, "named_firm_days", "sentences"}
    assert all(type(found[name]) is int for name in WHOLE)
    assert all(found[name] is None or type(found[name]) is float for name in MAYBE)
    assert found["named"] == len(found["named_firm_days"])
    assert len(result.headline("ko")["sentences"]) == len(found["sentences"])
    assert not any("{" in text or "nan" in text.split() for text in found["sentences"])
    return " ".join(found["sentences"])


def planted(effects: dict[tuple[str, int], float], rows: Any, **design: Any) -> EventStudyResult:
    """Run a study of four tickers with effects on some of their sessions."""
    returns = random_returns(np.random.default_rng(7), ("A", "B", "C", "D"))
    for (ticker, day), effect in effects.items():
        returns.iloc[day, returns.columns.get_loc(ticker)] += effect
    return study(returns, rows, **{"car_windows": ((0, 0),), **design})


EVERY = [(f"e{day}", ticker, day) for day in (300, 320, 340) for ticker in "ABCD"]


@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (-5, 5)])
@pytest.mark.parametrize("masked", [False, True], ids=["plain", "masked"])
def test_the_reference_figures_are_met(
    window: tuple[int, int], masked: bool, shared: Path, tmp_path: Path
) -> None:
    """From a result that was saved and loaded."""
    folder = shared / "golden" / "methods2"
    golden = json.loads((folder / "headline.json").read_text("utf-8"))
    expected = golden.get(f"{window[0]}:{window[1]}" + " masked" * masked)
    if expected is None:
        assert (window, masked) == ((-5, 5), True)
        return
    returns = pd.read_csv(folder / "returns.csv", index_col="date", parse_dates=["date"])
    rows = [(date, ticker, pd.Timestamp(date)) for date, ticker in product(DATES, BUNDLED)]
    design = es.Design(benchmark="SPY", mask_events=masked, car_windows=(window,))
    result = es.run(event_frame(rows, returns.index), returns=returns, design=design)
    found = es.load(result.to_parquet(tmp_path / "results")).headline()
    assert found == result.headline()
    named = [f"{row['session']} {row['ticker']}" for row in found["named_firm_days"]]
    assert sorted(named) == sorted(expected["named_bh"])
    doubtless = [
        f"{row['session']} {row['ticker']}" for row in found["named_firm_days"] if row["beyond_doubt"]
    ]
    assert sorted(doubtless) == sorted(expected["named_holm"])
    assert found["firm_days"] == expected["n_firm_days"]
    assert found["count"] == expected["count"]
    assert found["expected"] == pytest.approx(expected["expected"], rel=RTOL)
    assert found["smallest_holm"] == pytest.approx(expected["smallest_attainable_holm"], rel=RTOL)
    pvalue = expected["count_p"] if window != (-5, 5) else None
    assert found["count_pvalue"] == (pvalue and pytest.approx(pvalue, rel=RTOL))
    assert found["events_named"] == len({name.split()[0] for name in named})


@pytest.mark.parametrize(
    ("effects", "sentence"),
    [
        ({}, "None of 12 firm-days, in 3 events, is named."),
        (
            {("B", 320): 0.5},
            "1 of 12 firm-days, in 1 of 3 events, is named; of such names one in twenty is expected to be"
            " chance.",
        ),
        (
            {("B", 320): 0.5, ("C", 320): 0.4},
            "2 of 12 firm-days, in 1 of 3 events, are named; of such names one in twenty is expected to be"
            " chance.",
        ),
        (
            {("B", 320): 0.5, ("C", 340): -0.4},
            "2 of 12 firm-days, in 2 of 3 events, are named; of such names one in twenty is expected to be"
            " chance.",
        ),
    ],
)
def test_names_are_counted(effects: dict[tuple[str, int], float], sentence: str) -> None:
    result = planted(effects, EVERY)
    assert said(result).startswith(sentence)
    found = result.headline()
    assert {(row["ticker"], row["session"]) for row in found["named_firm_days"]} == {
        (ticker, result.events["session"][EVERY.index((f"e{day}", ticker, day))].date())
        for ticker, day in effects
    }
    number = found["count"]
    form = {0: "None lies below 5 % on its own", 1: "1 lies below 5 % on its own"}
    expected = f"{form.get(number, f'{number} lie below 5 % on their own')}, 0.58 would by chance."
    assert found["sentences"][1] == expected
    assert f"p-value of a firm-day can be below {1 / (1 + 1160):.2g}, and none" in said(result)


def test_two_events_that_share_a_firm_day_are_both_named() -> None:
    again = [*EVERY, ("again", "B", 320)]
    found = planted({("B", 320): 0.5}, again).headline()
    assert (found["named"], found["events_named"], found["firm_days"], found["events"]) == (1, 2, 12, 4)
    assert found["named_firm_days"][0]["event_ids"] == ["e320", "again"]


def test_firm_days_listed_twice_change_no_figure() -> None:
    effects = {("B", 320): 0.5, ("C", 340): -0.4}
    again = [(f"again {event}", ticker, day) for event, ticker, day in EVERY[::-1]]
    once, twice = (planted(effects, rows).headline() for rows in (EVERY, [*EVERY, *again]))
    for name in (*WHOLE, *MAYBE):
        factor = 2 if name in ("events", "events_named") else 1
        assert twice[name] == factor * once[name], name
    for own, other in zip(once["named_firm_days"], twice["named_firm_days"], strict=True):
        (event,) = own.pop("event_ids")
        assert other.pop("event_ids") == [event, f"again {event}"]
        assert own == other


def test_one_firm_event() -> None:
    assert said(planted({}, EVERY[:1])).startswith("The only firm-day of the study is not named.")
    found = planted({("A", 300): 0.5}, EVERY[:1])
    assert said(found).startswith("The only firm-day of the study is named; ")
    assert "1 of the named is beyond doubt" in said(found)


def test_one_date_and_many_dates_of_one_ticker() -> None:
    assert said(planted({}, EVERY[:4])).startswith("None of 4 firm-days, in 1 event, is named.")
    days = [(f"e{day}", "A", day) for day in range(280, 410)]
    assert said(planted({}, days)).startswith("None of 130 firm-days, in 130 events, is named.")


def test_a_window_of_eleven_sessions_has_no_p_of_the_count() -> None:
    result = planted({}, EVERY, car_windows=((-5, 5),))
    text = said(result)
    assert result.headline()["count_pvalue"] is None
    assert "That count has no p-value" in text
    assert "nothing can be beyond doubt" in text
    assert f"adjustment below {12 / (1 + 1160 / 11):.2g}" in text


def test_nothing_measured() -> None:
    result = planted({}, [("e", "A", 3), ("f", "B", 4)])
    assert said(result) == "No firm-day has an abnormal return in AR[0], so nothing can be named."
    assert all(result.headline()[name] is None for name in MAYBE)


def test_no_reference() -> None:
    design = {"estimation": (-50, -11), "window": (0, 45), "car_windows": ((0, 45),)}
    design |= {"placebo_history": "estimation"}
    text = said(planted({}, EVERY[:1], **design))
    assert text.startswith("In CAR[0,+45] there are abnormal returns of 1 firm-day, but no estimation window")


def test_sessions_that_are_left_out_are_counted_once() -> None:
    result = planted({}, [*EVERY, ("again", "D", 340)], mask_events=True)
    assert "36 sessions around other listed events of a ticker are left out" in said(result)
    assert "left out" not in said(planted({}, EVERY[:4], mask_events=True))


def test_a_benchmark_that_holds_tickers_of_the_study_is_named() -> None:
    import pyarrow as pa

    result = planted({}, EVERY)
    row = {"ticker": "MKT", "rule": "benchmark-holds-treated", "severity": "warning", "detail": "5 % of A"}
    findings = pa.Table.from_pylist([row], schema=result.tables["findings"].schema)
    held = EventStudyResult({**result.tables, "findings": findings}, result.manifest)
    assert said(held).endswith("which makes their abnormal returns too small: MKT.")
    assert "MKT" not in said(result)


def test_the_longer_reference_is_named() -> None:
    text = said(planted({}, EVERY, placebo_history="all"))  # 4 x (75 - 2 x 3) of them
    assert "The reference is 276 sessions of the tickers before their events" in text
    assert "before their events" not in said(planted({}, EVERY))


def test_what_a_name_beyond_doubt_would_take() -> None:
    """Holm's smallest p is 5 % where the reference has N_eff = m / 5 % - 1."""
    text = said(planted({}, EVERY, car_windows=((-5, 5),)))
    assert f"takes a reference of {round((12 / 0.05 - 1) * 11):,} sessions of the tickers together" in text
    assert "takes a reference" not in said(planted({}, EVERY))


def test_the_document_of_a_run_has_the_headline() -> None:
    result = planted({("B", 320): 0.5}, EVERY)
    document = run_document(result.view(), "results")
    assert document["headline"] == result.headline()
    assert document["headline"]["named"] == 1
