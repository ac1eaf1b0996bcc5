"""One study from the same returns in seven forms: every result table is the same, but for `inputs`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyreadstat
import pytest
from crsp_study import CrspStudy, announcements, crsp_study

import eventstudy as es

SECURITIES, SESSIONS, ANNOUNCEMENTS = 10, 300, 24
ROUNDING = 1e-12  #: of sums, whose last digit follows from where arrays lie in memory
DESIGN = es.Design(
    benchmark="vwretd", estimation=(-130, -11), by=("sector",), max_loss=1.0, placebo_history="estimation"
)


def siz(study: CrspStudy, folder: Path) -> Path:
    study.siz().to_csv(folder / "siz.csv", index=False)
    return folder / "siz.csv"


def ciz(study: CrspStudy, folder: Path) -> Path:
    study.ciz().to_csv(folder / "ciz.csv", index=False)
    return folder / "ciz.csv"


def workbook(study: CrspStudy, folder: Path) -> Path:
    study.wide().to_excel(folder / "wide.xlsx", index=False)
    return folder / "wide.xlsx"


def parquet(study: CrspStudy, folder: Path) -> Path:
    study.long().to_parquet(folder / "long.parquet", index=False)
    return folder / "long.parquet"


def stata(study: CrspStudy, folder: Path) -> Path:
    study.long().to_stata(folder / "long.dta", write_index=False, convert_dates={"date": "td"})
    return folder / "long.dta"


def sas_transport(study: CrspStudy, folder: Path) -> Path:
    rows = study.long().assign(date=lambda each: each["date"].dt.date)
    pyreadstat.write_xport(rows, str(folder / "long.xpt"), file_format_version=8)
    return folder / "long.xpt"


def polars_frame(study: CrspStudy, folder: Path) -> pl.DataFrame:
    return pl.from_pandas(study.long())


FORMS: tuple[Callable[[CrspStudy, Path], Any], ...] = (
    ciz,
    workbook,
    parquet,
    stata,
    sas_transport,
    polars_frame,
)


@pytest.fixture(scope="module")
def study() -> CrspStudy:
    return crsp_study(SECURITIES, SESSIONS)


def run(study: CrspStudy, prices: Any) -> es.EventStudyResult:
    events = announcements(study, ANNOUNCEMENTS).drop(columns="ticker")
    return es.run(events, prices=prices, design=DESIGN, exchange="XNYS")


def measured(result: es.EventStudyResult) -> dict[str, pa.Table]:
    """Return the tables without what says where the figures are from."""
    tables = {name: table for name, table in result.tables.items() if name != "inputs"}
    return tables | {"prices": tables["prices"].drop_columns("source")}


@pytest.fixture(scope="module")
def from_siz(study: CrspStudy, tmp_path_factory: pytest.TempPathFactory) -> es.EventStudyResult:
    return run(study, siz(study, tmp_path_factory.mktemp("siz")))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_table_is_the_same(
    form: Callable[[CrspStudy, Path], Any], study: CrspStudy, from_siz: es.EventStudyResult, tmp_path: Path
) -> None:
    found = run(study, form(study, tmp_path))
    assert found.tables["inputs"].num_rows == from_siz.tables["inputs"].num_rows
    before, after = measured(from_siz), measured(found)
    for name, table in before.items():
        pd.testing.assert_frame_equal(
            after[name].to_pandas(), table.to_pandas(), rtol=ROUNDING, atol=ROUNDING, obj=name
        )


def test_the_study_measures_and_skips(from_siz: es.EventStudyResult) -> None:
    status = from_siz.events["status"].value_counts()
    assert status["ok"] > ANNOUNCEMENTS / 2
    assert status["skipped"] > 0
