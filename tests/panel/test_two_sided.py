"""Estimation windows after the event, and several of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one, random_returns, sessions

import eventstudy as es
from eventstudy.cli.run_text import run_text
from eventstudy.design import LOOK_AHEAD, Window, Windows
from eventstudy.errors import DesignError
from eventstudy.events.own_windows import own_windows, window_problems
from eventstudy.report.sections.methods import methods_section
from eventstudy.words import words

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "methods2"
DIGITS = 1e-9  #: relative, of reference figures with 12 digits on returns with 10
EXACT = 1e-11  #: decimal: two least-squares solvers on the same returns
BOTH = ((-130, -11), (11, 130))
DESIGN = es.Design(
    benchmark="MKT",
    estimation=BOTH,
    window=(-2, 2),
    car_windows=[(0, 0), (-1, 1)],
    mask_events=False,
    placebo_history="estimation",
)
DAY0 = 200


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    return random_returns(np.random.default_rng(11), missing=0.02)


def listed(day0: int = DAY0, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"event_id": ["a"], "ticker": ["A"], "session": [sessions(420)[day0]], **columns})


@pytest.fixture(scope="module")
def measured(returns: pd.DataFrame) -> Any:
    return es.run(listed(), returns=returns, design=DESIGN)


def stacked(returns: pd.DataFrame, *windows: tuple[int, int], day0: int = DAY0) -> Any:
    """Return y and X = [1, market] of the usable sessions of some windows, and their event time."""
    tau = np.concatenate([np.arange(start, end + 1) for start, end in windows])
    tau = tau[day0 + tau < len(returns)]
    y, market = (returns[name].to_numpy()[day0 + tau] for name in ("A", "MKT"))
    used = np.isfinite(y) & np.isfinite(market)
    return y[used], np.column_stack([np.ones(used.sum()), market[used]]), tau[used]


@pytest.mark.skipif(not SHARED.exists(), reason="no reference figures beside the repository")
def test_the_reference_figures() -> None:
    table = pd.read_csv(SHARED / "returns.csv", index_col="date", parse_dates=True)
    design = es.Design(
        benchmark="SPY",
        estimation=[(-130, -11), (11, 30)],
        car_windows=[(0, 0), (-1, 1), (0, 5), (-5, 5)],
        mask_events=False,
        placebo_history="estimation",
    )
    stated = json.loads((SHARED / "models.json").read_text())
    events = pd.DataFrame(
        [(str(at), each["ticker"], each["date"]) for at, each in enumerate(stated)],
        columns=["event_id", "ticker", "session"],
    )
    result = es.run(events.assign(session=pd.to_datetime(events["session"])), returns=table, design=design)
    for at, each in enumerate(stated):
        wanted = each["two_sided_m130_m11_p11_p30"]
        rows = {name: result.frame(name).query(f"event_id == '{at}'") for name in ("cars", "events")}
        rows |= {name: result.frame(name).query(f"event_id == '{at}'") for name in ("coefficients",)}
        paths = result.abnormal_returns.query(f"event_id == '{at}'")
        assert rows["events"]["n_estimation"].item() == wanted["M"]
        np.testing.assert_allclose(rows["events"]["sigma"].item(), wanted["s"], rtol=DIGITS)
        np.testing.assert_allclose(rows["coefficients"]["estimate"], wanted["b"], rtol=DIGITS)
        np.testing.assert_allclose(paths["ar"], wanted["ar"], rtol=DIGITS)
        np.testing.assert_allclose(paths["ar_se"], wanted["ar_se"], rtol=DIGITS)
        for car in wanted["cars"]:
            row = one(rows["cars"], start=car["start"], end=car["end"])
            for column, key in (("car", "car"), ("car_se", "car_se"), ("statistic", "t"), ("pvalue", "p")):
                np.testing.assert_allclose(row[column], car[key], rtol=DIGITS)


def test_the_windows_are_stacked(returns: pd.DataFrame, measured: Any) -> None:
    y, x, _ = stacked(returns, *BOTH)
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    np.testing.assert_allclose(measured.coefficients["estimate"], coefficients, atol=EXACT)
    sigma = np.sqrt(((y - x @ coefficients) ** 2).sum() / (len(y) - 2))
    assert one(measured.events)["sigma"] == pytest.approx(sigma, abs=EXACT)
    assert one(measured.events)["n_estimation"] == len(y)
    missing = one(measured.diagnostics, check="missing_sessions")
    assert missing["value"] == 240 - len(y)


def test_placebos_do_not_straddle_the_join(returns: pd.DataFrame, measured: Any) -> None:
    y, x, tau = stacked(returns, *BOTH)
    placebos = []
    for at in range(len(y) - 2):
        if tau[at + 2] - tau[at] != 2:
            continue
        kept = np.delete(np.arange(len(y)), np.arange(at, at + 3))
        coefficients, *_ = np.linalg.lstsq(x[kept], y[kept], rcond=None)
        placebos.append((y[at : at + 3] - x[at : at + 3] @ coefficients).sum())
    row = one(measured.cars, start=-1, end=1)
    assert row["placebo_n"] == len(placebos)
    beyond = (np.abs(placebos) >= abs(row["car"])).sum()
    assert row["placebo_pvalue"] == pytest.approx((1 + beyond) / (1 + len(placebos)))


def test_conformal_blocks_do_not_straddle_the_join(returns: pd.DataFrame, measured: Any) -> None:
    y, x, tau = stacked(returns, BOTH[0], (-1, 1), BOTH[1])
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    u = y - x @ coefficients
    window = int(np.flatnonzero(tau == -1)[0])
    circle = np.arange(len(u))[:, None] + np.arange(3)
    blocks = [block for block in circle % len(u) if not (tau[block].min() < -10 and tau[block].max() > 10)]
    sums = np.array([abs(u[block].sum()) for block in blocks])
    row = one(measured.cars, start=-1, end=1)
    assert len(blocks) == len(u) - 2
    assert row["conformal_n"] == len(u)
    own = abs(u[window : window + 3].sum())
    assert row["conformal_pvalue"] == pytest.approx((sums >= own * (1 - EXACT)).mean())


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ([(11, 130), (-130, -11)], Windows([Window(-130, -11), Window(11, 130)])),
        ("11:130,-130:-11", Windows([Window(-130, -11), Window(11, 130)])),
        ([(-130, -71), (-70, -11)], Window(-130, -11)),
        ([(-260, -11)], Window(-260, -11)),
        ((11, 130), Window(11, 130)),
        ("none", None),
    ],
)
def test_one_window_or_several_in_any_order(stated: Any, kept: Any) -> None:
    assert es.Design(model="market-adjusted", estimation=stated).estimation == kept


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ([(-130, -11), (-20, -6)], "overlap"),
        ([(-130, -11), (5, 130)], r"\[\+5,\+130\] must end before the event window"),
        ([(-130, -11), (-4,)], "is not a pair"),
        ([], "needs a window"),
    ],
)
def test_windows_that_are_refused(stated: Any, problem: str) -> None:
    with pytest.raises(DesignError, match=problem):
        es.Design(estimation=stated)


def test_the_minimum_is_of_the_sessions_of_all_windows() -> None:
    assert es.Design(estimation=BOTH).required_observations(2) == 144
    assert es.Design(estimation=BOTH).looks_ahead and es.Design(estimation=(11, 130)).looks_ahead
    assert not es.Design().looks_ahead


def test_a_window_after_the_event_alone(returns: pd.DataFrame) -> None:
    design = DESIGN.replace(estimation=(11, 130))
    result = es.run(listed(), returns=returns, design=design)
    y, x, _ = stacked(returns, (11, 130))
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    np.testing.assert_allclose(result.coefficients["estimate"], coefficients, atol=EXACT)
    np.testing.assert_array_equal(result.frame("residuals")["tau"].min(), 11)


def test_look_ahead_is_told(measured: Any) -> None:
    assert measured.manifest["look_ahead"] == LOOK_AHEAD
    assert measured.manifest["design"]["estimation"] == [[-130, -11], [11, 130]]
    assert es.Design(**measured.manifest["design"]).estimation == DESIGN.estimation
    view = measured.view()
    text = "\n".join(line.text for line in run_text(view, [], 100))
    assert LOOK_AHEAD in text and "[-130,-11], [+11,+130]" in text
    assert any(LOOK_AHEAD in str(block) for block in methods_section(view).blocks)
    assert "look-ahead" in words("ko").texts["methods.look_ahead"]


def test_a_window_is_cut_at_the_end_of_the_data(returns: pd.DataFrame) -> None:
    result = es.run(listed(380), returns=returns, design=DESIGN.replace(min_estimation=100))
    y, x, _ = stacked(returns, *BOTH, day0=380)
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    np.testing.assert_allclose(result.coefficients["estimate"], coefficients, atol=EXACT)
    assert one(result.diagnostics, check="missing_sessions")["note"].endswith("by 91 sessions")


def test_too_little_data_say_from_when_they_are_enough() -> None:
    table = random_returns(np.random.default_rng(2))
    design = DESIGN.replace(min_estimation=200, max_loss=1.0)
    reason = one(es.run(listed(380), returns=table, design=design).events)["reason"]
    # 120 before and 29 after are there: the 51st more is session +90 of the event, 51 after the last
    assert "149 of 240" in reason and "it can be run with 51 more sessions" in reason
    dates = pd.bdate_range("2023-01-03", periods=420)
    dated = pd.DataFrame(
        {"event_id": ["a"], "ticker": ["A"], "when": [f"{dates[380]:%Y-%m-%d} 10:00 America/New_York"]}
    )
    nyse = es.run(dated, returns=table.set_index(dates), design=design)
    assert "it can be run from 2024-10-" in one(nyse.events)["reason"]


def test_an_event_in_between_is_masked_and_counted(returns: pd.DataFrame) -> None:
    frame = pd.concat([listed(), listed(DAY0 + 40).assign(event_id="b")])
    result = es.run(frame, returns=returns, design=DESIGN.replace(mask_events=True))
    events = result.events.set_index("event_id")
    assert events.loc["a", "n_overlap_estimation"] == 1 and events.loc["a", "masked"] == 3
    y, x, tau = stacked(returns, *BOTH)
    kept = np.abs(tau - 40) > 1
    coefficients, *_ = np.linalg.lstsq(x[kept], y[kept], rcond=None)
    own = result.coefficients.query("event_id == 'a'")["estimate"]
    np.testing.assert_allclose(own, coefficients, atol=EXACT)


def test_own_event_windows_take_all_estimation_windows(returns: pd.DataFrame, measured: Any) -> None:
    own = es.run(listed(window_start=-1, window_end=1), returns=returns, design=DESIGN)
    pd.testing.assert_frame_equal(own.coefficients, measured.coefficients)
    assert one(own.cars, start=-1, end=1)["car"] == one(measured.cars, start=-1, end=1)["car"]


def test_own_estimation_windows_may_follow_the_event(returns: pd.DataFrame) -> None:
    frame = pd.concat([listed(), listed().assign(event_id="b")])
    frame = frame.assign(estimation_start=[-130, 11], estimation_end=[-11, 130])
    result = es.run(frame, returns=returns, design=DESIGN.replace(estimation=(-130, -11)))
    assert result.manifest["design"]["estimation"] == [[-130, -11], [11, 130]]
    for name, window in (("a", BOTH[0]), ("b", BOTH[1])):
        y, x, _ = stacked(returns, window)
        coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
        own = result.coefficients.query(f"event_id == '{name}'")["estimate"]
        np.testing.assert_allclose(own, coefficients, atol=EXACT)
    some = frame.assign(estimation_start=[-130, None], estimation_end=[-11, None])
    with pytest.raises(DesignError, match="give every row one"):
        own_windows(some, DESIGN)
    inside = frame.assign(window_start=-1, window_end=12)
    assert list(window_problems(inside)) == [1]


def test_earlier_sessions_have_all_their_windows_before_the_event(returns: pd.DataFrame) -> None:
    design = DESIGN.replace(estimation=[(-60, -11), (11, 40)], placebo_history="all")
    row = one(es.run(listed(300), returns=returns.fillna(0.001), design=design).cars, start=0, end=0)
    # session q needs q - 60 to be there and q + 40 before the event window begins
    assert row["history_n"] == (300 - 2 - 40) - 60


def test_the_command_line_and_the_study_file_take_several(tmp_path: Path) -> None:
    from eventstudy.cli.option_values import estimation
    from eventstudy.events.inputs import read_inputs

    assert (
        es.Design(estimation=estimation("-130:-11,11:130")).estimation
        == es.Design(estimation=BOTH).estimation
    )
    text = "design:\n  estimation: {}\ntickers: [A]\nevents:\n  - {{id: a, session: 2024-01-02}}\n"
    for written in ("[[-130, -11], [11, 130]]", "-130:-11, 11:130", "[-130:-11, 11:130]"):
        path = tmp_path / "events.yaml"
        path.write_text(text.format(written))
        assert read_inputs(path).design.estimation == es.Design(estimation=BOTH).estimation
