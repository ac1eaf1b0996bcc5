"""P-values of a study's firm-days: reference figures, brute force, special cases, size."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import BUNDLED, random_returns, specification

import eventstudy as es
from eventstudy.inference.study_inference import StudyInference, study_inference
from eventstudy.models import model_named
from eventstudy.models.estimation import Specification, estimate
from eventstudy.significance.study_reference import StudyReference
from eventstudy.simulation.situation import Situation
from eventstudy.simulation.synthetic import SyntheticPanel

RTOL = 1e-9  #: the reference figures have twelve digits, from returns of ten
DATES = ("2025-01-27", "2025-09-10", "2025-10-06", "2025-11-18", "2024-07-24")
CASES = ((0, 0), (-1, 1), (-5, 5))
#: Of 300 empty studies a correct rule names something in at most 5 %; more than 26 would be a chance of 1 in
#: 300.
MOST_FALSE = 26


def counted(found: StudyInference, at: int = 0) -> tuple[float, float, float]:
    """Return count, expectation and p-value of a window."""
    result = found.counts[at]
    return float(result.statistic), float(result.expected), float(result.pvalue)


def frame(rows: Any) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["event_id", "ticker", "session"])
    return table.assign(session=pd.to_datetime(table["session"]))


def inferred(returns: pd.DataFrame, events: pd.DataFrame, **design: Any) -> StudyInference:
    spec = placed(returns, events, **design)
    return study_inference(spec, estimate(spec))


def placed(returns: pd.DataFrame, events: pd.DataFrame, **design: Any) -> Specification:
    default = {"benchmark": "MKT", "max_loss": 1.0, "car_windows": ((0, 0),), "mask_events": False}
    asked = es.Design(**default | design)
    return specification(events, design=asked, returns=returns)


@pytest.fixture(scope="module")
def golden(shared: Path) -> dict[str, Any]:
    folder = shared / "golden" / "methods2"
    figures: dict[str, Any] = json.loads((folder / "headline.json").read_text("utf-8"))
    returns = pd.read_csv(folder / "returns.csv", index_col="date", parse_dates=["date"])
    rows = [(date, ticker, date) for date, ticker in product(DATES, BUNDLED)]
    for masked in (False, True):
        design = {"benchmark": "SPY", "mask_events": masked, "car_windows": CASES}
        figures["masked" if masked else "plain"] = inferred(returns, frame(rows), **design)
    return figures


@pytest.mark.parametrize(
    ("window", "masked"), [*((case, False) for case in CASES), ((0, 0), True), ((-1, 1), True)]
)
def test_the_reference_figures_are_met(window: tuple[int, int], masked: bool, golden: dict[str, Any]) -> None:
    expected = golden[f"{window[0]}:{window[1]}" + " masked" * masked]
    found, at = golden["masked" if masked else "plain"], CASES.index(window)
    row = {(own["date"], own["ticker"]): own for own in expected["firm_days"]}
    for place, key in enumerate(product(DATES, BUNDLED)):
        for name, column in (
            ("p_pooled", found.pvalue),
            ("p_bh", found.pvalue_bh),
            ("p_holm", found.pvalue_holm),
            ("p_own_rank", found.own_pvalue),
        ):
            assert column[place, at] == pytest.approx(row[key][name], rel=RTOL), (key, name)
    assert found.firm_days[at] == expected["n_firm_days"]
    assert found.effective[at] == pytest.approx(expected["n_effective"], rel=RTOL)
    assert found.smallest_holm[at] == pytest.approx(expected["smallest_attainable_holm"], rel=RTOL)
    short = window[1] - window[0] < 5
    figures = (expected["count"], expected["expected"], expected["count_p"] if short else np.nan)
    assert counted(found, at) == pytest.approx(figures, rel=RTOL, nan_ok=True)


def refitted(
    y: Any, x: Any, window: tuple[int, int], day0: int, past: tuple[int, int], *, left_out: bool = True
) -> tuple[float, Any]:
    """Return t of a firm-event, and the left-out t of every shift, NaN where incomplete; by refits."""

    def t(fitted: Any, block: Any) -> float:
        if not np.isfinite(y[block]).all():
            return np.nan
        a, b = (
            np.column_stack([np.ones(len(fitted)), x[fitted]]),
            np.column_stack([np.ones(len(block)), x[block]]),
        )
        coefficients, rss, _, _ = np.linalg.lstsq(a, y[fitted], rcond=None)
        s2 = rss[0] / (len(fitted) - 2)
        covariance = np.eye(len(block)) + b @ np.linalg.inv(a.T @ a) @ b.T
        return float((y[block] - b @ coefficients).sum() / np.sqrt(s2 * covariance.sum()))

    rows = day0 + np.arange(past[0], past[1] + 1)
    usable = rows[np.isfinite(y[rows])]
    length = window[1] - window[0] + 1
    blocks = [rows[start : start + length] for start in range(len(rows) - length + 1)]
    others = [t(np.setdiff1d(usable, block), block) for block in blocks] if left_out else []
    return t(usable, day0 + np.arange(window[0], window[1] + 1)), np.array(others)


SIGN = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}
PAST = (-60, -6)
WINDOW = (-1, 1)


@pytest.mark.parametrize("alternative", SIGN)
def test_every_figure_by_brute_force(alternative: str, rng: np.random.Generator) -> None:
    """Two dates overlap and share their shifts, one firm-day is listed twice, some returns are missing."""
    returns = random_returns(rng, ("A", "B", "C"), n=200, tails=3)
    returns.iloc[[50, 95, 120], 0] = np.nan
    returns.iloc[[100, 103, 150], [0, 1, 2]] += -0.3 if alternative == "less" else 0.3
    rows = [
        ("e", "A", 100),
        ("e", "B", 100),
        ("f", "B", 102),
        ("g", "C", 150),
        ("h", "B", 100),
        ("h", "C", 190),
    ]
    listed = frame([(event, ticker, returns.index[day]) for event, ticker, day in rows])
    found = inferred(
        returns,
        listed,
        alternative=alternative,
        car_windows=(WINDOW,),
        window=(-5, 5),
        estimation=PAST,
    )
    days = [row for row in rows if row[0] != "h" or row[1] == "C"]
    figures = [
        refitted(returns[ticker].to_numpy(), returns["MKT"].to_numpy(), WINDOW, day, PAST)
        for _, ticker, day in days
    ]
    t = SIGN[alternative]([own for own, _ in figures])
    reference = [SIGN[alternative](others) for _, others in figures]
    pool = np.concatenate([own[np.isfinite(own)] for own in reference])
    sessions = {
        (ticker, row)
        for _, ticker, day in days
        for row in range(day + PAST[0], day + PAST[1] + 1)
        if np.isfinite(returns[ticker].iloc[row])
    }
    effective = len(sessions) / 3
    pvalue = np.array([(1 + effective * (pool >= own).mean()) / (1 + effective) for own in t])
    assert found.firm_days == len(days)
    assert found.effective == pytest.approx(effective)
    listed_at = [0, 1, 2, 3, 1, 4]
    np.testing.assert_allclose(found.pvalue[:, 0], pvalue[listed_at], rtol=RTOL)

    n = np.array([np.isfinite(own).sum() for own in reference])
    k = (0.05 * (1 + n)).astype(int)
    own_p = np.array([(1 + (z >= own).sum()) / (1 + m) for z, own, m in zip(reference, t, n, strict=True)])
    np.testing.assert_allclose(found.own_pvalue[:, 0], own_p[listed_at], rtol=RTOL)
    count = int((own_p <= 0.05).sum())
    assert count >= 2
    hits = [z >= np.sort(z[np.isfinite(z)])[-least] for z, least in zip(reference, k, strict=True)]
    law = np.ones(1)
    for cluster in ([0, 1, 2], [3], [4]):
        shared = np.isfinite([reference[day] for day in cluster]).all(axis=0)
        counts = np.sum([hits[day][shared] for day in cluster], axis=0)
        law = np.convolve(law, [(counts == number).mean() for number in range(len(cluster) + 1)])
    assert counted(found) == pytest.approx((count, (k / n).sum(), law[count:].sum()), rel=RTOL)


@pytest.mark.parametrize("history", ["all", 40])
@pytest.mark.parametrize("alternative", SIGN)
def test_the_longer_reference_by_brute_force(
    alternative: str, history: str | int, rng: np.random.Generator
) -> None:
    """Every session before the last event window of its ticker, away from listed events, fitted like one."""
    returns = random_returns(rng, ("A", "B"), n=260, tails=3)
    returns.iloc[[120, 150], 0] = np.nan
    returns.iloc[:20, 1] = np.nan  # listed later
    rows = [("e", "A", 130), ("f", "A", 200), ("g", "B", 210), ("h", "A", 200), ("i", "B", 255)]
    listed = frame([(event, ticker, returns.index[day]) for event, ticker, day in rows])
    design = {"window": (-5, 5), "estimation": PAST, "car_windows": (WINDOW,), "alternative": alternative}
    found = inferred(returns, listed, placebo_history=history, **design)
    days = rows[:3]  # the last has no event window
    pool = []
    for ticker in "AB":
        own = [day for _, other, day in days if other == ticker]
        near = [day for _, other, day in rows if other == ticker]
        first = 0 if ticker == "A" else 20
        for day in range(first - PAST[0], max(own) - 5 - 1):
            behind = any(
                day < event - 6 and (history == "all" or day >= event - 6 - history) for event in own
            )
            if behind and not any(day - 2 <= event <= day + 2 for event in near):
                y, x = returns[ticker].to_numpy(), returns["MKT"].to_numpy()
                pool.append(refitted(y, x, WINDOW, day, PAST, left_out=False)[0])
    values = SIGN[alternative](np.array(pool)[np.isfinite(pool)])
    effective = len(values) / 3
    assert found.effective == pytest.approx(effective)
    assert len(values) < len(pool), "no window had a gap"
    for place, (_, ticker, day) in enumerate(days):
        y, x = returns[ticker].to_numpy(), returns["MKT"].to_numpy()
        t = SIGN[alternative](refitted(y, x, WINDOW, day, PAST, left_out=False)[0])
        expected = (1 + effective * (values >= t).mean()) / (1 + effective)
        assert found.pvalue[place, 0] == pytest.approx(expected, rel=RTOL)
    plain = inferred(returns, listed, placebo_history="estimation", **design)
    assert counted(found) == counted(plain), "the count is about the estimation windows"


def test_the_larger_reference_is_taken_by_default(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns = random_returns(rng, ("A",), n=700)
    late, early = (frame([("e", "A", returns.index[day])]) for day in (690, 300))
    assert inferred(returns, late).effective == inferred(returns, late, placebo_history="all").effective
    assert inferred(returns, late).effective == 690 - 5 - 260
    assert inferred(returns, late, placebo_history="estimation").effective == 250
    assert inferred(returns, early).effective == 250
    assert inferred(returns, early, placebo_history="all").effective == 300 - 5 - 260
    monkeypatch.setattr("eventstudy.design.design.MOST_AUTOMATIC", 0)
    assert inferred(returns, late).effective == 250


def test_nothing_is_estimated_for_a_reference_that_cannot_be_larger(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("estimated")

    monkeypatch.setattr("eventstudy.inference.earlier_reference.session_statistics", refuse)
    returns = random_returns(rng, ("A",), n=700)
    assert inferred(returns, frame([("e", "A", returns.index[300])])).effective == 250
    with pytest.raises(AssertionError, match="estimated"):
        inferred(returns, frame([("e", "A", returns.index[690])]))


def test_the_adjustment_is_over_distinct_firm_days(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tails=3)
    rows = [(f"{day}", ticker, returns.index[day]) for day in (300, 350) for ticker in "ABCD"]
    once = inferred(returns, frame(rows))
    twice = inferred(returns, frame([*rows, *((f"again {event}", *rest) for event, *rest in rows[:5])]))
    for name in ("pvalue", "pvalue_bh", "pvalue_holm", "own_pvalue"):
        np.testing.assert_array_equal(getattr(twice, name)[:8], getattr(once, name))
        np.testing.assert_array_equal(getattr(twice, name)[8:], getattr(once, name)[:5])
    for name in ("firm_days", "effective", "smallest_holm"):
        assert getattr(twice, name) == getattr(once, name), name
    assert counted(twice) == counted(once)


def test_the_order_of_the_list_does_not_matter(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tails=3, missing=0.01)
    rows = [(f"{day}", ticker, returns.index[day]) for day in (290, 300, 302, 350) for ticker in "ABCD"]
    order = rng.permutation(len(rows))
    windows = ((0, 0), (-1, 1))
    plain = inferred(returns, frame(rows), car_windows=windows)
    shuffled = inferred(returns, frame([rows[place] for place in order]), car_windows=windows)
    np.testing.assert_allclose(shuffled.pvalue, plain.pvalue[order], rtol=RTOL)
    np.testing.assert_allclose(shuffled.pvalue_holm, plain.pvalue_holm[order], rtol=RTOL)
    for at in (0, 1):
        assert counted(shuffled, at) == pytest.approx(counted(plain, at), rel=RTOL)


def test_one_firm_event_over_one_session_has_its_placebo_rank(rng: np.random.Generator) -> None:
    """Its reference is its own estimation window: the pooled p is nearly the own rank, unadjusted."""
    returns = random_returns(rng, ("A",), tails=3)
    found = inferred(returns, frame([("e", "A", returns.index[300])]))
    assert found.firm_days == 1
    assert found.effective == 250
    assert found.pvalue == pytest.approx(found.own_pvalue)
    assert found.pvalue_holm == found.pvalue_bh == found.pvalue
    unusual = float(found.own_pvalue[0, 0] <= 0.05)
    assert counted(found) == pytest.approx((unusual, 12 / 250, 12 / 250 if unusual else 1.0))


def test_nothing_measured_has_no_figures(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",))
    found = inferred(returns, frame([("e", "A", returns.index[3])]))
    assert found.firm_days == found.effective == 0
    assert np.isnan([found.pvalue, found.pvalue_holm, [found.smallest_holm]]).all()
    assert np.isnan(counted(found)).all()


def test_a_window_longer_than_the_estimation_has_no_reference(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",))
    long = {"estimation": (-50, -11), "window": (0, 45), "car_windows": ((0, 45),)}
    listed = frame([("e", "A", returns.index[300])])
    found = inferred(returns, listed, placebo_history="estimation", **long)
    assert found.firm_days == 1
    assert np.isnan([found.pvalue, found.own_pvalue]).all()
    assert np.isnan(counted(found)).all()
    earlier = inferred(returns, listed, **long)
    assert np.isfinite(earlier.pvalue).all()
    assert np.isnan(counted(earlier)).all()


def test_a_part_of_the_firm_events_is_a_study_of_its_own(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tails=3)
    rows = [(f"{day}", ticker, returns.index[day]) for day in (300, 350) for ticker in "ABCD"]
    spec = placed(returns, frame(rows))
    part = study_inference(spec, estimate(spec), events=np.arange(4, 8))
    alone = inferred(returns, frame(rows[4:]))
    np.testing.assert_allclose(part.pvalue_holm, alone.pvalue_holm, rtol=RTOL)
    assert counted(part) == pytest.approx(counted(alone))


def test_chunks_change_nothing(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    returns = random_returns(rng, tails=3, missing=0.01)
    rows = [(f"{day}", ticker, returns.index[day]) for day in (300, 301, 350) for ticker in "ABCD"]
    design = {"car_windows": ((0, 0), (-1, 1))}
    whole = inferred(returns, frame(rows), **design)
    monkeypatch.setattr("eventstudy.inference.study_inference.CHUNK", 3)
    parts = inferred(returns, frame(rows), **design)
    np.testing.assert_allclose(parts.pvalue_bh, whole.pvalue_bh, rtol=RTOL)
    assert [counted(parts, at) for at in (0, 1)] == [counted(whole, at) for at in (0, 1)]


def test_equal_scores_count_as_at_least() -> None:
    reference = StudyReference.empty(1, np.array([2.0, 2.0, 1.0]), np.zeros(3, dtype=np.int64), 4, 1, 1)
    reference.used[:] = True
    reference.add(np.arange(3), np.array([[2.0, 1.0, 0.0, np.nan]] * 3))
    share = np.array([3, 3, 6]) / 9
    np.testing.assert_allclose(reference.pvalue, (1 + share) / 2)
    np.testing.assert_allclose(reference.own_pvalue, [2 / 4, 2 / 4, 3 / 4])


@pytest.mark.parametrize(("effect", "studies"), [(0.0, 300), (0.5, 30)])
def test_size_and_power(effect: float, studies: int) -> None:
    """Fat-tailed correlated tickers on common dates: empty studies rarely name, a planted effect is named."""
    situation = Situation(
        firm_events=16, dates=4, securities=4, distribution="t4", correlation=0.3, sessions=440
    )
    design = es.Design(car_windows=((0, 0),))
    panel = SyntheticPanel.of(situation, design, model_named("market"))
    spec = panel.prepare(range(studies))
    estimates = estimate(spec)
    estimates.car[::16] += effect
    members = np.arange(studies * 16).reshape(studies, 16)
    found = [study_inference(spec, estimates, events=own) for own in members]
    named = np.array([own.pvalue_bh[:, 0] <= 0.05 for own in found])
    doubted = np.array([own.pvalue_holm[:, 0] <= 0.05 for own in found])
    assert (named | ~doubted).all(), "beyond doubt, yet not named"
    if effect:
        assert named[:, 0].all()
    else:
        assert 0 < named.any(axis=1).sum() <= MOST_FALSE
        assert sum(counted(own)[2] <= 0.05 for own in found) <= MOST_FALSE
