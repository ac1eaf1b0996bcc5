"""Whether closes hold the listed dividends: real payers, adjusted and not, in any layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from price_walks import YEARS, walk

import eventstudy as es
from eventstudy._typing import FloatArray
from eventstudy.errors import AmbiguousDataError, UnknownNameError, UsageError
from eventstudy.prices.corporate_actions.corrections import implied_dividends
from eventstudy.prices.corporate_actions.dividends_in_closes import FALL, NO_FALL, judge_closes, log_odds

PAYERS = (
    "AAPL",
    "AVGO",
    "CEG",
    "GOOGL",
    "INTC",
    "META",
    "MRVL",
    "MSFT",
    "NVDA",
    "ORCL",
    "QQQ",
    "SMH",
    "SOXX",
)
PAYERS += ("SPY", "TSM", "VRT")
BARS = ("open", "high", "low", "close")
RTOL = 1e-9  #: rounding of products and ratios
NORMAL = 0.05  #: of a dividend: what the dividends of the estimation window add to the normal return
CENTS = 3e-3  #: of a return: what adjusting by a factor in place of adding the dividend changes

Layout = dict[str, FloatArray]


def payer(shared: Path, ticker: str) -> pd.DataFrame:
    """Return prices as traded with the dividends that they imply, and the factor of adjustment."""
    table = pd.read_csv(shared / "prices" / f"{ticker}.csv", parse_dates=["date"])
    close, adjusted = table["close"].to_numpy(), table["adj_close"].to_numpy()
    return table.assign(dividend=implied_dividends(close, adjusted), factor=adjusted / close)


def columns(table: pd.DataFrame, *, adjusted: bool, opens: bool = True) -> Layout:
    factor = table["factor"] / table["factor"].iloc[-1] if adjusted else 1.0
    names = BARS if opens else ("close",)
    figures = {name: (table[name] * factor).to_numpy() for name in names}
    return figures | {"dividend": table["dividend"].to_numpy()}


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("ticker", PAYERS)
def test_payers_are_told_apart_and_closes_as_traded_never_asked_about(
    ticker: str, opens: bool, shared: Path
) -> None:
    table = payer(shared, ticker)
    for sessions in (len(table), 750, 400):
        part = table.iloc[-sessions:]
        traded = judge_closes(columns(part, adjusted=False, opens=opens))
        held = judge_closes(columns(part, adjusted=True, opens=opens))
        assert (traded is None) == (held is None)
        if traded and held:
            assert traded.verdict == "do not hold", (sessions, traded)
            assert held.verdict == "hold" or (held.verdict == "unclear" and not opens), (sessions, held)


def test_the_odds_are_those_of_two_t_densities() -> None:
    """Brute force: each ex-date's gap under either reading, by the density of scipy."""
    from scipy import stats

    rng = np.random.default_rng(5)
    gaps, share = rng.normal(0, 0.004, 400), np.zeros(400)
    share[[50, 120, 190, 260, 330]] = [0.01, 0.02, 0.008, 0.004, 0.012]
    gaps += np.log1p(-share)
    centred = gaps - np.median(gaps)
    sigma = float(np.median(np.abs(centred))) * 1.4826
    expected = sum(
        float(
            np.clip(
                stats.t.logpdf((x - np.log1p(-d)) / sigma, 4) - stats.t.logpdf(x / sigma, 4), NO_FALL, FALL
            )
        )
        for x, d in zip(centred, share, strict=True)
        if d > 0
    )
    assert log_odds(gaps, share) == pytest.approx(expected, rel=RTOL)
    assert expected > 0  # the gaps show the dividends


def test_on_no_grid_and_without_a_fall_or_a_rise_the_caller_is_asked() -> None:
    close = np.round(walk(3)["close"], 4)  # four decimals: rounded, or a net asset value
    dividend = np.zeros(len(close))
    dividend[100::63] = 0.2
    judged = judge_closes({"close": close, "dividend": dividend})
    assert judged is not None and judged.verdict == "unclear"


def test_a_negligible_dividend_needs_no_answer() -> None:
    close = np.round(walk(3)["close"], 4)
    dividend = np.zeros(len(close))
    dividend[100::63] = 0.02  # 4 basis points of the close, in moves of 170
    judged = judge_closes({"close": close, "dividend": dividend})
    assert judged is not None and judged.verdict != "unclear"


def asked(tmp_path: Path) -> tuple[pd.DataFrame, Path]:
    """Write a folder in which AAA's closes may hold its dividends or not."""
    rng = np.random.default_rng(2)
    market = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(YEARS))))
    dividend = np.zeros(len(YEARS))
    dividend[100::63] = 0.2
    own = {"date": YEARS.astype(str), "close": np.round(walk(3)["close"], 4), "dividend": dividend}
    pd.DataFrame(own).to_csv(tmp_path / "AAA.csv", index=False)
    pd.DataFrame({"date": YEARS.astype(str), "close": np.round(market, 2)}).to_csv(
        tmp_path / "SPY.csv", index=False
    )
    event = pd.DataFrame({"event_id": ["e"], "ticker": ["AAA"], "when": [str(YEARS[100 + 63 * 7])]})
    return event, tmp_path


def day0(events: pd.DataFrame, prices: Path, **stated: object) -> float:
    result = es.run(events, prices=prices, **stated)  # type: ignore[arg-type]
    cars = result.cars
    return float(cars["car"][(cars["start"] == 0) & (cars["end"] == 0)].iloc[0])


class TestTheQuestion:
    def test_it_names_the_option_and_every_answer(self, tmp_path: Path) -> None:
        events, prices = asked(tmp_path)
        with pytest.raises(AmbiguousDataError, match="--closes raw, split-adjusted, adjusted") as error:
            es.run(events, prices=prices)
        assert error.value.exit_code == 4

    def test_the_answers_differ_by_the_dividend(self, tmp_path: Path) -> None:
        events, prices = asked(tmp_path)
        raw, held = day0(events, prices, closes="raw"), day0(events, prices, closes="adjusted")
        close = pd.read_csv(prices / "AAA.csv")["close"].to_numpy()
        assert raw - held == pytest.approx(0.2 / close[100 + 63 * 7 - 1], rel=NORMAL)
        assert day0(events, prices, closes={"AAA": "split-adjusted"}) == raw
        assert day0(events, prices, closes={"AAA": "total-return-index", "*": "raw"}) == held

    def test_a_study_file_answers(self, tmp_path: Path) -> None:
        events, prices = asked(tmp_path)
        study = tmp_path / "study.yaml"
        day = events["when"].iloc[0]
        study.write_text(
            f"data:\n  closes: {{AAA: adjusted}}\ntickers: [AAA]\nevents:\n  - {{id: e, when: {day}}}\n"
        )
        found = es.run(study, prices=prices)
        (row,) = (
            found.prices.loc[found.prices["ticker"] == "AAA", ["series_kind", "basis"]]
            .drop_duplicates()
            .values
        )
        assert tuple(row) == ("total return", "stated")
        assert found.manifest["prices"]["SPY"]["kind"] == "price"
        assert day0(study, prices) == day0(events, prices, closes="adjusted")  # type: ignore[arg-type]

    def test_a_wrong_answer_is_refused(self, tmp_path: Path) -> None:
        events, prices = asked(tmp_path)
        with pytest.raises(UnknownNameError, match="did you mean 'adjusted'"):
            es.run(events, prices=prices, closes="ajusted")
        with pytest.raises(UsageError, match="none is about a ticker of the study"):
            es.run(events, prices=prices, closes={"AAPL": "raw"})
        with pytest.raises(UsageError, match="knows what its closes are"):
            es.run(events, prices="yahoo", closes="raw")


@pytest.mark.parametrize("layout", ["own file", "long table", "frame", "dividends.csv"])
def test_every_layout_counts_dividends_once(layout: str, tmp_path: Path, shared: Path) -> None:
    """Adjusted closes of MSFT beside its dividends give the abnormal return of its raw closes."""
    tables = {name: payer(shared, name) for name in ("MSFT", "SPY")}
    msft = pd.DataFrame(columns(tables["MSFT"], adjusted=True)).assign(
        date=tables["MSFT"]["date"].astype(str)
    )
    spy = tables["SPY"][["date", "close", "adj_close"]].assign(date=tables["SPY"]["date"].astype(str))
    event = pd.DataFrame({"event_id": ["e"], "ticker": ["MSFT"], "when": ["2025-02-20"]})
    expected = day0(event, shared / "prices")
    if layout in ("long table", "frame"):
        long = pd.concat([msft.assign(ticker="MSFT"), spy.drop(columns="adj_close").assign(ticker="SPY")])
        long.loc[long["ticker"] == "SPY", "close"] = spy["adj_close"].to_numpy()
        long.to_parquet(tmp_path / "prices.parquet")
        place = long if layout == "frame" else tmp_path / "prices.parquet"
    else:
        paid = tables["MSFT"].loc[tables["MSFT"]["dividend"] > 0, ["date", "dividend"]]
        own = msft if layout == "own file" else msft.drop(columns="dividend")
        own.to_csv(tmp_path / "MSFT.csv", index=False)
        spy.to_csv(tmp_path / "SPY.csv", index=False)
        if layout == "dividends.csv":
            listed = paid.assign(ticker="MSFT", date=paid["date"].astype(str))
            listed.rename(columns={"date": "ex_date", "dividend": "amount"}).to_csv(
                tmp_path / "dividends.csv", index=False
            )
        place = tmp_path
    result = es.run(event, prices=place)
    assert "adjusted-closes" in set(result.findings["rule"])
    assert result.manifest["prices"]["MSFT"]["basis"] == "ex-dates"
    assert day0(event, place) == pytest.approx(expected, abs=CENTS / 10)  # type: ignore[arg-type]
