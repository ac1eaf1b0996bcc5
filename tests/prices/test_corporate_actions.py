"""Corporate actions of the user's table: applied once, whatever the source; contradictions are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from price_walks import YEARS, before, series, walk

import eventstudy as es
from eventstudy._typing import FloatArray
from eventstudy.errors import EventsFileError, PriceDataError, UnknownNameError, UsageError
from eventstudy.events.corporate_actions import CorporateAction, read_actions
from eventstudy.events.price_statements import Stated, Statements
from eventstudy.prices.corporate_actions.restating import RestatedSource
from eventstudy.prices.series import series_of
from eventstudy.prices.source import PriceBatch, PriceSeries

AT = 400
DAY = str(YEARS[AT])
RTOL = 1e-9  #: rounding of divisions and products

Columns = dict[str, FloatArray]


def action(kind: str, value: Any, day: str = DAY) -> CorporateAction:
    return CorporateAction("AAA", date.fromisoformat(day), kind, value)  # type: ignore[arg-type]


def read(columns: Columns, *actions: CorporateAction, closes: Any = None) -> PriceSeries:
    return series_of("AAA", YEARS, columns, "frame", stated=Stated(closes, actions))


def returns(prices: PriceSeries) -> FloatArray:
    return (prices.close[1:] + prices.dividend[1:]) / prices.close[:-1] - 1


def bare() -> Columns:
    return {name: values for name, values in walk().items() if name != "dividend"}


def fallen(worth: float) -> Columns:
    """Return columns that fall by a payment on the day, as a price does."""
    columns = bare()
    share = worth / columns["close"][AT - 1]
    made = before(columns, AT, 1 / (1 - share))
    return {name: values if name == "volume" else np.round(values, 2) for name, values in made.items()}


class TestRatios:
    @pytest.mark.parametrize(
        ("kind", "value", "ratio"),
        [
            ("split", 10, 10.0),
            ("split", "3:2", 1.5),
            ("split", "1:20", 0.05),
            ("split", 1.253, 1.253),
            ("split", "1000:31", 1000 / 31),
            ("stock-dividend", 0.1, 1.1),
            ("stock-dividend", 1.0, 2.0),
            ("spin-off", "1.253:1", 1.253),
        ],
    )
    def test_prices_before_it_are_divided_once(self, kind: str, value: Any, ratio: float) -> None:
        columns = bare()
        found = read(before(columns, AT, ratio), action(kind, value))
        np.testing.assert_allclose(returns(found), returns(series(columns)), rtol=RTOL, atol=RTOL)
        assert [(f.rule, f.severity) for f in found.findings] == [("listed-split", "info")]
        np.testing.assert_array_equal(read(columns, action(kind, value)).close, columns["close"])

    def test_one_that_the_file_lists_too_is_applied_once(self) -> None:
        columns, split = bare(), np.zeros(len(YEARS))
        split[AT] = 1.1
        once = read(before(columns, AT, 1.1) | {"split": split}, action("stock-dividend", 0.1))
        np.testing.assert_allclose(once.close, columns["close"], rtol=RTOL)
        with pytest.raises(PriceDataError, match=f"a split of 1.1 and one of 1.2 are listed on {DAY}"):
            read(before(columns, AT, 1.1) | {"split": split}, action("split", 1.2))

    def test_below_the_noise_a_warning_names_the_ratio_unless_the_closes_are_stated(self) -> None:
        columns = before(bare(), AT, 1.01)
        unclear = read(columns, action("split", 1.01))
        assert [(f.severity, "1.01" in f.detail) for f in unclear.findings] == [("warning", True)]
        np.testing.assert_array_equal(unclear.close, columns["close"])
        np.testing.assert_allclose(
            read(columns, action("split", 1.01), closes="raw").close, bare()["close"], rtol=RTOL
        )

    def test_a_bonus_column_of_the_file_is_a_stock_dividend(self, tmp_path: Path) -> None:
        columns, bonus = bare(), np.zeros(len(YEARS))
        bonus[AT] = 0.1
        table = pd.DataFrame(before(columns, AT, 1.1)).assign(date=YEARS.astype(str), Bonus=bonus)
        table.to_csv(tmp_path / "AAA.csv", index=False)
        from eventstudy.prices.files.source import DirectorySource

        found = DirectorySource(tmp_path).whole("AAA")
        np.testing.assert_allclose(found.close, columns["close"], rtol=1e-6)


class TestPayments:
    @pytest.mark.parametrize("kind", ["dividend", "capital-gain", "spin-off", "rights"])
    def test_it_is_counted_once_on_its_session(self, kind: str) -> None:
        found = read(fallen(6.0), action(kind, 6.0))
        assert found.dividend[AT] == 6.0 and found.dividend.sum() == 6.0
        assert not found.price_index

    def test_a_day_without_a_row_is_of_the_next_row(self) -> None:
        saturday = str(YEARS[AT] - np.timedelta64(1, "D"))
        days = np.delete(YEARS, AT - 1)
        columns = {name: np.delete(values, AT - 1) for name, values in fallen(6.0).items()}
        stated = Stated(None, (action("dividend", 6.0, saturday),))
        assert series_of("AAA", days, columns, "frame", stated=stated).dividend[AT - 1] == 6.0

    def test_a_worth_that_the_closes_hold_is_not_counted_again(self) -> None:
        held = read(bare(), action("spin-off", 8.0))
        assert not held.dividend.any()
        assert [(f.rule, f.severity) for f in held.findings] == [("listed-worth", "info")]
        small = read(bare(), action("spin-off", 0.2))
        assert small.dividend[AT] == 0.2 and [f.severity for f in small.findings] == ["warning"]

    def test_a_dividend_of_the_file_must_agree(self) -> None:
        columns, paid = fallen(6.0), np.zeros(len(YEARS))
        paid[AT] = 6.0
        assert read(columns | {"dividend": paid}, action("dividend", 6.0)).dividend.sum() == 6.0
        with pytest.raises(PriceDataError, match=r"a dividend of 6 and one of 0\.6 are listed"):
            read(columns | {"dividend": paid}, action("dividend", 0.6))

    def test_adjusted_closes_must_agree(self) -> None:
        columns = fallen(6.0)
        factor = np.where(np.arange(len(YEARS)) < AT, 1 - 6.0 / columns["close"][AT - 1], 1.0)
        both = columns | {"adj_close": columns["close"] * factor}
        assert read(both, action("dividend", 6.0)).dividend.sum() == pytest.approx(6.0)
        with pytest.raises(PriceDataError, match="its adjusted closes imply none"):
            read(both, action("dividend", 6.0, str(YEARS[AT + 5])))

    def test_raw_closes_scale_an_earlier_dividend(self) -> None:
        columns = before(fallen(6.0), AT + 100, 4.0)
        split = action("split", 4, str(YEARS[AT + 100]))
        found = read(columns, split, action("dividend", 24.0))
        assert found.dividend[AT] == pytest.approx(6.0)


class TestOtherSources:
    def test_a_source_of_objects_gets_them_too(self) -> None:
        plain = series(fallen(6.0) | {"dividend": np.zeros(len(YEARS))})

        class Source:
            name = "own"

            def load(self, tickers: Any, start: date, end: date) -> PriceBatch:
                return PriceBatch({"AAA": replace(plain, price_index=True)}, {})

        stated = Statements({}, (action("dividend", 6.0),))
        batch = RestatedSource(Source(), stated).load(["AAA"], date(2022, 1, 1), date(2025, 1, 1))
        found = batch.series["AAA"]
        assert found.dividend[AT] == 6.0 and found.kind == "total return" and plain.dividend.sum() == 0

    @pytest.mark.parametrize("form", ["rows", "frame", "csv", "parquet"])
    def test_every_form_of_the_table_gives_the_same_figure(self, form: str, tmp_path: Path) -> None:
        rows = [{"ticker": "AAA", "date": DAY, "kind": "stock-dividend", "value": 0.1}]
        table = pd.DataFrame(rows)
        table.to_csv(tmp_path / "a.csv", index=False)
        table.to_parquet(tmp_path / "a.parquet")
        given = {
            "rows": rows,
            "frame": table,
            "csv": tmp_path / "a.csv",
            "parquet": str(tmp_path / "a.parquet"),
        }
        (found,) = read_actions(given[form])
        assert (found.ticker, str(found.date), found.ratio) == ("AAA", DAY, 1.1)

    def test_a_study_file_lists_them_or_names_the_table(self, tmp_path: Path) -> None:
        columns = bare()
        market = walk(11)
        for name, each in (("AAA", before(columns, AT, 1.1)), ("SPY", market)):
            pd.DataFrame(each).drop(columns="dividend", errors="ignore").assign(
                date=YEARS.astype(str)
            ).to_csv(tmp_path / f"{name}.csv", index=False)
        body = f"tickers: [AAA]\nevents:\n  - {{id: e, when: {DAY}}}\n"
        listed = f"actions:\n  - {{ticker: AAA, date: {DAY}, kind: stock-dividend, value: 0.1}}\n"
        (tmp_path / "bonus.csv").write_text(f"ticker,date,kind,value\nAAA,{DAY},stock-dividend,0.1\n")
        figures = []
        for head in (listed, "actions: bonus.csv\n"):
            (tmp_path / "study.yaml").write_text(head + body)
            figures.append(es.run(tmp_path / "study.yaml", prices=tmp_path).cars["car"].iloc[0])
        (tmp_path / "plain.yaml").write_text(body)
        figures.append(
            es.run(tmp_path / "plain.yaml", prices=tmp_path, actions=tmp_path / "bonus.csv")
            .cars["car"]
            .iloc[0]
        )
        assert figures[0] == figures[1] == figures[2]
        missed = es.run(tmp_path / "plain.yaml", prices=tmp_path).cars["car"].iloc[0]
        assert abs(missed - figures[0]) > 0.08  # a tenth, unless it is applied


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (
            [{"ticker": "AAA", "date": DAY, "kind": "splitt", "value": 2}],
            UnknownNameError,
            "did you mean 'split'",
        ),
        ([{"ticker": "AAA", "date": DAY, "kind": "split", "value": -2}], UsageError, "not a positive number"),
        ([{"ticker": "AAA", "date": DAY, "kind": "split", "value": "two"}], UsageError, "is not a number"),
        ([{"ticker": "AAA", "date": DAY, "kind": "dividend", "value": "1:2"}], UsageError, "is a ratio"),
        ([{"ticker": "AAA", "date": DAY, "kind": "split"}], UsageError, "needs ticker, date, kind, value"),
        ([{"ticker": "AAA", "date": "2025-13-01", "kind": "split", "value": 2}], UsageError, "2025-13-01"),
        (7, UsageError, "actions must be"),
        (pd.DataFrame({"ticker": ["AAA"]}), EventsFileError, "column 'date' is missing"),
        (
            pd.DataFrame({"ticker": ["AAA"], "date": [DAY], "kind": ["split"], "value": [np.nan]}),
            EventsFileError,
            "row 0",
        ),
        (
            pd.DataFrame({"ticker": [np.nan], "date": [pd.NaT], "kind": ["split"], "value": [2]}),
            EventsFileError,
            "row 0",
        ),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(given: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read_actions(given)
