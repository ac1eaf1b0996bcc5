"""Wrong arguments of every public function and method, and the list of what there is to be wrong about."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from panels import event_frame, random_returns

import eventstudy as es
from eventstudy.simulation.result import SimulationResult

RETURNS = random_returns(np.random.default_rng(3), n=400)
EVENTS = event_frame([("one", "A", 300), ("one", "B", 300)], RETURNS.index)
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
    measure=[5, None, "prices", ["volume"]],
    noise=[5, None, "ar2", True],
    factors=[5, None, [5], [""], [None]],
    peers=[5, None, [5], [""], [None]],
    peer_method=[5, None, "lasso", ["ols"]],
    peer_market=["no", 1, None, []],
    donors=[5, None, [5], [""], [None]],
    garch_dist=[5, None, "cauchy", ["t"]],
    lags=[-1, 21, 1.5, "one", True],
    leads=[-1, 21, 1.5, "one", True],
    min_estimation=["150", True, [150], -1, float("nan")],
    tests=[5, None, [5], [None], [["t"]]],
    by=[5, None, [5], [None]],
    regress=[5, None, [5], "car", ["car ~ size", 5], {"formula": 5}, {"window": (0, 0)}, b"car ~ size"],
    winsorise=["0.01", 0.5, -0.1, None, True, float("nan")],
    weights=[5, True, "", ["size"]],
    prologue=[5, None, [5], [""]],
    prologue_days=["200", 0, 1.5, None, True],
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
    factor_variance=["1", None, True, 0],
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
    evidence=[5, "x", [5], None],
    claims=[5, "x", [5], None],
    line=["x", 1.5, True],
)
COMPARE = of(
    "compare",
    result=[5, None, "results", {}, EVENTS],
    event=[5, True, ["one"], "two"],
    ticker=[5, True, ["A"], "C"],
    kind=[5, True, ["x"], "x"],
    by=[5, True, ["x"], "x"],
    window=[5, "x", (1,), (1, 2, 3), ("a", "b"), "0:99", True],
    a=[5, True, ["A"], "C"],
    b=[5, True, ["A"], "C"],
    between=[5, True, [5], [None]],
    adjust=[5, None, "holms", ["holm"]],
)
REGRESS = of(
    "regress",
    formulas=[5, None, [], [5], "car", "sigma ~ car", "car ~ nosuch", "car ~ lag(sigma)", b"car ~ sigma"],
    window=[5, "x", (1,), "0:99", True],
    estimator=[5, None, "olss", ["ols"]],
    cov=[5, None, "hc2", ["hc1"]],
    cluster=[5, "day", ["session"]],
    winsorise=["0.01", 0.5, -0.1, True],
)
ROBUSTNESS = of(
    "robustness",
    events=[5, True, [1], b"e"],
    models=[5, True, "nosuch", [5]],
    estimations=[5, True, "x", [(1,)]],
    benchmarks=[5, True, [5]],
    return_kinds=[5, True, "percent", [5]],
    stated=[5, True, "x"],
    prices=[5, None, True, ["NVDA"], object(), "nowhere"],
    returns=[5, True, "nowhere.csv", {}],
    factors=[5, True, object(), [5]],
    design=[5, "market", {"model": "market"}],
    tickers=[5, [5]],
    known=[5, True, object(), [5]],
    cache=[5, True, object()],
    offline=["no", 1, None],
    refresh=["no", 1, None],
    progress=[5, "bar"],
    values=[5, True, "percents"],
    exchange=[5, True, "XKRS"],
    closes=[5, True, "rawish"],
    actions=[5, True, object()],
)
LONG_RUN = of(
    "long_run",
    events=[5, None, object(), [1, 2], "nowhere.csv"],
    returns=[5, True, "nowhere.csv", [1, 2], {"A": 5}, {}],
    control=[5, None, "nothing", ["MKT"]],
    months=["36", None, 0, 1.5, True],
    values=[5, True, "percents"],
    alternative=[5, None, "lesser"],
)
SHARES = {
    "workers": ["2", 0, 1.5, None, True],
    "pool": [5, None, "fibres", ["threads"]],
    "executor": [5, "dask", object()],
    "shard": [5, "1/2", (0, 2), (3, 2), (1,), (1.0, 2)],
    "progress": [5, "bar", True],
}
LARGE = [
    *of(
        "run_large",
        events=[5, None, object(), [1, 2], "nowhere.csv"],
        returns=[5, None, object(), [1, 2], "nowhere.csv"],
        out=[5, None, True, [1], b"r"],
        design=[5, "market", {"model": "market"}, es.Design],
        keep=[5, None, [5], ["car"], "car"],
        values=[5, True, "percents"],
        engine=[5, None, "rust"],
        shard_size=["5", 0, 1.5, None, True],
        resume=["no", 1, None],
        **SHARES,
    ),
    *of("merge_large", out=[5, None, True, [1], b"r"], **SHARES),
    *of("load_large", path=[5, True, [1], object(), b"r", {}]),
    *of("large_files", table=[5, None, "car", ["cars"]]),
    *of("large_dataset", table=[5, None, "car", ["cars"]]),
    *of("large_parts", table=[5, None, "car", ["cars"]], columns=[5, [5], ["nosuch"], b"car"]),
    *of("large_table", table=[5, None, "car", ["cars"]], columns=[5, [5], ["nosuch"], b"car"]),
]
RESULT = [
    *of("load", path=[5, True, [1], object(), b"r", {}]),
    *of("frame", table=[5, None, "car", ["cars"]]),
    *of("chart", name=[5, None, ["forest"]], lang=[5, None, "fr", ["en"]]),
    *of("chart_event", event=[5, ["one"], "two"]),
    *of("view", lang=[5, None, "fr", ["en"]]),
    *of("headline", lang=[5, None, "fr", ["en"]]),
    *of("to_parquet", path=[5, None, True, [1], b"r"]),
    *of("save_figures", folder=[5, None, [1]], format=[5, None, "gif"], lang=[5, "fr"], force=["no", 1]),
    *of("rejections_to_parquet", path=[5, None, [1]], force=["no", 1]),
    *of("rejections_to_parquet", inputs=[5, True, [5], object()]),
]
BENCHMARK = of(
    "benchmark_type",
    tickers=[5, None, [5], [], [""]],
    weights=[5, "x", {"A": "much"}, {"A": 2}, {5: 0.1}, [("A", None)], {"A": float("nan")}],
    exclude=[5, "all", None, ["self"]],
    as_of=[5, "soon", True, datetime(2025, 1, 27, tzinfo=UTC)],
    drift=["no", 1, None],
    source=[5, None, ["a"]],
    stocks=[5, None, [5], [None], [""]],
)
WINDOW = of("window_type", start=["x", None, 1.5, True, [1]], end=["x", None, 1.5, True, [1]])
TEXT_AND_DATA = [
    *of("parse", value=[5, None, True, [5], {"ticker": 5}, {"ticker": "SPY", "weights": 5}, object()]),
    *of("replace", model=[5], window=["x"], nothing=[5], confidence=["0.95"]),
    *of("required_observations", k=["x", None, -1, 1.5, True]),
    *of("result_type", tables=[5, None, {"cars": 5}, {"car": EVENTS}, "cars"], manifest=[5, None, "m", [1]]),
]
#: Of `simulate`, the arguments that it shares with `run` and checks at the same door.
SHARED = of(
    "simulate",
    prices=[5, None, True, ["NVDA"], object(), "nowhere"],
    returns=[5, True, "nowhere.csv", {}],
    factors=[5, True, object(), [5]],
    cache=[5, True, object()],
    offline=["no", 1, None],
    refresh=["no", 1, None],
    values=[5, True, "percents"],
    exchange=[5, True, "XKRS"],
)
READING = [
    *of("read_events", events=[5, None, True, object(), [1, 2]]),
    *of(
        "read_prices",
        prices=[5, None, True, object(), [1, 2]],
        closes=[5, True, "rawish", ["raw", 5]],
        actions=[5, True, object(), [5]],
    ),
    *of("required_observations", length=["5", 2.5, -1]),
    *of("frame", library=[5, "pandaz", ["polars"]]),
    *of("run", closes=[5, True, "rawish"], actions=[5, True, object(), [5]]),
    *of("simulate", closes=[5, True, "rawish"], actions=[5, True, object()]),
]
WRONG = [
    *DESIGN,
    *READING,
    *RUN,
    *SIMULATE,
    *SHARED,
    *SITUATION,
    *EVENT,
    *COMPARE,
    *REGRESS,
    *ROBUSTNESS,
    *LONG_RUN,
    *LARGE,
    *RESULT,
    *BENCHMARK,
    *WINDOW,
    *TEXT_AND_DATA,
]

#: How the tests call each public callable, by its name; a name without a dot makes an object.
CALLED = {
    "Benchmark": "benchmark_type",
    "Benchmark.parse": "parse",
    "Design": "design",
    "Design.replace": "replace",
    "Design.required_observations": "required_observations",
    "Event": "event",
    "EventStudyResult": "result_type",
    "EventStudyResult.chart": "chart",
    "EventStudyResult.frame": "frame",
    "EventStudyResult.headline": "headline",
    "EventStudyResult.regress": "regress",
    "EventStudyResult.save_figures": "save_figures",
    "EventStudyResult.to_parquet": "to_parquet",
    "EventStudyResult.view": "view",
    "SimulationResult.to_parquet": "rejections_to_parquet",
    "LargeResult.dataset": "large_dataset",
    "LargeResult.files": "large_files",
    "LargeResult.parts": "large_parts",
    "LargeResult.table": "large_table",
    "Situation": "situation",
    "Window": "window_type",
    "compare": "compare",
    "load": "load",
    "load_large": "load_large",
    "long_run": "long_run",
    "merge_large": "merge_large",
    "read_events": "read_events",
    "robustness": "robustness",
    "read_prices": "read_prices",
    "run": "run",
    "run_large": "run_large",
    "simulate": "simulate",
}
#: What an error calls an argument, where that is not its own name.
SAID = {("parse", "value"): "benchmark"}
#: What users do not call: made by the package, or methods of a tuple.
NOT_CALLED = {
    "Design.seeks_earlier_sessions",
    "LargeResult",
    "SimulationResult",
    "Window.count",
    "Window.index",
}


def surface() -> Iterator[tuple[str, str]]:
    """Yield every public callable with each of its named parameters."""
    public = {name: getattr(es, name) for name in es.__all__} | {"SimulationResult": SimulationResult}
    for name, found in public.items():
        if inspect.isclass(found) and issubclass(found, BaseException):
            continue
        for call, each in {name: found, **_methods(name, found)}.items():
            for parameter in inspect.signature(each).parameters.values():
                if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
                    yield call, parameter.name


def _methods(name: str, found: Any) -> dict[str, Any]:
    listed = inspect.getmembers(found, callable) if inspect.isclass(found) else []
    return {f"{name}.{method}": each for method, each in listed if not method.startswith("_")}
