"""Wrong arguments of every public function: each is an error of the package that names the argument."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, random_returns

import eventstudy as es
from eventstudy.errors import EventStudyError

PERCENT = 1e-9  #: decimals written as percent and read back
RETURNS = random_returns(np.random.default_rng(3), n=400)
CLOSES = 100 * (1 + RETURNS).cumprod()
EVENTS = event_frame([("one", "A", 300), ("one", "B", 300)], RETURNS.index)
GIVEN = {"events": EVENTS, "returns": RETURNS, "design": es.Design(benchmark="MKT")}
TWICE = pd.concat([RETURNS, RETURNS[["A"]]], axis=1)


class Wrong(NamedTuple):
    """A call that must fail: the argument, which the message names, and a value that is wrong."""

    call: str
    name: str
    value: Any

    def __str__(self) -> str:
        return f"{self.call}-{self.name}-{type(self.value).__name__}-{str(self.value)[:20]}"


def of(call: str, **values: list[Any]) -> list[Wrong]:
    return [Wrong(call, name, value) for name, wrong in values.items() for value in wrong]


NUMBERS = [5, 2.5, True]
STRANGE = [object(), {1, 2}]
DESIGN = of(
    "design",
    model=[5, None, ["market"]],
    benchmark=[
        5,
        2.5,
        True,
        object(),
        [5],
        ["SPY", None],
        {"ticker": 5},
        {"ticker": "SPY", "weights": 5},
        "",
    ],
    benchmarks=[5, None, [5], {"ticker": 5}],
    estimation=["x", 5, (1,), (1, 2, 3), ("a", "b"), (1.5, 2), (True, 5), {"start": -5}, (5, -5), "-11:-260"],
    window=["x", 5, None, (1,), (1, 2, 3), ("a", "b"), {"start": -5}, (5, -5), "1", "a:b", "5:-5"],
    car_windows=[5, None, "x", [5], [(1,)], [("a", "b")], {"a": 1}, [(0, 50)], "0:a"],
    returns=[5, None, "simpel", ["log"]],
    factors=[5, None, [5], [""], [None]],
    min_estimation=["150", True, [150], -1, float("nan")],
    tests=[5, None, [5], [None], [["t"]]],
    by=[5, None, [5], [None]],
    alternative=[5, None, "lesser", ["less"]],
    confidence=["0.95", 95, None, True, [0.95], float("nan"), 1.0],
    placebo_history=["x", -5, None, 2.5, True, [5], float("nan")],
    mask_events=["no", "yes", 1, 0, None, []],
    mask_dates=[5, True, ["results"], {"NVDA": 5}, {"NVDA": ["soon"]}, {"NVDA": None}],
    gaps=[5, None, "lumps"],
    quality=[5, None, "skipp"],
    max_loss=["0.2", 2, -1, None, True, float("nan")],
    seed=["0", -1, 1.5, None, True],
)
RUN = of(
    "run",
    events=[5, None, object(), [1, 2], [EVENTS], {"a": 1}, b"events.csv", (), []],
    prices=[5, None, True, ["NVDA"], object(), RETURNS["A"].to_numpy(), "nowhere", b"p"],
    returns=[
        5,
        True,
        "nowhere.csv",
        [1, 2],
        {"A": 5},
        {},
        RETURNS.to_numpy(),
        TWICE,
        RETURNS["A"].to_numpy(),
    ],
    factors=[5, True, object(), [5], [None], b"f.csv", {}],
    design=[5, "market", {"model": "market"}, True, es.Design, []],
    tickers=[5, True, [5], [None], [["A"]], [""], [], "not a ticker", b"A"],
    benchmark=[5, True, 2.5, [5], object(), b"SPY"],
    known=[5, True, object(), [5], {"a": 1}, b"known.csv"],
    cache=[5, True, object(), ["c"]],
    offline=["no", 1, None, []],
    refresh=["no", 1, None],
    progress=[5, "bar", True],
    values=[5, True, ["percent"], "percents"],
    exchange=[5, True, ["XKRX"], "XKRS"],
)
SIMULATE = of(
    "simulate",
    situation=[5, "small", {"dates": 1}, True],
    events=[5, True, [1], b"e"],
    design=[5, "market", {"model": "market"}],
    tickers=[5, [5]],
    benchmark=[5, [5]],
    progress=[5, "bar"],
)
SITUATION = of(
    "situation",
    firm_events=["5", 2.5, True, None, 0],
    dates=["1", 1.5, True, 0],
    effects=[5, None, "1%", [None], ["a"], []],
    variance=["1", None, True, 0],
    missing=["0", None, 2, True],
    replications=["5", 1.5, None, True, 0],
    securities=["5", 1.5, True],
    sessions=["5", 1.5, True],
    distribution=[5, None, "norm"],
    correlation=["0", None, 2, True],
)
EVENT = of(
    "event",
    id=[5, None, "", True, ["a"]],
    when=[5, None, "soon", True, datetime(2025, 1, 27), ["2025-01-27"]],
    title=[5, ["a"]],
    session=[5, "soon", datetime(2025, 1, 27, tzinfo=UTC), True],
    timing=[5, "lunch", ["pre"], True],
    kind=[5, ["a"], None],
    benchmark=[5, True, object()],
    tickers=[5, None, [5], [None], [["A"]], ["A "], "A "],
    expect=[5, ["up"], "up", {"A": "sideways"}, {"A": 5}],
    confounders=[5, "x", [5]],
    background=["no", 1, None],
    characteristics=[5, "x", [1]],
)
COMPARE = of(
    "compare",
    result=[5, None, "results", {}, EVENTS],
    event=[5, True, ["one"], "two"],
    ticker=[5, True, ["A"], "C"],
    kind=[5, True, ["x"], "x"],
    window=[5, "x", (1,), (1, 2, 3), ("a", "b"), "0:99", True],
    between=[5, True, [5], [None]],
    adjust=[5, None, "holms", ["holm"]],
)
RESULT = [
    *of("load", path=[5, True, [1], object(), b"r", {}]),
    *of("frame", table=[5, None, "car", ["cars"]]),
    *of("chart", name=[5, None, ["forest"]]),
    *of("chart_event", event=[5, ["one"], "two"]),
    *of("view", lang=[5, None, "fr", ["en"]]),
    *of("headline", lang=[5, None, "fr", ["en"]]),
    *of("to_parquet", path=[5, None, True, [1], b"r"]),
    *of("save_figures", folder=[5, None, [1]], format=[5, None, "gif"], lang=[5, "fr"], force=["no", 1]),
    *of("rejections_to_parquet", path=[5, None, [1]], force=["no", 1]),
    *of("benchmark_type", tickers=[5, None, [5], [], [""]], weights=[5, "x"], exclude=[5, "all"]),
]
WRONG = [*DESIGN, *RUN, *SIMULATE, *SITUATION, *EVENT, *COMPARE, *RESULT]


@pytest.fixture(scope="module")
def result() -> es.EventStudyResult:
    return es.run(**GIVEN)


@pytest.fixture(scope="module")
def calls(result: es.EventStudyResult) -> dict[str, Callable[..., Any]]:
    """Return every public function with arguments that are right, but for those given."""
    from eventstudy.simulation.simulating import SYNTHETIC_DESIGN

    small = es.Situation(firm_events=5, replications=2)
    simulated = es.simulate(small, design=SYNTHETIC_DESIGN.replace(tests=["cross_section_t"]))
    return {
        "design": es.Design,
        "run": lambda **given: es.run(**{**GIVEN, **_without_returns(given)}),
        "simulate": lambda **given: es.simulate(**{"situation": small, **GIVEN, **given}),
        "situation": es.Situation,
        "event": lambda **given: es.Event(**{"id": "e", "when": "2025-01-27", **given}),
        "compare": lambda **given: es.compare(**{"result": result, **_about_one(given), **given}),
        "load": es.load,
        "frame": result.frame,
        "chart": result.chart,
        "chart_event": lambda **given: result.chart("forest", **given),
        "view": result.view,
        "headline": result.headline,
        "to_parquet": result.to_parquet,
        "save_figures": lambda **given: result.save_figures(**{"folder": "figures", **given}),
        "rejections_to_parquet": lambda **given: simulated.to_parquet(**{"path": "x.parquet", **given}),
        "benchmark_type": lambda **given: es.Benchmark(**{"tickers": ("SPY",), **given}),
    }


def _without_returns(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with prices in the place of returns, where a source of prices is tried."""
    return {"returns": None, **given} if "prices" in given else given


def _about_one(given: dict[str, Any]) -> dict[str, Any]:
    return {} if {"event", "ticker", "kind"} & set(given) else {"event": "one"}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_argument_is_named(
    wrong: Wrong, calls: dict[str, Callable[..., Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EventStudyError) as raised:
        calls[wrong.call](**{wrong.name: wrong.value})
    message = str(raised.value)
    assert wrong.name.replace("_", " ").rstrip("s") in message.replace("_", " "), message
    assert "\n" not in message
    assert len(message) < 600, message
    assert not list(tmp_path.iterdir())


def test_there_are_hundreds_of_them() -> None:
    assert len(WRONG) > 300


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
