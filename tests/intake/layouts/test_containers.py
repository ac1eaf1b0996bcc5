"""Layouts in every container that holds them: the figures are those of the same data in text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, seeded_returns, sessions

from eventstudy.intake.layouts.prices import PRICE_LAYOUTS
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.series import PriceReading

DAYS = sessions(80)
RETURNS = seeded_returns([10107, 14593], len(DAYS), seed=12)


def opened(name: str, raw: bytes, **options: Any) -> PriceReading:
    stated = ReadingOptions(**options)
    (table,) = tables_of(name, raw, stated)
    found: PriceReading = read_by_layout(table, PRICE_LAYOUTS, stated)
    return found


def crsp(codes: bool) -> pd.DataFrame:
    """Return the file with letters for codes, or with missing numbers as typed containers have them."""
    parts = []
    for permno, values in RETURNS.items():
        ret = ["C" if np.isnan(value) else f"{value:.6f}" for value in values] if codes else values
        day = pd.to_datetime(DAYS)
        parts.append(pd.DataFrame({"permno": int(permno), "date": day, "prc": 10.5, "ret": ret}))
    return pd.concat(parts, ignore_index=True)


def text(data: pd.DataFrame, separator: str, dates: str) -> bytes:
    written = data.assign(date=data.date.dt.strftime(dates)).to_csv(index=False, sep=separator)
    return str(written).encode()


def stata(data: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    data.to_stata(sink, write_index=False, convert_dates={"date": "td"}, version=118)
    return sink.getvalue()


def parquet(data: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    data.to_parquet(sink, index=False)
    return sink.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    sink = io.BytesIO()
    width = max(map(len, rows))
    pd.DataFrame([[*row, *[None] * (width - len(row))] for row in rows], dtype=object).to_excel(
        sink, header=False, index=False
    )
    return sink.getvalue()


@pytest.mark.parametrize("separator", [",", "|", "\t", ";"])
@pytest.mark.parametrize("dates", ["%Y%m%d", "%Y-%m-%d", "%d%b%Y"])
def test_crsp_in_text(separator: str, dates: str) -> None:
    assert_returns(opened("crsp.csv", text(crsp(codes=True), separator, dates)).series, RETURNS, DAYS)


def test_crsp_in_parquet_stata_and_sas(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    days = crsp(codes=False).assign(date=lambda each: each.date.dt.date)
    pyreadstat.write_xport(days, str(tmp_path / "crsp.xpt"), file_format_version=8)
    files = {
        "crsp.parquet": parquet(crsp(codes=True)),
        "crsp.dta": stata(crsp(codes=False)),
        "crsp.xpt": (tmp_path / "crsp.xpt").read_bytes(),
    }
    for name, raw in files.items():
        found = opened(name, raw)
        assert found.understood.layout == "crsp-siz", name
        assert_returns(found.series, RETURNS, DAYS)


def bloomberg() -> tuple[list[list[Any]], dict[str, Any]]:
    """Return pairs of columns with dates of their own and a blank one between, and the closes of each."""
    closes: dict[str, Any] = {}
    columns: list[list[Any]] = []
    for at, (name, values) in enumerate(zip(("IBM US Equity", "SPX Index"), RETURNS.values(), strict=True)):
        kept = np.arange(len(DAYS)) % 11 != at
        close = np.round(100 * np.cumprod(1 + np.nan_to_num(values)), 4)
        closes[name] = pd.Series(close[kept], DAYS[kept])
        padding = [None] * int((~kept).sum())
        days = [pd.Timestamp(day).to_pydatetime() for day in DAYS[kept]]
        columns += [[name, "Date", *days, *padding], [None, "PX_LAST", *close[kept], *padding]]
        columns += [[None] * (len(DAYS) + 2)]
    return [list(row) for row in zip(*columns, strict=True)], closes


@pytest.mark.parametrize("meta", [False, True])
def test_pairs_of_bloomberg_in_a_workbook(meta: bool) -> None:
    rows, closes = bloomberg()
    above = [["Start Date", pd.Timestamp("2019-01-02")], ["Currency", "USD"], [None]] if meta else []
    found = opened("bdh.xlsx", workbook([*above, *rows]))
    assert found.understood.layout == "bloomberg"
    for name, close in closes.items():
        series = found.series[name]
        known = np.isfinite(series.columns["close"])
        assert series.sessions[known].tolist() == close.index.to_numpy().astype("datetime64[D]").tolist()
        np.testing.assert_allclose(series.columns["close"][known], close, rtol=1e-12)


def test_datastream_with_semicolons_and_decimal_commas() -> None:
    levels = {name: np.round(100 * np.cumprod(1 + np.nan_to_num(each)), 2) for name, each in RETURNS.items()}
    lines = [
        "Name;FIRM A - TOT RETURN IND;FIRM B - TOT RETURN IND",
        "Code;@AA(RI);U:BB(RI)",
        "CURRENCY;U$;U$",
    ]
    for at, day in enumerate(DAYS):
        cells = [f"{level[at]:.2f}".replace(".", ",") for level in levels.values()]
        lines.append(";".join([pd.Timestamp(day).strftime("%d.%m.%Y"), *cells]))
    found = opened("RI.csv", ("\r\n".join(lines) + "\r\n").encode("cp1252"))
    assert found.understood.layout == "datastream"
    for name, level in zip(("@AA", "U:BB"), levels.values(), strict=True):
        np.testing.assert_array_equal(found.series[name].columns["close"], level)
        assert found.series[name].sessions.tolist() == DAYS.tolist()
