"""Files and frames of prices together: which series a name means, and what several files hold of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import yaml
from commands import said

import eventstudy as es
from eventstudy.errors import PriceDataError, UnknownNameError, UsageError
from eventstudy.intake.series import SeriesColumns
from eventstudy.intake.understood import Understood, sentences
from eventstudy.prices.files.contents import Match
from eventstudy.prices.files.matching import Names
from eventstudy.prices.files.merging import merged
from eventstudy.prices.files.source import DirectorySource

EVER = (date(1900, 1, 1), date(2100, 1, 1))
DAYS = pd.bdate_range("2021-01-04", "2022-12-30")
BETA, EFFECT = 1.2, 0.05
SAME = 1e-9  #: of a return: prices are written with ten digits


def walk(seed: int, n: int = len(DAYS)) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.01, n)


@pytest.fixture
def returns() -> pd.DataFrame:
    market = walk(1)
    firm = BETA * market + walk(2) / 2
    firm[400] += EFFECT
    return pd.DataFrame({"FRM": firm, "MKT": market}, index=DAYS.rename("date"))


@pytest.fixture
def prices(returns: pd.DataFrame) -> pd.DataFrame:
    return 100 * (1 + returns).cumprod()


@pytest.fixture
def events() -> pd.DataFrame:
    return pd.DataFrame({"event_id": ["e"], "ticker": ["FRM"], "session": [DAYS[400].date()]})


DESIGN = es.Design(benchmark="MKT", estimation=(-260, -11), window=(-1, 1), car_windows=((-1, 1),))


def abnormal(events: Any, **data: Any) -> float:
    result = es.run(events, design=DESIGN, **data)
    row = result.abnormal_returns.query("tau == 0")
    return float(row["ar"].iloc[0])


def by_hand(returns: pd.DataFrame) -> float:
    """The market model by least squares on the same 250 sessions."""
    x, y = returns["MKT"].to_numpy(), returns["FRM"].to_numpy()
    rows = slice(400 - 260, 400 - 10)
    slope, level = np.polyfit(x[rows], y[rows], 1)
    return float(y[400] - level - slope * x[400])


class TestNames:
    names = Names(
        ("001690", "SPX Index", "10107", "10108"),
        {"IBM": ("10107",), "ABC": ("10107", "10108")},
        {
            ("ABC", "10107"): (np.datetime64("2000-01-01"), np.datetime64("2009-12-31")),
            ("ABC", "10108"): (np.datetime64("2010-01-01"), np.datetime64("2020-12-31")),
        },
    )

    @pytest.mark.parametrize(
        ("name", "form", "found"),
        [
            ("001690", 0, "001690"), ("1690", 0, None), ("1690", 1, None), ("1690", 2, "001690"),
            ("spx index", 0, None), ("SPXINDEX", 1, "SPX Index"), ("IBM", 0, "10107"), ("ibm", 1, "10107"),
            ("169", 2, None), ("SPY Index", 2, None),
        ],
    )  # fmt: skip
    def test_a_name_is_matched_by_its_form_and_never_by_likeness(
        self, name: str, form: int, found: str | None
    ) -> None:
        assert self.names.match(name, form, *EVER) == found

    def test_a_name_that_changed_hands_is_of_its_bearer_then(self) -> None:
        assert self.names.match("ABC", 0, date(2005, 1, 1), date(2006, 1, 1)) == "10107"
        assert self.names.match("ABC", 0, date(2015, 1, 1), date(2016, 1, 1)) == "10108"
        with pytest.raises(PriceDataError, match=r"is the name of 2 series .*: 10107, 10108; name the one"):
            self.names.match("ABC", 0, date(2009, 6, 1), date(2010, 6, 1))


def match(file: str, days: str, close: list[float], **about: Any) -> Match:
    sessions = np.array(days.split(), dtype="datetime64[D]")
    return Match("AAA", SeriesColumns(sessions, {"close": np.array(close)}, **about), file)


def test_files_that_name_no_security_of_the_list_say_so(tmp_path: Path) -> None:
    """The remedy for files at hand is another name, and not to give files."""
    levels = pd.DataFrame({"ABC.N": 100.0 + np.arange(len(DAYS)), "MKT": 50.0}, index=DAYS)
    levels.to_csv(tmp_path / "p.csv")
    events = pd.DataFrame({"ticker": ["ABC"], "date": ["2022-07-18"]})
    with pytest.raises(PriceDataError, match=r"allowed: ABC\.N") as raised:
        es.run(events, prices=tmp_path / "p.csv", benchmark="MKT")
    assert "name securities in the event list as the prices do" in str(raised.value)
    assert "--prices" not in str(raised.value)


class TestMerging:
    def test_files_that_agree_are_one_series(self) -> None:
        one = match("a.csv", "2024-01-02 2024-01-03", [1.0, 2.0])
        two = match("b.csv", "2024-01-03 2024-01-04", [2.0, 3.0])
        both = merged("AAA", [two, one])
        assert both.sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03", "2024-01-04"]
        assert both.columns["close"].tolist() == [1, 2, 3]

    def test_files_that_differ_are_an_error_with_both_figures(self) -> None:
        pair = [match("a.csv", "2024-01-02", [1.0]), match("b.csv", "2024-01-02", [1.01])]
        says = r"AAA: close on 2024-01-02 is 1 in a.csv and 1.01 in b.csv; give one"
        with pytest.raises(PriceDataError, match=says):
            merged("AAA", pair)

    def test_other_kinds_of_closes_and_separate_indices_are_refused(self) -> None:
        raw = match("a.csv", "2024-01-02", [1.0], closes="raw")
        index = match("b.csv", "2024-01-02", [1.0], closes="total-return-index")
        with pytest.raises(PriceDataError, match="differ in closes: raw and total-return-index"):
            merged("AAA", [raw, index])
        later = match("c.csv", "2024-01-03", [100.0], closes="total-return-index")
        with pytest.raises(PriceDataError, match="without a common session"):
            merged("AAA", [index, later])


def test_firms_in_one_file_and_the_market_in_another(
    tmp_path: Path, prices: pd.DataFrame, returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    """The same figure from one file, two files, a folder, a file and a frame, and the returns themselves."""
    firms, market = tmp_path / "firms.csv", tmp_path / "market.csv"
    prices.round(10).to_csv(tmp_path / "all.csv")
    for path, name in ((firms, "FRM"), (market, "MKT")):
        prices[[name]].round(10).rename(columns={name: "close"}).assign(ticker=name).to_csv(path)
    expected = by_hand(returns)
    assert abs(expected - EFFECT) < 0.03  # it is there
    for given in (
        tmp_path / "all.csv",
        [firms, market],
        [str(firms), prices[["MKT"]].reset_index()],
        prices,
        pl.from_pandas(prices.reset_index()),
        pa.Table.from_pandas(prices.reset_index(), preserve_index=False),
        es.read_prices([firms, market]),
    ):
        assert abnormal(events, prices=given) == pytest.approx(expected, abs=SAME)
    for table in (returns, pl.from_pandas(returns.reset_index())):
        assert abnormal(events, returns=table) == pytest.approx(expected, abs=SAME)
    returns.to_csv(tmp_path / "returns.csv")
    assert abnormal(events, returns=tmp_path / "returns.csv") == pytest.approx(expected, abs=SAME)
    assert abnormal(events, prices=tmp_path / "returns.csv") == pytest.approx(expected, abs=SAME)


def test_a_folder_is_searched_for_a_series_that_no_file_is_named_after(
    tmp_path: Path, prices: pd.DataFrame
) -> None:
    prices[["MKT"]].to_csv(tmp_path / "index_levels.csv")
    prices.FRM.rename("close").to_csv(tmp_path / "FRM.csv")
    (tmp_path / "readme.txt").write_text("no table", "utf-8")
    source = DirectorySource(tmp_path)
    assert source.tickers() == ("FRM", "MKT")
    assert list(source.load(["MKT", "frm"], *EVER).series) == ["MKT", "frm"]
    assert sorted(each.file for each in source.inputs) == ["FRM.csv", "index_levels.csv"]


def test_what_is_stated_is_used_and_a_wrong_word_is_refused(tmp_path: Path, returns: pd.DataFrame) -> None:
    (100 * returns).to_csv(tmp_path / "r.csv")
    with pytest.raises(PriceDataError, match="--values percent"):
        es.read_prices(tmp_path / "r.csv")
    source = es.read_prices(tmp_path / "r.csv", values="percent")
    held = source.whole("FRM").returns
    assert held is not None
    np.testing.assert_allclose(held, returns["FRM"], rtol=0, atol=SAME)
    assert [(each.role, each.unit) for each in source.inputs] == [("returns", "percent")]
    with pytest.raises(UnknownNameError, match="unknown values 'percents'"):
        es.read_prices(tmp_path / "r.csv", values="percents")
    with pytest.raises(UnknownNameError, match="unknown option of reading 'unit'"):
        es.run("events.yaml", unit="percent")


STUDY = """\
# my study
design: {benchmark: MKT}
tickers: [FRM]
events:
  - {id: e, when: 2022-07-18}  # the day
"""


class TestCommands:
    def test_a_mapping_is_kept_and_another_form_is_refused(
        self, tmp_path: Path, returns: pd.DataFrame
    ) -> None:
        (tmp_path / "events.yaml").write_text(STUDY, "utf-8")
        (100 * returns).to_csv(tmp_path / "r.csv")
        call = ("prices", "import", "r.csv", "--save-mapping", "events.yaml", "--values", "percent")
        assert said(*call, cwd=tmp_path).code == 0
        text = (tmp_path / "events.yaml").read_text("utf-8")
        assert text.startswith(STUDY)  # comments and all
        assert yaml.safe_load(text)["data"]["files"] == ["r.csv"]
        assert yaml.safe_load(text)["data"]["values"] == "percent"
        said(*call, cwd=tmp_path)
        assert (tmp_path / "events.yaml").read_text("utf-8") == text  # once
        done = said("run", "--offline", "--json", cwd=tmp_path)
        assert done.code == 0, done.err
        (row,) = [row for row in done.document["inputs"] if row["file"] == "r.csv"]
        assert (row["role"], row["unit"], row["series"]) == ("returns", "percent", 2)
        assert "read 2 series, 2021-01-04 to 2022-12-30, from r.csv:" in done.err
        saved = es.load(tmp_path / "results")
        assert saved.inputs["file"].tolist() == ["r.csv"]
        assert [each["file"] for each in saved.manifest["read"]] == ["r.csv"]
        frame = returns.assign(close=1.0)[["close"]].assign(ticker="FRM")
        frame.to_csv(tmp_path / "r.csv")
        refused = said("run", "--offline", cwd=tmp_path)
        assert refused.code == 4
        assert "the study file expects" in refused.err

    def test_a_mapping_leaves_what_is_stated_of_the_closes(
        self, tmp_path: Path, prices: pd.DataFrame
    ) -> None:
        (tmp_path / "events.yaml").write_text(f"{STUDY}\ndata:\n  closes: raw\n", "utf-8")
        prices.to_csv(tmp_path / "p.csv", sep=";", decimal=",", date_format="%d.%m.%Y")
        done = said("prices", "import", "p.csv", "--save-mapping", "events.yaml", cwd=tmp_path)
        assert done.code == 0, done.err
        assert '  files: ["p.csv"]' in done.out.splitlines()
        written = yaml.safe_load((tmp_path / "events.yaml").read_text("utf-8"))["data"]
        assert (written["closes"], written["files"]) == ("raw", ["p.csv"])

    def test_prices_are_repeated_and_quiet_says_nothing(self, tmp_path: Path, prices: pd.DataFrame) -> None:
        (tmp_path / "events.yaml").write_text(STUDY, "utf-8")
        for name in prices:
            prices[name].rename("close").to_frame().assign(ticker=name).to_csv(tmp_path / f"{name} x.csv")
        call = ("run", "--offline", "--prices", "FRM x.csv", "--prices", "MKT x.csv")
        done = said(*call, cwd=tmp_path)
        assert done.code == 0, done.err
        assert done.err.count("read 1 series") == 2
        assert "read" not in said(*call, "--quiet", cwd=tmp_path).err
        dry = said(*call, "--dry-run", cwd=tmp_path)
        assert "FRM  2021-07-02  close" in dry.out and "FRM  2022-07-25  close" in dry.out


def test_many_files_of_one_form_share_a_line() -> None:
    read = [
        Understood(
            f"{n}.csv", "prices", "tiingo", "Tiingo", n_series=1, first=f"200{n}-01-03", last="2020-01-02"
        )
        for n in range(5)
    ]
    assert sentences(read) == [
        "read 5 series, 2000-01-03 to 2020-01-02, from 5 files (0.csv to 4.csv): Tiingo"
    ]
    assert len(sentences(read[:3])) == 3
    assert [Understood.of_row(each.row()) for each in read] == read


def test_a_table_is_returned_as_a_frame_of_any_library(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    result = es.run(events, design=DESIGN, returns=returns)
    cars = result.frame("cars", library="polars")
    assert isinstance(cars, pl.DataFrame)
    assert cars["car"].to_list() == result.cars["car"].tolist()
    assert result.frame("cars", library="pyarrow") is result.tables["cars"]
    assert len(result.frame("cars", library="duckdb").fetchall()) == len(result.cars)
    with pytest.raises(UnknownNameError, match="unknown library 'dplyr'"):
        result.frame("cars", library="dplyr")
    assert issubclass(UnknownNameError, UsageError)


def test_a_name_of_several_series_is_no_question_about_exchanges(tmp_path: Path) -> None:
    """A gvkey of two issues is asked about as such: its exchange is that of all series of the file."""
    rows = [
        f"{gvkey},{iid},{day},USD,1,{close:.4f}"
        for seed, (gvkey, iid) in enumerate([("001690", "01"), ("001690", "02"), ("012141", "01")])
        for day, close in zip(DAYS, 50 + walk(seed), strict=True)
    ]
    path = tmp_path / "secd.csv"
    path.write_text("\n".join(["gvkey,iid,datadate,curcdd,ajexdi,prccd", *rows, ""]))
    source = es.read_prices(path)
    assert source.exchanges(["001690", "012141"]) == {"001690": "XNYS", "012141": "XNYS"}
    failed = source.load(["001690"], date(1990, 1, 1), date(2100, 1, 1)).failures["001690"]
    assert "001690.01, 001690.02" in failed
    canada = path.read_text().replace("prccd", "prccd,exchg").replace("\n0", ",11\n0").rstrip() + ",7\n"
    path.write_text(canada.replace("exchg,11", "exchg"))
    assert es.read_prices(path).exchanges(["001690"]) == {}
