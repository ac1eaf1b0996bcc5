"""Sessions left out of estimation: around other events, on stated dates, and how far where few are left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, one, pick, random_returns, study

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.events.event import KnownNews

DAY0 = 300
SHORT: dict[str, Any] = {"estimation": (-60, -11), "min_estimation": 30}
#: figures of two fits to the same sessions in the same order
SAME = 1e-12


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, ("A", "B"))


def others(n: int, apart: int) -> list[tuple[str, str, int]]:
    """Return other events of A, ``apart`` sessions from each other, the last on tau -12."""
    return [(f"o{place}", "A", DAY0 - 12 - place * apart) for place in range(n)]


def expected(returns: pd.DataFrame, days: list[int], need: int) -> tuple[int, int]:
    """Return by counting sessions one by one the reach of the mask and the number of sessions it takes."""
    window = [DAY0 + tau for tau in range(-60, -10)]
    usable = [row for row in window if np.isfinite(returns["A"].iloc[row])]
    for reach in (1, 0, -1):
        masked = {row for row in window for day in days if abs(row - day) <= reach}
        if reach == -1 or sum(row not in masked for row in usable) >= need:
            return reach, len(masked)
    raise AssertionError


@pytest.mark.parametrize("gaps", [0, 12])
@pytest.mark.parametrize(("n", "apart"), [(3, 5), (6, 3), (7, 3), (16, 2), (12, 3), (25, 2), (40, 1)])
def test_as_much_is_masked_as_leaves_enough(returns: pd.DataFrame, n: int, apart: int, gaps: int) -> None:
    returns.iloc[DAY0 - 60 : DAY0 - 60 + gaps, 0] = np.nan
    listed = others(n, apart)
    result = study(returns, [("e", "A", DAY0), *listed], mask_events=True, **SHORT)
    event = one(result.events, event_id="e")
    reach, masked = expected(returns, [day for _, _, day in listed], need=30)
    assert event["masked"] == masked
    assert event["status"] == "ok"
    note = {1: None, 0: "day 0 of each alone is", -1: "none is"}[reach]
    assert (event["mask_note"] or "").endswith(note) if note else pd.isna(event["mask_note"])


def test_all_three_reaches_occur(returns: pd.DataFrame) -> None:
    found = {
        expected(returns, [day for _, _, day in others(n, apart)], 30)[0]
        for n, apart in [(3, 5), (16, 2), (40, 1)]
    }
    assert found == {1, 0, -1}


def test_each_firm_event_has_a_reach_of_its_own(returns: pd.DataFrame) -> None:
    result = study(returns, [("e", "A", DAY0), ("e", "B", DAY0), *others(16, 2)], mask_events=True, **SHORT)
    notes = result.events.set_index(["event_id", "ticker"])["mask_note"]
    assert "alone" in notes[("e", "A")]
    assert pd.isna(notes[("e", "B")])


def masked_study(returns: pd.DataFrame, **design: Any) -> es.EventStudyResult:
    return study(returns, [("e", "A", DAY0), ("f", "B", DAY0 + 20)], **design)


@pytest.mark.parametrize("model", ["mean", "market", "market-adjusted", "ff3"])
def test_masked_dates_are_missing_returns(returns: pd.DataFrame, model: str) -> None:
    """Every table but for the dates' own count is that of a study without returns on those sessions."""
    rows = [DAY0 - 40, DAY0 - 100, DAY0 - 101]
    days = [str(returns.index[row].date()) for row in rows]
    masked = masked_study(returns, model=model, mask_dates={"A": days})
    gone = returns.copy()
    gone.iloc[rows, 0] = np.nan
    missing = masked_study(gone, model=model)
    for name in ("cars", "abnormal_returns", "residuals", "coefficients", "tests", "averages"):
        found, known = (each.tables[name].to_pandas() for each in (masked, missing))
        pd.testing.assert_frame_equal(found, known, rtol=SAME, atol=SAME)
    assert one(masked.events, event_id="e")["masked"] == 3
    assert one(masked.events, event_id="f")["masked"] == 0
    assert masked.cars["car"].notna().all()


def test_a_mask_never_covers_day_0(returns: pd.DataFrame) -> None:
    """The estimation window holds day 0 where the event window lies after it."""
    after = {"estimation": (-60, 0), "window": (1, 5), "car_windows": ((1, 1),)}
    days = {"A": [returns.index[DAY0 + shift].date() for shift in (-1, 0)]}
    result = study(returns, [("e", "A", DAY0)], mask_dates=days, mask_events=True, **after)
    event = one(result.events, event_id="e")
    assert (event["masked"], event["n_estimation"]) == (1, 60)


def test_masked_dates_and_masked_events_add_up(returns: pd.DataFrame) -> None:
    near = [returns.index[DAY0 - shift].date() for shift in (29, 40)]
    rows = [("e", "A", DAY0), ("other", "A", DAY0 - 30)]
    result = study(returns, rows, mask_events=True, mask_dates={"A": near})
    assert one(result.events, event_id="e")["masked"] == 4  # -31, -30, -29 and -40
    assert set(pick(result.residuals, event_id="e")["tau"]).isdisjoint({-31, -30, -29, -40})


def test_dates_stay_masked_where_the_mask_of_events_gives_way(returns: pd.DataFrame) -> None:
    dates = {"A": [returns.index[DAY0 - 59].date()]}
    result = study(returns, [("e", "A", DAY0), *others(40, 1)], mask_events=True, mask_dates=dates, **SHORT)
    event = one(result.events, event_id="e")
    assert (event["masked"], event["mask_note"][-7:]) == (1, "none is")


def test_a_date_that_is_in_no_row_of_a_table_is_refused(returns: pd.DataFrame) -> None:
    day = returns.index[DAY0 - 59]
    gone = returns.drop(index=day)
    with pytest.raises(DesignError, match=rf"{day.date()} of A is no session of the table; the next one is"):
        study(gone, [("e", "A", DAY0)], mask_dates={"A": [day.date()]})


def test_a_date_that_is_no_session_is_refused() -> None:
    event = es.Event(id="e", when="2025-01-27", tickers=("NVDA",))  # type: ignore[arg-type]
    with pytest.raises(
        DesignError, match=r"2025-01-20 of NVDA is no session of XNYS; the next one is 2025-01-21"
    ):
        es.run(
            [event],
            prices="cache/snapshot",
            design=es.Design(mask_dates={"NVDA": ["2025-01-20"]}),
        )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"A": ["2025-13-01"]}, "'2025-13-01' of A is not a date"),
        (7, "7 is neither a kind of known news, a file nor dates"),
        ({"A": [3]}, "3 of A is not a date"),
    ],
)
def test_what_is_no_date_is_refused(value: Any, says: str) -> None:
    with pytest.raises(DesignError, match=says):
        es.Design(mask_dates=value)


def test_known_news_of_a_kind_is_masked_by_its_name(returns: pd.DataFrame) -> None:
    frame = event_frame([("e", "A", DAY0), ("f", "B", DAY0)], returns.index)
    news = [
        KnownNews(("A",), returns.index[DAY0 - 50].date(), "results", "results of A"),
        KnownNews((), returns.index[DAY0 - 60].date(), "economy", "rates"),
    ]
    for kind, masked in (("results", [1, 0]), ("economy", [1, 1])):
        design = es.Design(benchmark="MKT", mask_dates=kind)
        result = es.run(frame, returns=returns, design=design, known=news)
        assert result.events["masked"].tolist() == masked
    with pytest.raises(DesignError, match=r"a kind of the known news \(results, economy\)"):
        es.run(frame, returns=returns, design=es.Design(benchmark="MKT", mask_dates="result"), known=news)
    with pytest.raises(DesignError, match="none is given"):
        es.run(frame, returns=returns, design=es.Design(benchmark="MKT", mask_dates="results"))
