"""A large study on disk: the figures of the engine, and the same bytes however it is computed."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from large_studies import DESIGN, content, in_memory, market, placed, run_large, same_rows

import eventstudy as es
from eventstudy.errors import DesignError, OutputError, UnknownNameError, UsageError

#: `run` estimates by the same least squares and sums in another order.
RTOL, ATOL = 1e-9, 1e-12


def test_the_figures_of_the_engine_in_memory(folder: Path) -> None:
    design = DESIGN.replace(tests=())
    expected, found = in_memory(design), run_large(folder, "all", design=design)
    assert not found.manifest["tests_left_out"]
    for name in ("averages", "tests"):
        assert len(found.table(name)) > 20
        same_rows(found.table(name), expected[name])
    count = len(placed())
    measured = found.table("events").slice(0, count)
    for column in ("ticker", "event_id", "session", "status", "reason", "n_estimation", "df", "sigma"):
        same_rows(measured.select([column]), expected["events"].select([column]))
    same_rows(found.table("cars").slice(0, 2 * count), expected["cars"])


def test_the_abnormal_returns_of_run(own: Path) -> None:
    result = run_large(own, "kept", keep="abnormal_returns")
    returns, _ = market()
    events = placed()
    listed = events.assign(event_id=[f"e{row}" for row in events["row"]], session=events["date"])
    design = DESIGN.replace(by=(), max_loss=0.9)
    expected = es.run(listed.drop(columns=["row", "date"]), returns=returns, design=design)
    mine, theirs = result.table("abnormal_returns").to_pandas(), expected.abnormal_returns
    assert len(mine) > len(theirs) > 300
    there = theirs["ret"].notna()  # without a return there is no normal return on a grid
    for column in ("ret", "normal_ret", "ar", "ar_se", "statistic", "pvalue", "car", "car_se", "car0_se"):
        own_figures = mine[column][: len(theirs)][there]
        np.testing.assert_allclose(own_figures, theirs[column][there], rtol=RTOL, atol=ATOL)
    assert (pd.to_datetime(mine["session"][: len(theirs)]) == theirs["session"]).all()


def test_parts_in_any_order_and_a_merge_are_the_same_bytes(own: Path) -> None:
    parts = random.Random(4).sample(range(1, 9), 8)
    for number in parts:
        found = run_large(own, "parts", shard=(number, 8))
        assert not found.manifest
        with pytest.raises(OutputError, match="not merged yet"):
            found.table("tests")
    for number in (2, 1):
        es.merge_large(own / "parts", shard=(number, 2))
    assert not (own / "parts/manifest.json").exists()
    es.merge_large(own / "parts")
    assert content(own / "parts") == content(own / "whole")


@pytest.mark.parametrize("given", [{"workers": 2, "pool": "threads"}, {"executor": ThreadPoolExecutor(3)}])
def test_executors_are_the_same_bytes(own: Path, given: dict[str, Any]) -> None:
    run_large(own, "other", **given)
    assert content(own / "other") == content(own / "whole")


@pytest.mark.kill
def test_processes_are_the_same_bytes(own: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    run_large(own, "other", workers=2, progress=lambda *step: seen.append(step))
    assert content(own / "other") == content(own / "whole")
    assert seen[0] == ("shards", 1, 6)
    assert ("second pass", 6, 6) in seen


def test_what_is_not_kept_is_said(own: Path) -> None:
    found = es.load_large(own / "whole")
    assert list(found.manifest["tables"]) == ["events", "cars", "coefficients", "averages", "tests"]
    assert {"abnormal_returns", "residuals"} <= set(found.manifest["not_kept"])
    with pytest.raises(UsageError, match=r"abnormal_returns was not kept.*keep='abnormal_returns'"):
        found.table("abnormal_returns")
    with pytest.raises(UsageError, match="residuals was not kept"):
        found.dataset("residuals")
    with pytest.raises(UnknownNameError, match="did you mean 'cars'"):
        found.table("car")
    only = run_large(own, "only", keep="cars")
    assert sorted(path.name for path in only.path.iterdir() if path.is_dir())[0] == "cars"
    assert not (only.path / "events").exists()
    assert only.table("cars", columns=["ticker", "car"]).column_names == ["ticker", "car"]
    assert only.table("tests").equals(found.table("tests"))


def test_the_parts_are_one_dataset_for_other_programs(folder: Path) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    cars = f"{folder}/whole/cars/*.parquet"
    found = es.load_large(folder / "whole")
    whole = found.table("cars")
    total = pc.sum(whole["car"]).as_py()
    (counted,) = duckdb.sql(f"select count(*), sum(car) from '{cars}'").fetchall()
    assert counted == pytest.approx((len(whole), total))
    frame = polars.scan_parquet(cars).select("ticker", "car").collect()
    assert (frame.height, frame["car"].sum()) == pytest.approx((len(whole), total))
    assert found.dataset("cars").count_rows() == len(whole)
    assert pq.read_table(folder / "whole/cars", columns=["car"]).num_rows == len(whole)


def test_every_firm_event_is_there(folder: Path) -> None:
    _, events = market()
    found = es.load_large(folder / "whole").table("events").to_pandas()
    assert len(found) == len(events)
    reason = found[found["status"] == "skipped"].set_index("event_id")["reason"]
    assert reason["X-2019-01-02"] == "no prices: not in the table"
    assert any("reaches past the last price" in text for text in reason)
    assert any("estimation returns are usable" in text for text in reason)


def test_what_a_large_study_does_not_follow_is_refused(own: Path) -> None:
    for changes, error, message in (
        ({"mask_dates": {"A": ["2019-01-02"]}}, UsageError, "needs mask_dates"),
        ({"model": "garch"}, DesignError, "no model garch; it has market, factors, mean"),
        ({"benchmark": ["A", "B"]}, DesignError, "measured against one series"),
        ({"tests": ["joint_f"]}, UsageError, "no test joint_f"),
        ({"weights": "kind"}, es.EventStudyError, "kind"),
        ({"weights": "nosuch"}, UnknownNameError, "nosuch"),
        ({"by": ["status"]}, DesignError, "status is a column of the results"),
        ({"by": ["nosuch"]}, UnknownNameError, "nosuch"),
        ({"benchmark": "NONE"}, es.EventStudyError, "NONE: is a regressor and not among the returns"),
    ):
        with pytest.raises(error, match=message):
            run_large(own, "refused", design=DESIGN.replace(**changes))
        assert not list((own / "refused").glob("inputs-*"))


@pytest.mark.parametrize("changes", [{"model": "mean"}, {"model": "factors", "factors": ["MKT", "D"]}])
def test_other_models(own: Path, changes: dict[str, Any]) -> None:
    design = DESIGN.replace(**changes)
    found = run_large(own, "model", design=design).table("cars").to_pandas()
    returns, _ = market()
    events = placed()
    listed = events.assign(event_id=[f"e{row}" for row in events["row"]], session=events["date"])
    expected = es.run(
        listed.drop(columns=["row", "date"]), returns=returns, design=design.replace(by=(), max_loss=0.9)
    ).cars
    for column in ("car", "car_se", "bhar", "pvalue"):
        mine, theirs = found[column][: len(expected)], expected[column]
        usable = np.isfinite(theirs) & (events["ticker"].to_numpy() != "D").repeat(2)
        np.testing.assert_allclose(mine[usable], theirs[usable], rtol=1e-7, atol=ATOL)
        assert usable.sum() > 40


def test_costly_tests_are_left_out_of_many(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.engine import grid_design

    for limit in ("MANY_DRAWN", "MANY_SORTED"):
        monkeypatch.setattr(grid_design, limit, 10)
    found = run_large(own, "many", design=DESIGN.replace(tests=()))
    left_out = {"wilcoxon", "bhar_skew_t", "wild_bootstrap"}
    assert set(found.manifest["tests_left_out"]) == left_out
    assert not left_out & set(found.table("tests")["test"].to_pylist())
    named = run_large(own, "named", design=DESIGN.replace(tests=["wilcoxon"]))
    assert named.manifest["tests_left_out"] == []
    assert set(named.table("tests")["test"].to_pylist()) == {"wilcoxon"}
