"""CRSP's daily file in the present format: the delisting return is in DlyRet, and durations are stated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, grid_table, read, seeded_returns, sessions, text_table, typed_table

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.crsp_ciz import CRSP_CIZ

DAYS = sessions(40)
RETURNS = seeded_returns([10107, 14593], len(DAYS), seed=4)


def frame() -> pd.DataFrame:
    parts = []
    for at, (permno, values) in enumerate(RETURNS.items()):
        known = [f"{value:.6f}" if np.isfinite(value) else "" for value in values]
        parts.append(
            pd.DataFrame(
                {
                    "PERMNO": permno, "Ticker": f"T{at}", "DlyCalDt": DAYS.astype(str), "DlyDelFlg": "N",
                    "DlyPrc": "10.0", "DlyPrcFlg": "TR", "DlyRet": known,
                    "DlyRetMissFlg": ["" if each else "NS" for each in known],
                    "DlyRetDurFlg": ["D1" if each else "" for each in known],
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_returns_are_those_of_the_file(case: Any) -> None:
    found = read(CRSP_CIZ, text_table(frame().rename(columns=case)))
    assert_returns(found.series, RETURNS, DAYS)
    assert "2 rows without a return" in found.understood.remarks
    assert found.aliases == {"T0": ("10107",), "T1": ("14593",)}


def test_flat_files_and_typed_columns_are_read() -> None:
    data = frame().assign(DlyCalDt=DAYS.tolist() * 2, PERMNO=np.repeat([10107, 14593], len(DAYS)))
    data["DlyRet"] = pd.to_numeric(data.DlyRet)
    assert_returns(read(CRSP_CIZ, typed_table(data)).series, RETURNS, DAYS)
    compact = data.assign(DlyCalDt=pd.to_datetime(data.DlyCalDt).dt.strftime("%Y%m%d").astype(int))
    assert_returns(read(CRSP_CIZ, typed_table(compact)).series, RETURNS, DAYS)


def test_the_delisting_return_is_in_the_file_already() -> None:
    data = frame().assign(DelRet="")
    last = data.index[data.PERMNO == "10107"][-1]
    data.loc[last, ["DlyDelFlg", "DlyRet", "DelRet"]] = ["Y", "-0.7", "-0.7"]
    found = read(CRSP_CIZ, text_table(data))
    expected = RETURNS["10107"].copy()
    expected[-1] = -0.7
    assert_returns(found.series, {"10107": expected}, DAYS)
    assert "1 delisting return held by DlyRet" in found.understood.remarks


def test_returns_of_other_durations_are_no_returns_of_a_session() -> None:
    data = frame()
    row = data.index[data.PERMNO == "14593"][20]
    data.loc[row, ["DlyRet", "DlyRetDurFlg", "DlyRetMissFlg", "DlyPrc"]] = ["", "", "MP", ""]
    data.loc[row + 1, "DlyRetDurFlg"] = "D2"
    expected = RETURNS["14593"].copy()
    expected[[20, 21]] = np.nan
    for table in (data, data.drop(columns="DlyRetDurFlg"), data.drop(columns=["DlyRetDurFlg", "DlyPrc"])):
        found = read(CRSP_CIZ, text_table(table))
        assert_returns(found.series, {"10107": RETURNS["10107"], "14593": expected}, DAYS)
        lumped = found.series["14593"].columns["lumped"]
        assert np.flatnonzero(np.isfinite(lumped)).tolist() == [21]


def test_returns_without_dividends_say_so() -> None:
    found = read(CRSP_CIZ, text_table(frame().rename(columns={"DlyRet": "DlyRetx"})))
    assert_returns(found.series, RETURNS, DAYS)
    assert "returns without dividends" in found.understood.remarks


def test_the_monthly_file_and_one_without_ids_are_refused() -> None:
    monthly = grid_table([["PERMNO", "MthCalDt", "MthRet"], ["10107", "2020-01-31", "0.1"]], 1)
    with pytest.raises(FileContentError, match="monthly file"):
        read(CRSP_CIZ, monthly)
    with pytest.raises(FileContentError, match="no PERMNO"):
        read(CRSP_CIZ, text_table(frame().drop(columns="PERMNO")))
