"""Simulation of placebo events: what is drawn, what is injected, what is counted; and the command."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from commands import said
from panels import event_frame, random_returns, study

import eventstudy as es
from eventstudy.cli.init import write_example
from eventstudy.errors import OutputError, UsageError
from eventstudy.events.inputs import read_inputs
from eventstudy.models import model_named
from eventstudy.models.estimation import Specification
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare
from eventstudy.simulation import SYNTHETIC_DESIGN, SimulationResult, simulating
from eventstudy.simulation.counting import LEVELS, Case, Count, attainable, band, counted
from eventstudy.simulation.draws import EligibleDates, generator
from eventstudy.simulation.own import OwnPanel
from eventstudy.simulation.replications import Replications
from eventstudy.simulation.simulating import simulated_tests
from eventstudy.simulation.situation import DISTRIBUTIONS
from eventstudy.simulation.synthetic import SyntheticPanel

#: The same p-values by another order of sums: rounding of statistics of size one, through a tail probability.
ROUNDING = 1e-9
DESIGN = es.Design(estimation=(-60, -11), window=(-3, 3), car_windows=((0, 0), (-1, 1)))


def synthetic(situation: es.Situation, design: es.Design = DESIGN) -> Specification:
    """Place all replications of a situation on synthetic markets."""
    panel = SyntheticPanel.of(situation, design, model_named(design.model))
    return panel.prepare(range(situation.replications))


def pvalues(spec: Specification, situation: es.Situation, effect: float) -> dict[tuple[str, ...], Any]:
    """Return the p-values of every test that is not resampled, by test, unit, measure and window."""
    replications = Replications.of(spec, situation, systems=situation.dates == 1)
    found: dict[tuple[str, ...], Any] = {}
    for part in replications.tested(simulated_tests(spec.design), effect):
        names = ("test", "unit", "measure", "start", "end")
        for *labels, pvalue in zip(*(part[name] for name in names), part["pvalue"], strict=True):
            found.setdefault(tuple(map(str, labels)), []).append(pvalue)
    return found


def injected_into_returns(spec: Specification, effect: float, variance: float) -> Specification:
    """Return the setting with day-0 returns raised and their abnormal part widened, before any fit."""
    abnormal = Replications.of(spec, es.Situation(firm_events=1), systems=False).abnormal
    panel, values = spec.panel, spec.panel.matrix.values.copy()
    day0 = abnormal.ar[:, -abnormal.window.start]
    values[panel.day0, panel.security] += effect + (np.sqrt(variance) - 1) * day0
    matrix = replace(panel.matrix, values=values, lumped=values)
    return replace(spec, panel=replace(panel, matrix=matrix))


@pytest.mark.parametrize("model", ["mean", "market-adjusted", "market"])
@pytest.mark.parametrize("dates", [None, 1])
def test_what_is_injected_is_what_it_does_to_returns(model: str, dates: int | None) -> None:
    """Every security has one event, so that a return of day 0 is in no other estimation window."""
    situation = es.Situation(firm_events=8, dates=dates, replications=3, variance=2.0, correlation=0.2)
    spec = synthetic(situation, DESIGN.replace(model=model))
    by_hand = pvalues(injected_into_returns(spec, 0.01, 2.0), replace(situation, variance=1.0), effect=0.0)
    simulated = pvalues(spec, situation, effect=0.01)
    assert simulated.keys() == by_hand.keys()
    assert ("joint_f" in {test for test, *_ in simulated}) == (dates == 1)
    for case, values in simulated.items():
        np.testing.assert_allclose(values, by_hand[case], rtol=ROUNDING, atol=ROUNDING, err_msg=str(case))


@pytest.mark.parametrize("dates", [None, 1])
def test_a_replication_is_tested_as_run_tests_it(dates: int | None) -> None:
    situation = es.Situation(firm_events=12, dates=dates, replications=2, missing=0.02)
    spec = synthetic(situation)
    panel, tests = spec.panel, pvalues(spec, situation, effect=0.0)
    mine = np.arange(12, 24)  # the second replication
    index = pd.DatetimeIndex(panel.matrix.dates)
    returns = pd.DataFrame(panel.matrix.values, index=index).rename(columns=str)
    rows = [("one", str(panel.security[event]), int(panel.day0[event])) for event in mine]
    market = str(panel.regressors[mine[0], 0])
    design = {name: getattr(DESIGN, name) for name in ("estimation", "window", "car_windows")}
    ran = study(
        returns, rows, benchmark=market, tests=[t.name for t in simulated_tests(DESIGN)], **design
    ).tests
    ran = ran[ran["level"] == "all"].set_index(["test", "unit", "measure", "start", "end"])["pvalue"]
    asked = {(t, u, m, str(s), str(e)): p for (t, u, m, s, e), p in ran.items()}
    assert asked
    single = {"car_t", "bhar_t", "conformal", "placebo", "sq", "rank_single"}
    single |= {"joint_study"}  # of each event among all events of a study
    for case, values in tests.items():
        if case[0] not in single:
            np.testing.assert_allclose(
                values[1], asked[case], rtol=ROUNDING, atol=ROUNDING, err_msg=str(case)
            )


@cache
def small() -> SimulationResult:
    return es.simulate(es.Situation(firm_events=10, replications=8, effects=(0, 0.01)), design=DESIGN)


def test_numbers_are_those_of_the_seed_however_many_are_worked_on_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulating, "TOGETHER", 4)
    again = es.simulate(small().situation, design=DESIGN)
    assert again.table.equals(small().table)
    other = es.simulate(small().situation, design=DESIGN.replace(seed=1))
    assert not other.table.equals(small().table)


def test_resampled_tests_run_where_they_are_named() -> None:
    assert "wild_bootstrap" not in small().table["test"].to_pylist()
    named = es.simulate(
        es.Situation(firm_events=5, replications=3, effects=(0,)),
        design=DESIGN.replace(tests=("wild_bootstrap",)),
    )
    assert set(named.table["test"].to_pylist()) == {"wild_bootstrap"}


def test_the_table_says_what_it_holds(tmp_path: Path) -> None:
    frame = small().rejections
    assert list(frame["level"].unique()) == list(LEVELS)
    assert set(frame["effect"]) == {0.0, 0.01}
    assert ((frame["low"] <= frame["rate"]) & (frame["rate"] <= frame["high"])).all()
    saved = pq.read_table(small().to_parquet(tmp_path / "sizes.parquet"))
    assert saved.equals(small().table)
    assert saved.schema.field("effect").metadata[b"unit"] == b"decimal"
    assert b'"firm_events": 10' in b"".join(saved.schema.metadata.values())
    assert [file.name for file in tmp_path.iterdir()] == ["sizes.parquet"]
    assert "8 replications of 10 firm-events" in repr(small())


def test_a_table_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        small().to_parquet(tmp_path)
    with pytest.raises(OutputError, match="suffix of another format"):
        small().to_parquet(tmp_path / "sizes.csv")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="could not be written: File exists"):
        small().to_parquet(tmp_path / "file" / "sizes.parquet")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_synthetic_returns_are_those_of_the_situation() -> None:
    situation = es.Situation(firm_events=40, replications=30, sessions=400, correlation=0.3, missing=0.1)
    spec = synthetic(situation)
    values = spec.panel.matrix.values.T.reshape(30, 41, 400)
    missing = np.isnan(values[:, 1:]).mean()
    assert np.isfinite(values[:, 0]).all()
    assert abs(missing - 0.1) < 0.002  # 480,000 returns: four standard deviations
    whole = synthetic(replace(situation, missing=0.0)).panel.matrix.values.T.reshape(30, 41, 400)
    market, returns = whole[:, :1], whole[:, 1:]
    centred = market - market.mean(axis=2, keepdims=True)
    slopes = (centred * returns).sum(axis=2, keepdims=True) / (centred**2).sum(axis=2, keepdims=True)
    assert 0.95 < slopes.mean() < 1.05
    residuals = returns - slopes * market
    correlations = np.array([np.corrcoef(one)[np.triu_indices(40, 1)] for one in residuals])
    assert abs(correlations.mean() - 0.3) < 0.02  # thirty markets, each 0.3 give or take 0.04


@pytest.mark.parametrize(
    ("name", "skewness", "far"), [("normal", 0, 0.0027), ("t3", None, 0.0138), ("skewed", 1, 0.0103)]
)
def test_residuals_have_unit_variance_and_the_tails_of_their_name(
    name: str, skewness: float | None, far: float, rng: np.random.Generator
) -> None:
    """``far`` is the probability of more than three standard deviations, from the distribution itself."""
    drawn = DISTRIBUTIONS[name](rng, (400_000,))
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.var() - 1) < (0.1 if name == "t3" else 0.02)
    assert abs((np.abs(drawn) > 3).mean() - far) < 0.001
    if skewness is not None:
        assert abs((drawn**3).mean() - skewness) < 0.05


def test_own_dates_give_every_security_its_turn() -> None:
    eligible = np.ones((4, 30), dtype=bool)
    eligible[3, 3:] = False
    security, date = EligibleDates(eligible).draw(generator(0, 0), 14, None)
    assert sorted(np.bincount(security)) == [3, 3, 4, 4]
    assert (date[security == 3] < 3).all()
    assert len(set(zip(security.tolist(), date.tolist(), strict=True))) == 14


def test_shared_dates_are_distinct_and_hold_as_many_securities_each() -> None:
    security, date = EligibleDates(np.ones((6, 20), dtype=bool)).draw(generator(0, 1), 10, 4)
    assert sorted(np.unique(date, return_counts=True)[1]) == [2, 2, 3, 3]
    assert len(set(zip(security.tolist(), date.tolist(), strict=True))) == 10


@pytest.mark.parametrize(("n", "dates"), [(13, None), (10, 2), (4, 4)])
def test_more_than_a_panel_holds_is_refused(n: int, dates: int | None) -> None:
    with pytest.raises(UsageError):
        EligibleDates(np.ones((4, 3), dtype=bool)).draw(generator(0, 0), n, dates)


def own(mask_events: bool = False, **situation: Any) -> OwnPanel:
    """Return a panel of four securities over 200 sessions, each with a listed event."""
    returns = random_returns(np.random.default_rng(3), n=200)
    returns.iloc[:90, 3] = np.nan
    events = event_frame([("a", name, 150) for name in "ABCD"], returns.index)
    design = DESIGN.replace(benchmark="MKT", min_estimation=40, mask_events=mask_events)
    return OwnPanel.of(
        es.Situation(**situation), prepare(read_inputs(events, design), DataRequest(returns=returns)).spec
    )


def test_placebo_events_keep_away_from_listed_ones_and_have_their_windows() -> None:
    panel = own(firm_events=20, replications=50)
    spec = panel.prepare(range(50))
    day0, window = spec.panel.day0, DESIGN.window
    assert panel.tickers == ("A", "B", "C", "D")
    assert (np.abs(day0 - 150) > 3).all()
    assert day0.min() >= 60 and day0.max() + window.end <= 199
    late = day0[spec.panel.firm_events.ticker == "D"]
    assert late.min() >= 90 + 40 + 10  # forty returns of its own before the gap of ten sessions
    assert not set(spec.panel.reason) - {""}


def test_clustered_placebo_events_share_a_date_and_no_ticker() -> None:
    spec = own(firm_events=3, dates=1, replications=20).prepare(range(20))
    for day0, security in zip(
        spec.panel.day0.reshape(-1, 3), spec.panel.security.reshape(-1, 3), strict=True
    ):
        assert len(set(day0)) == 1 and len(set(security)) == 3


def test_placebo_events_mask_no_sessions_of_each_other() -> None:
    spec = own(mask_events=True, firm_events=20).prepare(range(50))
    assert not spec.panel.masked(np.arange(len(spec.panel)), DESIGN.estimation).any()


def test_missing_returns_of_an_own_panel_are_the_same_for_every_replication() -> None:
    whole, thinned = own(), own(missing=0.2)
    gone = np.isnan(thinned.spec.panel.matrix.values) & ~np.isnan(whole.spec.panel.matrix.values)
    assert 0.15 < gone[:, :4].mean() < 0.25
    assert not gone[:, 4:].any()
    assert thinned.prepare(range(2)).panel.matrix is thinned.prepare(range(2, 4)).panel.matrix


def test_counts_add_up_and_leave_out_what_could_not_be_computed() -> None:
    part = {
        "test": ["bmp_t"] * 4,
        "unit": ["firm-event"] * 4,
        "measure": ["CAR"] * 4,
        "start": [0, -1, 0, -1],
        "end": [0, 1, 0, 1],
        "pvalue": np.array([0.05, np.nan, 0.2, 0.009]),
        "n": np.array([5, 0, 5, 4]),
    }
    counts: dict[Case, Count] = {}
    counted(counts, [part, part], 0.0)
    one, longer = (counts[Case("bmp_t", "firm-event", "CAR", *w, 0.0)] for w in ((0, 0), (-1, 1)))
    assert (one.n, one.rejected.tolist(), one.units) == (4, [0, 2, 2], 20)
    assert (longer.n, longer.rejected.tolist(), longer.units) == (2, [2, 2, 2], 8)


def test_the_interval_holds_the_level_where_the_rate_is_in_the_band() -> None:
    n = np.full(1001, 1000)
    rate = np.arange(1001) / 1000
    low, high = band(rate, n)
    half = 2.5758293035489004 * np.sqrt(0.05 * 0.95 / 1000)
    np.testing.assert_array_equal((low <= 0.05) & (high >= 0.05), np.abs(rate - 0.05) <= half)


@pytest.mark.parametrize(
    ("distribution", "n", "level", "size"),
    [
        ("binomial", 5, 0.05, 0.0),
        ("binomial", 5, 0.10, 2 / 32),
        ("binomial", 10, 0.05, 2 * (1 + 10) / 1024),
        ("exact", 5, 0.05, 0.0),
        ("exact", 6, 0.05, 2 / 64),
        ("exact", 7, 0.05, 2 * 3 / 128),  # 0, 1, 2 of the 28 ranks: one pattern each
        ("normal", 10, 0.05, np.nan),
        ("binomial", 100, 0.05, 0.0352002002177048),
        ("binomial", 0, 0.05, np.nan),
        ("exact", 51, 0.05, np.nan),
    ],
)
def test_the_attainable_size_is_that_of_the_patterns(
    distribution: str, n: int, level: float, size: float
) -> None:
    assert attainable(distribution, n, level, "two-sided") == pytest.approx(size, nan_ok=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("firm_events", 0),
        ("dates", 51),
        ("replications", 0),
        ("effects", ()),
        ("effects", (1.5,)),
        ("variance", 0.0),
        ("missing", 1.0),
        ("correlation", -0.1),
        ("factor_variance", 0.0),
        ("sessions", 0),
        ("distribution", "cauchy"),
    ],
)
def test_a_situation_that_cannot_be_is_refused(field: str, value: Any) -> None:
    with pytest.raises(UsageError, match=field):
        es.Situation(**{field: value})


def test_an_event_window_without_day_0_has_no_place_for_an_effect() -> None:
    with pytest.raises(UsageError, match="day 0"):
        es.simulate(design=es.Design(window=(1, 5), car_windows=((1, 1),)))


def test_too_few_sessions_for_the_windows_are_refused() -> None:
    with pytest.raises(UsageError, match="need 64"):
        es.simulate(es.Situation(sessions=63), design=DESIGN)
    assert es.simulate(es.Situation(sessions=64, replications=1, firm_events=2), design=DESIGN)


# The command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the example study."""
    path = tmp_path_factory.mktemp("simulate") / "study"
    write_example(path)
    return path


QUICK = ("--replications", "20", "--firm-events", "6", "--effect", "0", "--effect", "1%")


def test_the_command_prints_size_and_power_of_its_own_panel(folder: Path) -> None:
    done = said("simulate", *QUICK, cwd=folder)
    assert done.code == 0, done.err
    assert "20 replications of 6 firm-events on random dates" in done.out
    assert "rejects without an effect" in done.out and "+1.0%" in done.out
    assert "bmp_adj_t" in done.out and "cross_section_t, date means" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.err == ""


def test_the_command_gives_json_and_parquet(tmp_path: Path) -> None:
    words = ("--synthetic", "--clustered", "--variance", "2", "--test", "bmp_t", "--test", "portfolio_t")
    done = said("simulate", *words, *QUICK, "--json", "--out", "rates.parquet", cwd=tmp_path)
    assert done.code == 0, done.err
    document = done.document
    assert document["situation"]["dates"] == 1 and document["situation"]["effects"] == [0.0, 0.01]
    assert {row["test"] for row in document["rejections"]} == {"bmp_t", "portfolio_t"}
    assert pq.read_table(tmp_path / "rates.parquet").num_rows == len(document["rejections"])


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("--firm-events", "0"), 2, "firm_events is 0"),
        (("--synthetic", "--distribution", "t5"), 2, "unknown distribution 't5'"),
        (("--distribution", "t3"), 2, "distribution is of a synthetic panel"),
        (("--synthetic", "--tickers", "A,B"), 2, "tickers is of a study"),
        (("--clustered", "--dates", "3"), 2, "--clustered is one date"),
        (("--effect", "much"), 2, "write 1% or 0.01"),
        (("--test", "bmp"), 2, "did you mean"),
        (("--clustered", "--firm-events", "9"), 2, "securities can have an event"),
        (("--synthetic", "--window", "1:3"), 3, "car_windows"),
        (("absent.yaml",), 3, "absent.yaml"),
    ],
)
def test_wrong_use_of_the_command_is_one_line(
    words: tuple[str, ...], code: int, complaint: str, folder: Path
) -> None:
    done = said("simulate", *words, cwd=folder)
    assert (done.code, done.out) == (code, ""), done.err
    assert complaint in done.err and len(done.err.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_exit_6(folder: Path) -> None:
    done = said("simulate", *QUICK, "--out", "events.yaml/rates.parquet", cwd=folder)
    assert done.code == 6 and len(done.err.splitlines()) == 1


def test_the_standard_design_of_synthetic_markets_has_day_0() -> None:
    assert SYNTHETIC_DESIGN.car_windows == ((0, 0),)
