"""Files of Stata, SAS and SPSS become tables: dates by their formats, missing codes, no labels."""

from __future__ import annotations

import builtins
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from eventstudy.errors import FileContentError
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.statistical import _kind, _moments, _period
from eventstudy.intake.table import Table

PLAIN = ReadingOptions()
DAYS = [date(2021, 12, 13) + timedelta(day) for day in range(70)]
RETURNS = np.random.default_rng(2).normal(0, 0.02, 70)


def frame() -> pd.DataFrame:
    return pd.DataFrame({"permno": np.arange(70.0), "date": DAYS, "ret": RETURNS, "name": ["IBM  "] * 70})


def only(name: str, raw: bytes) -> Table:
    (table,) = tables_of(name, raw, PLAIN)
    return table


def written(writer: Any, path: Path, data: pd.DataFrame, **more: Any) -> bytes:
    writer(data, str(path), **more)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("ending", "writer"),
    [("dta", pyreadstat.write_dta), ("sav", pyreadstat.write_sav), ("xpt", pyreadstat.write_xport)],
)
def test_numbers_dates_and_text(ending: str, writer: Any, tmp_path: Path) -> None:
    table = only(f"r.{ending}", written(writer, tmp_path / f"r.{ending}", frame()))
    assert table.titles == ("permno", "date", "ret", "name")
    assert table.columns[1].to_pylist() == DAYS
    np.testing.assert_array_equal(table.columns[2].to_pylist(), RETURNS)
    assert set(table.columns[3].to_pylist()) == {"IBM"}


def test_extended_missing_values_are_codes(tmp_path: Path) -> None:
    data = frame()
    data["ret"] = data["ret"].astype(object)
    data.loc[3, "ret"], data.loc[5, "ret"] = "b", "c"
    raw = written(pyreadstat.write_dta, tmp_path / "r.dta", data, missing_user_values={"ret": ["b", "c"]})
    cells = only("r.dta", raw).columns[2].to_pylist()
    assert (cells[3], cells[5]) == (".b", ".c")
    assert float(cells[4]) == RETURNS[4]


def test_value_labels_are_not_ids(tmp_path: Path) -> None:
    data = frame()
    labels = {"permno": {float(n): f"Firm {n}" for n in range(70)}}
    raw = written(pyreadstat.write_dta, tmp_path / "r.dta", data, variable_value_labels=labels)
    assert only("r.dta", raw).columns[0].to_pylist() == list(range(70))


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_versions_of_stata_with_and_without_the_extra(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = frame().assign(date=pd.to_datetime(DAYS))
    raw = io.BytesIO()
    data.to_stata(raw, version=version, write_index=False, convert_dates={"date": "td"})
    first = only("r.dta", raw.getvalue())
    assert first.columns[1].to_pylist() == DAYS
    without(monkeypatch)
    second = only("r.dta", raw.getvalue())
    assert second.titles == first.titles
    for one, other in zip(first.columns, second.columns, strict=True):
        assert one.to_pylist() == other.to_pylist()


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take pyreadstat away."""
    real = builtins.__import__

    def absent(name: str, *more: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "pyreadstat":
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", absent)


def test_without_the_extra_missing_codes_of_stata_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = frame()
    data["ret"] = data["ret"].astype(object)
    data.loc[3, "ret"] = "b"
    raw = written(pyreadstat.write_dta, tmp_path / "r.dta", data, missing_user_values={"ret": ["b"]})
    without(monkeypatch)
    cells = only("r.dta", raw).columns[2].to_pylist()
    assert cells[3] == ".b"
    assert float(cells[4]) == RETURNS[4]


def test_without_the_extra_spss_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = written(pyreadstat.write_sav, tmp_path / "r.sav", frame())
    xpt = written(pyreadstat.write_xport, tmp_path / "r.xpt", frame(), file_format_version=5)
    without(monkeypatch)
    with pytest.raises(FileContentError) as raised:
        tables_of("returns.sav", raw, PLAIN)
    assert str(raised.value) == 'returns.sav: needs pyreadstat; pip install "eventstudy-impact[stats]"'
    assert raised.value.exit_code == 4
    assert only("r.xpt", xpt).columns[1].to_pylist() == DAYS


def test_monthly_dates_of_stata_are_shown_as_months(tmp_path: Path) -> None:
    raw = io.BytesIO()
    data = frame().assign(date=pd.date_range("2015-01-31", periods=70, freq="ME"))
    data.to_stata(raw, write_index=False, convert_dates={"date": "tm"})
    assert only("r.dta", raw.getvalue()).columns[1].to_pylist()[:2] == ["2015m1", "2015m2"]
    assert _period(-1, "q") == "1959q4"


@pytest.mark.parametrize(
    ("form", "program", "kind"),
    [
        ("%td", "stata", (True, False)),
        ("%tdCCYY.NN.DD", "stata", (True, False)),
        ("%-tdD_m_Y", "stata", (True, False)),
        ("%d", "stata", (True, False)),
        ("%tc", "stata", (False, True)),
        ("%9.0g", "stata", (False, False)),
        ("DATE9", "sas", (True, False)),
        ("YYMMDDN8", "sas", (True, False)),
        ("MMDDYY10.", "sas", (True, False)),
        ("E8601DA10", "sas", (True, False)),
        ("DATETIME20", "sas", (False, True)),
        ("BEST12", "sas", (False, False)),
        ("DATE11", "spss", (False, True)),
        ("F8.2", "spss", (False, False)),
    ],
)
def test_formats_of_dates(form: str, program: str, kind: tuple[bool, bool]) -> None:
    assert _kind(form, program) == kind


def test_epochs_by_hand() -> None:
    """Stata and SAS count from 1960, SPSS in seconds from the first day of the Gregorian calendar."""
    assert _moments(np.array([23502.0]), True, "stata").to_pylist() == [date(2024, 5, 6)]
    assert _moments(np.array([0.0, np.nan]), False, "spss").to_pylist() == [date(1582, 10, 14), None]
    assert _moments(np.array([60_000.0]), False, "stata").to_pylist() == [datetime(1960, 1, 1, 0, 1)]
