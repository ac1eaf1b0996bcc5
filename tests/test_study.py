"""`es.run`: from whatever events and prices to a result in which nothing is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import panels
import pytest

import eventstudy as es
from eventstudy.errors import DesignError, MaxLossError, PriceDataError, UnknownNameError, UsageError
from eventstudy.events.study_file import read_study
from eventstudy.schema import TABLES, arrow_schema

#: two computations of one number in float64, over sums of some hundred terms
SAME = 1e-12


@pytest.fixture(scope="module")
def bundled(repo: Path) -> es.EventStudyResult:
    return es.run(repo / "events.yaml", offline=True)


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    dates = pd.bdate_range("2020-01-01", periods=400)
    market = rng.normal(0, 0.01, 400)
    columns = {name: market * beta + rng.normal(0, 0.02, 400) for name, beta in (("A", 0.8), ("B", 1.3))}
    return pd.DataFrame({"MKT": market, **columns}, index=dates)


@pytest.fixture(scope="module")
def design() -> es.Design:
    return es.Design(benchmark="MKT", estimation=(-120, -11))


def events(dates: pd.DatetimeIndex, *pairs: tuple[str, str, int]) -> pd.DataFrame:
    rows = [(event, ticker, dates[place]) for event, ticker, place in pairs]
    return pd.DataFrame(rows, columns=["event_id", "ticker", "session"])


def test_the_bundled_study_has_every_firm_event_and_no_background(bundled: es.EventStudyResult) -> None:
    table = bundled.events
    assert len(table) == 115
    assert table["event_id"].nunique() == 23
    assert table["session"].nunique() == 22
    assert (table["status"] == "ok").all()
    assert not {"chatgpt-launch", "google-code-red"} & set(table["event_id"])


def test_every_table_has_its_schema_and_its_rows(bundled: es.EventStudyResult) -> None:
    assert list(bundled.tables) == list(TABLES)
    for name, table in bundled.tables.items():
        assert table.schema.equals(arrow_schema(name), check_metadata=True), name
    assert len(bundled.abnormal_returns) == 115 * 11
    assert len(bundled.cars) == 115 * 5
    assert len(bundled.coefficients) == 115 * 2
    assert len(bundled.residuals) == 115 * 250 - bundled.events["masked"].sum()


def test_the_manifest_says_from_what(bundled: es.EventStudyResult, repo: Path) -> None:
    prices = bundled.manifest["prices"]
    assert sorted(prices) == sorted([*panels.BUNDLED, "SPY", "AAPL", "AMZN", "META", "TSLA"])
    assert {entry["source"] for entry in prices.values()} == {"snapshot"}
    assert all(len(entry["sha256"]) == 64 for entry in prices.values())
    assert es.Design(**bundled.manifest["design"]) == read_study(repo / "events.yaml").design


def test_the_manifest_says_what_was_asked_in_place_of_the_study(repo: Path) -> None:
    manifest = es.run(
        repo / "events.yaml", offline=True, benchmark=["AAPL", "AMZN"], tickers=["NVDA"]
    ).manifest
    assert manifest["design"]["benchmark"] == ["AAPL", "AMZN"]
    assert manifest["tickers"] == ["NVDA"]


def test_the_same_study_gives_the_same_bytes(bundled: es.EventStudyResult, tmp_path: Path) -> None:
    bundled.to_parquet(tmp_path / "one")
    panels.bundled().to_parquet(tmp_path / "two")  # of another run
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_a_result_is_saved_and_read_back(bundled: es.EventStudyResult, tmp_path: Path) -> None:
    again = es.load(bundled.to_parquet(tmp_path / "results"))
    for name in TABLES:
        assert again.tables[name].equals(bundled.tables[name]), name
    assert again.manifest["design"] == bundled.manifest["design"]


def test_the_summary_is_one_row_per_firm_event(bundled: es.EventStudyResult) -> None:
    summary = bundled.summary().set_index(["event_id", "ticker"])
    assert len(summary) == 115
    row = summary.loc[("oracle-300b-report", "ORCL")]
    assert row["confounded"] and row["agrees"] and row["car"] > 0.35
    assert "115 firm-events, 0 skipped" in repr(bundled)


def test_stated_confounders_and_overlaps_are_told(bundled: es.EventStudyResult) -> None:
    table = bundled.events.set_index(["event_id", "ticker"])
    assert "Oracle's results" in table.loc[("openai-reasoning-model", "ORCL"), "confounders"]
    assert not table.loc[("openai-reasoning-model", "NVDA"), "confounded"]
    assert "nvidia-xai-stake at tau +2" in table.loc[("amd-openai-deal", "AMD"), "confounders"]
    assert table.loc[("amd-openai-deal", "AMD"), "n_overlap_window"] == 2


def test_returns_in_place_of_prices(returns: pd.DataFrame, design: es.Design) -> None:
    result = es.run(events(returns.index, ("one", "A", 300)), returns=returns, design=design)
    y, x = returns["A"].to_numpy(), returns["MKT"].to_numpy()
    before = slice(300 - 120, 300 - 10)
    beta, alpha = np.polyfit(x[before], y[before], 1)
    assert result.cars["car"].iloc[0] == pytest.approx(y[300] - alpha - beta * x[300], rel=SAME)
    assert result.prices["source"].unique().tolist() == ["returns"]
    assert result.events["session"].iloc[0] == returns.index[300]


def test_prices_and_their_returns_give_the_same_study(returns: pd.DataFrame, design: es.Design) -> None:
    closes = 100 * (1 + returns).cumprod()
    asked = events(returns.index, ("one", "A", 300), ("one", "B", 300))
    by_prices = es.run(asked, prices=closes, design=design)
    by_returns = es.run(asked, returns=closes.pct_change(fill_method=None), design=design)
    pd.testing.assert_frame_equal(by_prices.cars, by_returns.cars, rtol=1e-9)


def test_a_list_of_events_needs_no_file(repo: Path) -> None:
    event = es.Event(id="deepseek", when=date(2025, 1, 27), tickers=("NVDA", "AMD"), kind="selloff")
    source = repo / "cache" / "snapshot"
    result = es.run([event], prices=source, design=es.Design())
    assert result.events["session_note"].unique().tolist() == ["time unknown: that date's session"]
    assert result.cars["car"].iloc[0] == pytest.approx(-0.1337, abs=5e-5)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".pq"])
def test_an_event_list_may_be_a_file_of_any_kind_that_is_read(
    returns: pd.DataFrame, design: es.Design, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"events{suffix}"
    asked = events(returns.index, ("one", "A", 300)).assign(session="2021-02-24")
    asked.to_csv(file, index=False) if suffix == ".csv" else asked.to_parquet(file)
    assert es.run(file, returns=returns, design=design).events["status"].tolist() == ["ok"]


def test_further_columns_travel_along(returns: pd.DataFrame, design: es.Design) -> None:
    asked = events(returns.index, ("one", "A", 300)).assign(size=[1.5], sector=[None])
    result = es.run(asked, returns=returns, design=design)
    assert result.events["characteristics"].tolist() == ['{"size": 1.5, "sector": null}']


def test_a_firm_event_that_cannot_be_measured_keeps_its_place(
    returns: pd.DataFrame, design: es.Design
) -> None:
    asked = events(
        returns.index, ("one", "A", 300), ("late", "A", 398), ("early", "B", 40), ("gone", "C", 300)
    )
    result = es.run(asked, returns=returns, design=design.replace(max_loss=1.0))
    assert result.events["status"].tolist() == ["ok", "skipped", "skipped", "skipped"]
    late, early, gone = result.events["reason"].tolist()[1:]
    assert late == "the event window [-5,+5] reaches past the last price (2021-07-13)"
    few = "only 30 of 110 estimation returns are usable; 66 are needed"
    assert early == f"{few} (B begins on 2020-01-01)"
    assert gone == "no prices: not in the table"
    assert result.cars.loc[result.cars["event_id"] != "one", "car"].isna().all()
    assert len(result.cars) == 4 * 5


def test_too_many_losses_are_refused_with_the_reasons(returns: pd.DataFrame, design: es.Design) -> None:
    asked = events(returns.index, ("one", "A", 300), ("early", "B", 40))
    with pytest.raises(
        MaxLossError, match="1 of 2 firm-events were skipped, more than the 20% allowed"
    ) as raised:
        es.run(asked, returns=returns, design=design)
    assert raised.value.skipped[0][:2] == ("early", "B")


def bad(**options: Any) -> dict[str, Any]:
    return options


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (bad(benchmark="NONE"), PriceDataError, "NONE: the benchmark has no prices"),
        (bad(tickers=["Z"]), DesignError, "no firm-event is left; name tickers"),
        (bad(design=es.Design(model="ff3")), PriceDataError, "needs this factor"),
        (bad(design=es.Design(model="factors")), DesignError, "needs columns, such as factors"),
        (bad(design=es.Design(model="markt")), UnknownNameError, "did you mean 'market'"),
        (bad(design=es.Design(tests=("bpm_t",))), UnknownNameError, "did you mean 'bmp_t'"),
        (bad(design=es.Design(gaps="lump")), DesignError, "lumped returns are taken from prices"),
    ],
)
def test_wrong_questions_are_refused(
    returns: pd.DataFrame, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    asked = events(returns.index, ("one", "A", 300))
    options = {"design": es.Design(), "benchmark": "MKT", **options}
    with pytest.raises(error, match=words):
        es.run(asked, returns=returns, **options)


def test_tables_that_are_no_returns_are_refused(returns: pd.DataFrame, design: es.Design) -> None:
    asked = events(returns.index, ("one", "A", 300))
    for table, words in (
        (returns.reset_index(drop=True), "its index is not dates"),
        (returns.reset_index(drop=True).rename(index=str), "its index is not dates"),
        (returns.iloc[::-1], "out of order"),
        (pd.concat([returns, returns.iloc[[-1]]]), "repeats"),
        (returns.astype(object).replace(returns["A"].iloc[0], "text"), "not numeric"),
        (returns.iloc[:0], "no rows"),
        (pd.concat([returns, returns["A"]], axis=1), "the same name"),
    ):
        with pytest.raises(PriceDataError, match=words):
            es.run(asked, returns=table, design=design)
    with pytest.raises(UsageError, match="events must be a path"):
        es.run(3, returns=returns)


def test_an_index_of_dates_may_be_written_in_any_way(returns: pd.DataFrame, design: es.Design) -> None:
    asked = events(returns.index, ("one", "A", 300))
    plain = es.run(asked, returns=returns, design=design).cars
    for index in (
        returns.index.date,
        returns.index.strftime("%Y-%m-%d"),
        returns.index.tz_localize("Asia/Seoul"),
    ):
        pd.testing.assert_frame_equal(
            es.run(asked, returns=returns.set_index(index), design=design).cars, plain
        )


def test_factors_may_be_columns_of_the_returns(returns: pd.DataFrame, design: es.Design) -> None:
    asked = events(returns.index, ("one", "A", 300))
    market = es.run(asked, returns=returns, design=design)
    factor = es.run(asked, returns=returns, design=design.replace(model="factors", factors=("MKT",)))
    np.testing.assert_allclose(factor.cars["car_se"], market.cars["car_se"], rtol=SAME)


def test_progress_is_told_and_nothing_is_printed(
    returns: pd.DataFrame, design: es.Design, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, int, int]] = []
    es.run(
        events(returns.index, ("one", "A", 300)),
        returns=returns,
        design=design,
        progress=lambda *step: told.append(step),
    )
    assert told == [("measuring", 1, 1)]
    assert capsys.readouterr() == ("", "")


def test_the_order_of_the_event_list_is_kept_and_does_not_matter(
    returns: pd.DataFrame, design: es.Design
) -> None:
    asked = events(returns.index, ("b", "B", 310), ("a", "A", 300), ("c", "A", 340))
    forward = es.run(asked, returns=returns, design=design)
    backward = es.run(asked.iloc[::-1].reset_index(drop=True), returns=returns, design=design)
    assert forward.events["event_id"].tolist() == ["b", "a", "c"]
    keys = ["event_id", "ticker", "start", "end"]

    def sorted_cars(result: es.EventStudyResult) -> pd.DataFrame:
        return result.cars.astype({"event_id": str, "ticker": str}).sort_values(keys, ignore_index=True)

    pd.testing.assert_frame_equal(sorted_cars(forward), sorted_cars(backward), rtol=SAME)
