"""Sessions by what was traded, and firm-events without a figure on day 0."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.events.event import KnownNews
from eventstudy.events.inputs import read_inputs
from eventstudy.panel.masking import masked_sessions
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare
from eventstudy.sessions import traded_otherwise, trading_sessions

FIRM, INDEX = "005930.KS", "^KS11"
PUBLISHED = 5e-7  #: half a unit of the last digit of a percent with four decimals
ROUNDED = 1e-9  #: the same arithmetic in another order


@pytest.fixture
def closes() -> pd.DataFrame:
    """Closes of a firm and its index on the sessions of Seoul, sessions x series."""
    index = pd.DatetimeIndex(trading_sessions("XKRX", date(2022, 6, 1), date(2024, 6, 28)))
    draws = np.random.default_rng(7).normal(0.0, 0.01, (len(index), 2))
    returns = pd.DataFrame({INDEX: draws[:, 0], FIRM: 1.2 * draws[:, 0] + draws[:, 1]}, index=index)
    return 100.0 * (1.0 + returns).cumprod()


def measured(closes: pd.DataFrame, when: str, **design: Any) -> tuple[pd.Series, float]:
    """Return the row of the only firm-event and its abnormal return on day 0."""
    events = [es.Event("e", when, tickers=(FIRM,))]  # type: ignore[arg-type]
    asked = es.Design(benchmark=INDEX, max_loss=1.0, **design)
    result = es.run(events, prices=closes, design=asked)
    return one(result.events), float(one(result.cars, start=0, end=0)["car"])


def by_hand(closes: pd.DataFrame, day0: str) -> float:
    """Return the abnormal return of the market model, with every row a session."""
    returns = closes.pct_change()
    at = int(returns.index.searchsorted(pd.Timestamp(day0)))
    y, x = returns[FIRM].to_numpy(), returns[INDEX].to_numpy()
    slope, intercept = np.polyfit(x[at - 260 : at - 10], y[at - 260 : at - 10], 1)
    return float(y[at] - intercept - slope * x[at])


def test_a_special_session_on_a_saturday_is_day_0(closes: pd.DataFrame) -> None:
    saturday = pd.DataFrame(closes.loc["2024-03-08"] * 1.03).T.set_axis([pd.Timestamp("2024-03-09")])
    traded = pd.concat([closes, saturday]).sort_index()
    for when in ("2024-03-09", "2024-03-09T11:00+09:00", "2024-03-08T18:00+09:00"):
        row, ar = measured(traded, when)
        assert (str(row["session"].date()), row["status"]) == ("2024-03-09", "ok")
        assert ar == pytest.approx(by_hand(traded, "2024-03-09"), rel=ROUNDED)
    row, _ = measured(traded, "2024-03-09T18:00+09:00")
    assert str(row["session"].date()) == "2024-03-11"


def test_a_day_on_which_nothing_traded_is_no_session(closes: pd.DataFrame) -> None:
    open_ = closes.drop([pd.Timestamp("2024-03-06"), pd.Timestamp("2023-08-09")])
    for when in ("2024-03-06", "2024-03-06T11:00+09:00"):
        row, ar = measured(open_, when)
        assert (str(row["session"].date()), row["status"], row["n_estimation"]) == ("2024-03-07", "ok", 250)
        assert ar == pytest.approx(by_hand(open_, "2024-03-07"), rel=ROUNDED)


def test_known_news_and_masked_dates_follow_the_sessions_that_were_held(closes: pd.DataFrame) -> None:
    saturday = pd.DataFrame(closes.loc["2024-03-08"] * 1.03).T.set_axis([pd.Timestamp("2024-03-09")])
    traded = pd.concat([closes, saturday]).sort_index().drop(pd.Timestamp("2024-03-06"))
    news = [
        KnownNews((FIRM,), date(2024, 3, 9), "results", "on a Saturday that traded"),
        KnownNews((FIRM,), date(2024, 3, 6), "results", "on a day that did not"),
    ]
    event = es.Event("e", date(2024, 4, 1), tickers=(FIRM,))
    for mask in ("results", {FIRM: ["2024-03-09", "2024-03-07"]}):
        design = es.Design(benchmark=INDEX, mask_dates=mask)
        inputs = read_inputs([event], design, known=news)
        prepared = prepare(inputs, DataRequest(traded))
        placed = prepared.spec.panel.firm_events.known
        assert placed is not None
        assert placed.session.astype(str).tolist() == ["2024-03-09", "2024-03-07"]
        assert masked_sessions(prepared.spec.panel) == {FIRM: ["2024-03-07", "2024-03-09"]}
    with pytest.raises(
        DesignError, match=r"2024-03-06 of 005930\.KS is no session of XKRX; the next one is 2024"
    ):
        design = es.Design(benchmark=INDEX, mask_dates={FIRM: ["2024-03-06"]})
        prepare(read_inputs([event], design), DataRequest(traded))


def test_masked_dates_of_tickers_that_no_event_has_are_counted(closes: pd.DataFrame) -> None:
    dates = {FIRM: ["2024-01-03"], "MSFT": ["2024-01-03", "2024-01-04"], "X": ["2024-02-01"]}
    event = es.Event("e", date(2024, 4, 1), tickers=(FIRM,))
    result = es.run([event], prices=closes, design=es.Design(benchmark=INDEX, mask_dates=dates))
    found = result.findings.set_index("rule")
    assert found.loc["mask-dates", "detail"] == "3 dates of mask_dates are not used: no event has MSFT, X"
    assert (one(result.events)["masked"], one(result.events)["n_findings"]) == (1, 0)


def test_a_halt_of_the_security_is_no_closure(closes: pd.DataFrame) -> None:
    halted = closes.copy()
    halted.loc["2024-03-06", FIRM] = np.nan
    row, ar = measured(halted, "2024-03-06")
    assert (row["status"], np.isnan(ar)) == ("skipped", True)
    assert row["reason"].startswith(f"{FIRM} has no return on day 0 (2024-03-06): trading was halted")
    row, _ = measured(halted, "2024-03-07")
    assert row["reason"].endswith("no price on the session before (2024-03-06)")
    assert measured(halted, "2024-03-06", gaps="lump")[0]["status"] == "ok"  # the next return spans it


def test_the_reason_names_the_benchmark_that_lacks_day_0(closes: pd.DataFrame) -> None:
    gap, short = closes.copy(), closes.copy()
    gap.loc["2024-03-06", INDEX] = np.nan
    short.loc["2024-03-06":, INDEX] = np.nan
    why = measured(gap, "2024-03-06")[0]["reason"]
    assert why.startswith(f"the benchmark {INDEX} has no return on day 0 (2024-03-06)")
    why = measured(short, "2024-03-06")[0]["reason"]
    assert why == f"the benchmark {INDEX} ends on 2024-03-05, before day 0 (2024-03-06)"


def test_prices_that_end_before_day_0_are_skipped(closes: pd.DataFrame) -> None:
    ended = closes.copy()
    ended.loc["2024-03-06":, FIRM] = np.nan
    why = measured(ended, "2024-03-06")[0]["reason"]
    assert why == "day 0 (2024-03-06) lies after the last price (2024-03-05)"


def test_what_is_no_exception_corrects_nothing() -> None:
    calendar = trading_sessions("XKRX", date(2023, 1, 2), date(2023, 12, 28))
    day = np.timedelta64(1, "D")
    filled = np.arange(calendar[0], calendar[-1] + day)
    assert not traded_otherwise(calendar, [filled, filled])  # calendar days filled in
    assert not traded_otherwise(calendar, [calendar + day, calendar + day])  # dates off by one
    assert not traded_otherwise(calendar, [np.delete(calendar, 50)])  # one series alone
    assert not traded_otherwise(calendar, [np.delete(calendar, 50), calendar])
    found = traded_otherwise(calendar, [np.delete(calendar, 50)] * 2)
    assert (found.closed.tolist(), len(found.extra)) == ([calendar[50].item()], 0)


@pytest.mark.parametrize(
    ("case", "benchmark", "day0", "ar", "se"),
    [
        ("12-nse-budget-saturday-2025", "^NSEI", "2025-02-01", 0.088927, 0.013024),
        ("14-hk-typhoon-no-session", "^HSI", "2023-09-04", 0.050042, 0.011804),
    ],
)
def test_known_closures_and_special_sessions(
    case: str, benchmark: str, day0: str, ar: float, se: float, shared: Path
) -> None:
    folder = shared / "cases" / case
    result = es.run(folder / "ev.csv", prices=folder / "p", benchmark=benchmark, offline=True)
    car = one(result.cars, start=0, end=0)
    assert str(one(result.events)["session"].date()) == day0
    assert (car["car"], car["car_se"]) == (
        pytest.approx(ar, abs=PUBLISHED),
        pytest.approx(se, abs=PUBLISHED),
    )
