"""Example files of data bases and terminals: the market model on what is read gives their known figures."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from layout_tables import returns_of

from eventstudy.intake.layouts.factors import FACTOR_LAYOUTS
from eventstudy.intake.layouts.prices import PRICE_LAYOUTS
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout

PUBLISHED = 1e-9  #: digits that are meant
CASES = (
    ("crsp-siz-daily", "crsp_daily.csv", "crsp-siz", "vwretd"),
    ("crsp-ciz-lower", "crsp_daily.csv", "crsp-ciz", "vwretd"),
    ("compustat-daily", "secd.csv", "compustat", "001045"),
    ("datastream-us-style", "RI.csv", "datastream", "TOTMKUS"),
    ("lseg-workspace", "lseg.csv", "lseg", ".SPXTR"),
    ("bloomberg-workbook", "bdh.xlsx", "bloomberg", "SPX Index"),
    ("returns-long-parquet", "returns.parquet", "returns-long", "MKT"),
    ("returns-long-stata", "returns.dta", "returns-long", "MKT"),
)


def read(file: Path, layouts: Any) -> Any:
    options = ReadingOptions()
    (table,) = tables_of(file.name, file.read_bytes(), options)
    return read_by_layout(table, layouts, options)


def market_model(firm: pd.Series, market: pd.Series, session: str) -> tuple[float, float]:
    """Return AR[0] and CAR[-1,+1] by least squares on complete sessions."""
    both = pd.DataFrame({"firm": firm, "market": market}).sort_index()
    day = both.index.get_loc(pd.Timestamp(session))
    assert isinstance(day, int)
    past = both.iloc[max(day - 260, 0) : day - 10].dropna()
    beta, alpha = np.polyfit(past.market, past.firm, 1)
    abnormal = (both.firm - alpha - beta * both.market).to_numpy()
    return abnormal[day], abnormal[day - 1 : day + 2].sum()


@pytest.mark.parametrize(("case", "file", "layout", "benchmark"), CASES, ids=[case[0] for case in CASES])
def test_files_give_their_figures(shared: Path, case: str, file: str, layout: str, benchmark: str) -> None:
    folder = shared / "formats"
    reading = read(folder / case / file, PRICE_LAYOUTS)
    assert reading.understood.layout == layout
    with (folder / "expected.csv").open(encoding="utf-8") as opened:
        rows = [row for row in csv.DictReader(opened) if row["case"] == case]
    assert rows
    market = returns_of(reading.series[benchmark])
    for row in rows:
        found = market_model(returns_of(reading.series[row["ticker"]]), market, row["session"])
        known = float(row["ar0"]), float(row["car_m1_p1"])
        assert found == pytest.approx(known, abs=PUBLISHED), row["ticker"]


@pytest.mark.parametrize(
    ("case", "file", "layout", "scale"),
    [
        ("factors-french", "F-F_Research_Data_Factors_daily.CSV", "french", 100.0),
        ("factors-wrds-lower", "factors.csv", "wrds-factors", 1.0),
    ],
)
def test_factors_have_their_unit(shared: Path, case: str, file: str, layout: str, scale: float) -> None:
    path = shared / "formats" / case / file
    reading = read(path, FACTOR_LAYOUTS)
    assert reading.understood.layout == layout
    lines = [line.split(",") for line in path.read_text().splitlines() if line[:1] in ("1", "2")]
    plain = np.array([[float(cell) for cell in line[1:]] for line in lines])
    np.testing.assert_allclose(reading.values, plain / scale, rtol=1e-12)
