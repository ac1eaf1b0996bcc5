"""Wrong arguments of every public function: each is an error of the package that names the argument."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from wrong_arguments import CALLED, EVENTS, NOT_CALLED, RETURNS, SAID, WRONG, Wrong, surface

import eventstudy as es
from eventstudy.errors import EventStudyError

CLOSES = 100 * (1 + RETURNS).cumprod()
PERCENT = 1e-9  #: decimals written as percent and read back
GIVEN = {"events": EVENTS, "returns": RETURNS, "design": es.Design(benchmark="MKT")}

MONTHLY = {
    "events": EVENTS,
    "returns": RETURNS.set_axis(pd.date_range("1990-01-31", periods=len(RETURNS), freq="ME")),
    "control": "MKT",
}


@pytest.fixture(scope="module")
def result() -> es.EventStudyResult:
    return es.run(**GIVEN)


LARGE = {
    "events": EVENTS.rename(columns={"event": "event_id"}),
    "returns": RETURNS,
    "design": es.Design(benchmark="MKT", mask_events=False, tests=["cross_section_t"]),
}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> es.LargeResult:
    return es.run_large(**LARGE, out=tmp_path_factory.mktemp("large") / "out")


@pytest.fixture(scope="module")
def calls(result: es.EventStudyResult, large: es.LargeResult) -> dict[str, Callable[..., Any]]:
    """Return every public function with arguments that are right, but for those given."""
    from eventstudy.simulation.simulating import SYNTHETIC_DESIGN

    small = es.Situation(firm_events=5, replications=2)
    simulated = es.simulate(small, design=SYNTHETIC_DESIGN.replace(tests=["cross_section_t"]))
    return {
        "design": es.Design,
        "run": lambda **given: es.run(**{**GIVEN, **_without_returns(given)}),
        "simulate": lambda **given: es.simulate(**{"situation": small, **GIVEN, **_without_returns(given)}),
        "situation": es.Situation,
        "event": lambda **given: es.Event(**{"id": "e", "when": "2025-01-27", **given}),
        "compare": lambda **given: es.compare(**{"result": result, **_about_one(given), **given}),
        "regress": lambda **given: result.regress(**{"formulas": "car ~ sigma", **given}),
        "robustness": lambda **given: es.robustness(**{**GIVEN, **_without_returns(given)}),
        "long_run": lambda **given: es.long_run(**{**MONTHLY, **given}),
        "load": es.load,
        "load_large": es.load_large,
        "run_large": lambda **given: es.run_large(**{**LARGE, **given}),
        "merge_large": es.merge_large,
        "large_files": large.files,
        "large_dataset": large.dataset,
        "large_parts": lambda **given: list(large.parts(**{"table": "cars", **given})),
        "large_table": lambda **given: large.table(**{"table": "cars", **given}),
        "read_events": es.read_events,
        "read_prices": lambda **given: es.read_prices(**{"prices": CLOSES, **given}),
        "frame": lambda **given: result.frame(**{"table": "cars", **given}),
        "chart": lambda **given: result.chart(**{"name": "forest", **given}),
        "chart_event": lambda **given: result.chart("forest", **given),
        "view": result.view,
        "headline": result.headline,
        "to_parquet": result.to_parquet,
        "save_figures": lambda **given: result.save_figures(**{"folder": "figures", **given}),
        "rejections_to_parquet": lambda **given: simulated.to_parquet(**{"path": "x.parquet", **given}),
        "benchmark_type": lambda **given: es.Benchmark(**{"tickers": ("SPY",), **given}),
        "window_type": lambda **given: es.Window(**{"start": -1, "end": 1, **given}),
        "parse": es.Benchmark.parse,
        "replace": es.Design().replace,
        "required_observations": lambda **given: es.Design().required_observations(**{"k": 2, **given}),
        "result_type": lambda **given: es.EventStudyResult(
            **{"tables": result.tables, "manifest": result.manifest, **given}
        ),
    }


def _without_returns(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with prices in the place of returns, where a source of prices is tried."""
    return {"returns": None, **given} if "prices" in given else given


def _about_one(given: dict[str, Any]) -> dict[str, Any]:
    return {} if {"event", "ticker", "kind", "by"} & set(given) else {"event": "one"}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_argument_is_named(
    wrong: Wrong, calls: dict[str, Callable[..., Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EventStudyError) as raised:
        calls[wrong.call](**{wrong.name: wrong.value})
    message = str(raised.value)
    named = SAID.get((wrong.call, wrong.name), wrong.name)
    assert named.replace("_", " ").rstrip("s") in message.replace("_", " "), message
    assert "\n" not in message
    assert len(message) < 600, message
    assert not list(tmp_path.iterdir())


def test_every_argument_of_every_public_function_is_tried() -> None:
    """What is added to the public surface must be tried, or said not to be called."""
    tried = {(wrong.call, wrong.name) for wrong in WRONG}
    there = set(surface())
    without = {"Design.replace", "Design.named", "EventStudyResult.summary", "Benchmark.notation"}
    assert {call for call, _ in there} == (CALLED.keys() | NOT_CALLED) - without
    missing = {(call, name) for call, name in there if call in CALLED and (CALLED[call], name) not in tried}
    assert not missing
    assert len(WRONG) > 500


def same(one: es.EventStudyResult, other: es.EventStudyResult) -> None:
    pd.testing.assert_frame_equal(one.cars, other.cars)


def test_natural_forms_are_accepted(result: es.EventStudyResult, tmp_path: Path) -> None:
    RETURNS.rename_axis("date").to_csv(tmp_path / "returns.csv")
    same(es.run(**{**GIVEN, "returns": tmp_path / "returns.csv", "values": "returns"}), result)
    same(es.run(**{**GIVEN, "returns": {name: RETURNS[name] for name in RETURNS}}), result)
    assert es.run(**GIVEN, tickers="A").events["ticker"].tolist() == ["A"]
    assert es.Event("e", "2025-01-27", tickers="MSFT").tickers == ("MSFT",)  # type: ignore[arg-type]
    assert es.Benchmark("SPY").tickers == ("SPY",)  # type: ignore[arg-type]
    pairs = es.compare(result, event="one", window="0:1")
    assert pairs[["start", "end"]].drop_duplicates().to_numpy().tolist() == [[0, 1]]
    text = es.Design(window="-2:2", estimation="-120:-11", car_windows="0:1")
    assert text == es.Design(window=(-2, 2), estimation=(-120, -11), car_windows=[(0, 1)])
    assert es.Design(car_windows=(0, 1)).car_windows == (es.Window(0, 1),)  # type: ignore[arg-type]
    assert es.Design(mask_events=np.bool_(False)).mask_events == False  # noqa: E712
    assert es.Design(model="mean", benchmark=None).benchmark is None


def test_one_series_of_returns_is_enough_for_a_model_without_benchmark() -> None:
    design = es.Design(model="mean", benchmark=None)
    alone = es.run(EVENTS[EVENTS["ticker"] == "A"], returns=RETURNS["A"], design=design)
    among = es.run(EVENTS[EVENTS["ticker"] == "A"], returns=RETURNS, design=design)
    same(alone, among)
    with pytest.raises(EventStudyError, match="returns: the Series has no name"):
        es.run(EVENTS, returns=RETURNS["A"].rename(None), design=design)


def test_factors_are_read_beside_returns(tmp_path: Path) -> None:
    names = ["Mkt-RF", "SMB", "HML", "RF"]
    (100 * RETURNS[names]).rename_axis("date").to_csv(tmp_path / "factors.csv", float_format="%.17g")
    design = es.Design(model="ff3")
    inside = es.run(EVENTS, returns=RETURNS, design=design)
    beside = es.run(EVENTS, returns=RETURNS[["A", "B"]], factors=tmp_path / "factors.csv", design=design)
    figures = ["car", "car_se"]
    np.testing.assert_allclose(beside.cars[figures], inside.cars[figures], rtol=PERCENT)
    other = RETURNS[names].mul(100).assign(SMB=0.3).rename_axis("date")
    other.iloc[::2, 1] = 0.6
    other.to_csv(tmp_path / "other.csv")
    changed = es.run(EVENTS, returns=RETURNS[["A", "B"]], factors=tmp_path / "other.csv", design=design)
    assert not np.allclose(changed.cars["car"], inside.cars["car"])
    with pytest.raises(EventStudyError, match="is in returns and in factors; give it once"):
        es.run(EVENTS, returns=RETURNS, factors=tmp_path / "factors.csv", design=design)


def test_two_events_of_one_id_are_refused() -> None:
    twice = [es.Event("e", "2019-02-05", tickers=("A",)), es.Event("e", "2019-03-05", tickers=("B",))]
    with pytest.raises(EventStudyError, match="events: 2 of them have the id 'e'"):
        es.run(twice, returns=RETURNS, design=es.Design(benchmark="MKT"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("design", 5),
        ("tables", 5),
        ("tables", {"cars": 5}),
        ("design.window", "wide"),
        ("design.car_windows", [5]),
        ("design.confidence", "0.95"),
        ("", "[" * 200_000),
        ("", "5"),
        ("", "{}"),
    ],
)
def test_a_damaged_manifest_is_refused(
    field: str, value: Any, result: es.EventStudyResult, tmp_path: Path
) -> None:
    folder = result.to_parquet(tmp_path / "r")
    file = folder / "manifest.json"
    document = json.loads(file.read_text("utf-8"))
    if field:
        place, _, last = field.rpartition(".")
        (document[place] if place else document)[last or field] = copy.deepcopy(value)
    file.write_text(json.dumps(document) if field else value, "utf-8")
    with pytest.raises(EventStudyError, match=r"manifest\.json|result folder") as raised:
        es.load(folder)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("field", ["model", "window", "tests"])
@pytest.mark.parametrize("call", ["run", "simulate"])
def test_a_field_of_the_design_is_no_argument(
    call: str, field: str, calls: dict[str, Callable[..., Any]]
) -> None:
    """A design that is given and not used would measure something else than was asked."""
    with pytest.raises(EventStudyError, match=rf"give design=Design\({field}="):
        calls[call](**{field: "market-adjusted"})


@pytest.mark.parametrize("call", ["run", "simulate"])
def test_an_unknown_argument_is_refused(call: str, calls: dict[str, Callable[..., Any]]) -> None:
    with pytest.raises(EventStudyError, match="'modle'"):
        calls[call](modle="market")


def test_run_reads_files_as_stated(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    levels = (1 + RETURNS.fillna(0)).cumprod() * 100
    levels.rename_axis("Day").to_csv(path, sep=";", decimal=",", date_format="%d.%m.%Y")
    given = {"events": EVENTS, "prices": path, "design": GIVEN["design"]}
    with pytest.raises(EventStudyError, match="Nix"):
        es.run(**given, date_column="Nix")
    stated = es.run(**given, decimal="comma", date_order="dmy", date_column="Day")
    np.testing.assert_allclose(stated.cars["car"], es.run(**given).cars["car"])


def test_a_series_is_no_benchmark() -> None:
    with pytest.raises(EventStudyError, match="benchmark"):
        es.Design(benchmark=RETURNS["MKT"])


@pytest.mark.parametrize("events", [None, 5, [("A", "2024-05-03")]])
def test_what_is_no_event_list_is_named(events: Any) -> None:
    with pytest.raises(EventStudyError, match="events must be the path of an event list, or a frame"):
        es.read_events(events)


def test_a_lazy_frame_is_an_event_list_without_being_computed_twice() -> None:
    polars = pytest.importorskip("polars")
    lazy = polars.from_pandas(EVENTS.astype({"session": str})).lazy()
    assert es.read_events(lazy).shape[0] == len(EVENTS)
