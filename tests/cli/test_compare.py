"""Comparisons picked out of a result: the right pairs, the right way round, adjusted over what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import said

import eventstudy as es
from eventstudy.errors import UnknownNameError, UsageError

TICKERS = ("AAA", "BBB", "CCC")
EVENTS = {"first": ("deal", 300), "second": ("deal", 330), "third": ("doubt", 360), "fourth": ("talk", 390)}


def returns(generator: np.random.Generator) -> pd.DataFrame:
    days = pd.bdate_range("2020-01-01", periods=420, name="date")
    values = generator.normal(0, 0.01, (len(days), 4))
    values[:, :3] += values[:, [3]]
    values[330, 0] += 0.08
    return pd.DataFrame(values, index=days, columns=[*TICKERS, "MKT"])


def measured(frame: pd.DataFrame, **design: Any) -> es.EventStudyResult:
    rows = [
        {"event_id": event, "ticker": ticker, "session": frame.index[row], "kind": kind}
        for event, (kind, row) in EVENTS.items()
        for ticker in TICKERS
    ]
    return es.run(
        pd.DataFrame(rows),
        returns=frame,
        design=es.Design(benchmark="MKT", car_windows=((0, 0), (0, 1)), **design),
    )


@pytest.fixture(scope="module")
def result() -> es.EventStudyResult:
    return measured(returns(np.random.default_rng(11)))


def holm_by_hand(pvalues: Sequence[float]) -> list[float]:
    """Adjust as Holm (1979) says: the smallest times n, the next times n - 1, never falling."""
    adjusted = dict.fromkeys(range(len(pvalues)), 0.0)
    highest = 0.0
    for place, at in enumerate(sorted(range(len(pvalues)), key=lambda at: pvalues[at])):
        highest = max(highest, min(1.0, pvalues[at] * (len(pvalues) - place)))
        adjusted[at] = highest
    return list(adjusted.values())


def test_the_tickers_of_an_event(result: es.EventStudyResult) -> None:
    pairs = es.compare(result, event="second", window=(0, 1))
    assert {frozenset(pair) for pair in zip(pairs["a"], pairs["b"], strict=True)} == {
        frozenset(("AAA", "BBB")),
        frozenset(("AAA", "CCC")),
        frozenset(("BBB", "CCC")),
    }
    cars = result.cars.query("event_id == 'second' and start == 0 and end == 1").set_index("ticker")["car"]
    assert pairs["difference"].tolist() == pytest.approx(
        [cars[a] - cars[b] for a, b in zip(pairs["a"], pairs["b"], strict=True)]
    )
    assert pairs["statistic"].abs().is_monotonic_decreasing
    assert pairs["pvalue_holm"].tolist() == pytest.approx(holm_by_hand(pairs["pvalue"].tolist()))


def test_adjustment_is_over_the_pairs_shown(result: es.EventStudyResult) -> None:
    every = es.compare(result, event="second", window=(0, 0))
    two = es.compare(result, event="second", window=(0, 0), between=["AAA", "BBB"])
    assert len(two) == 1
    assert two["pvalue_holm"].tolist() == two["pvalue"].tolist()
    assert (every["pvalue_holm"] >= every["pvalue"]).all()
    assert every["pvalue_holm"].iloc[0] == pytest.approx(3 * every["pvalue"].iloc[0])


def test_benjamini_hochberg_by_hand(result: es.EventStudyResult) -> None:
    pairs = es.compare(result, ticker="AAA", window=(0, 0), adjust="bh")
    assert "pvalue_holm" not in pairs
    ordered = pairs.sort_values("pvalue")
    ranks = np.arange(1, len(ordered) + 1)
    stepped = np.minimum.accumulate((ordered["pvalue"] * len(ordered) / ranks)[::-1])[::-1]
    assert ordered["pvalue_bh"].tolist() == pytest.approx(stepped.tolist())


def test_romano_wolf_is_that_of_the_run(result: es.EventStudyResult) -> None:
    """Over all pairs of the group, also where some are shown: a part of them is still safe."""
    every = es.compare(result, event="second", window=(0, 0), adjust="rw")
    assert "pvalue_holm" not in every
    saved = result.comparisons.query("level == 'event' and key == 'second' and start == 0 and end == 0")
    assert sorted(every["pvalue_rw"]) == sorted(saved["pvalue_rw"])
    assert every["pvalue_rw"].notna().all()
    part = es.compare(result, event="second", window=(0, 0), between=["AAA", "BBB"], adjust="rw")
    row = every[(every["a"] == part["a"][0]) & (every["b"] == part["b"][0])]
    assert part["pvalue_rw"].tolist() == row["pvalue_rw"].tolist()


def test_a_one_sided_pair_turned_round_was_not_drawn() -> None:
    one_sided = measured(returns(np.random.default_rng(11)), alternative="greater")
    there = es.compare(one_sided, a="AAA", b="BBB", window=(0, 0), adjust="rw")
    back = es.compare(one_sided, a="BBB", b="AAA", window=(0, 0), adjust="rw")
    assert there["pvalue_rw"].notna().all()
    assert back["pvalue_rw"].isna().all()


def test_the_events_of_a_ticker(result: es.EventStudyResult) -> None:
    pairs = es.compare(result, ticker="AAA", window=(0, 0))
    assert len(pairs) == 6
    assert "second" in set(pairs.iloc[0][["a", "b"]])  # the one with the jump
    some = es.compare(result, ticker="AAA", window=(0, 0), between=["first", "third"])
    assert some[["a", "b"]].to_numpy().tolist() == [["first", "third"]]


def test_a_kind_against_the_others(result: es.EventStudyResult) -> None:
    pairs = es.compare(result, kind="doubt", window=(0, 0))
    assert pairs["a"].tolist() == ["doubt", "doubt"]
    assert set(pairs["b"]) == {"deal", "talk"}
    one = es.compare(result, kind="doubt", window=(0, 0), between=["deal"])
    assert one[["a", "b"]].to_numpy().tolist() == [["doubt", "deal"]]


def test_a_pair_turned_round_changes_its_sign(result: es.EventStudyResult) -> None:
    there = es.compare(result, a="AAA", b="BBB", window=(0, 1))
    back = es.compare(result, a="BBB", b="AAA", window=(0, 1))
    assert there["level"].tolist() == ["all"] + ["event"] * 4
    assert set(there["a"]) == set(back["b"]) == {"AAA"}
    merged = there.merge(back, on=["level", "key"], suffixes=("", "_back"))
    assert merged["difference"].tolist() == pytest.approx((-merged["difference_back"]).tolist())
    assert merged["pvalue"].tolist() == pytest.approx(merged["pvalue_back"].tolist())
    assert merged["se"].tolist() == merged["se_back"].tolist()


def test_a_one_sided_pvalue_turns_with_its_pair() -> None:
    one_sided = measured(returns(np.random.default_rng(11)), alternative="greater")
    there = es.compare(one_sided, event="second", a="AAA", b="BBB", window=(0, 0))
    back = es.compare(one_sided, event="second", a="BBB", b="AAA", window=(0, 0))
    assert there["pvalue"].iloc[0] < 0.001
    assert back["pvalue"].iloc[0] == pytest.approx(1 - there["pvalue"].iloc[0])


def test_a_pair_of_kinds(result: es.EventStudyResult) -> None:
    pairs = es.compare(result, a="talk", b="deal", window=(0, 0))
    assert pairs[["level", "key", "a", "b"]].to_numpy().tolist() == [["all", "kind", "talk", "deal"]]


def test_without_a_window_all_are_shown_each_its_own_family(result: es.EventStudyResult) -> None:
    pairs = es.compare(result, event="second")
    assert sorted(set(zip(pairs["start"], pairs["end"], strict=True))) == [(0, 0), (0, 1)]
    for window in ((0, 0), (0, 1)):
        own = pairs[(pairs["start"] == window[0]) & (pairs["end"] == window[1])]
        alone = es.compare(result, event="second", window=window)
        assert own["pvalue_holm"].tolist() == alone["pvalue_holm"].tolist()


@pytest.mark.parametrize(
    ("question", "kind", "words"),
    [
        ({}, UsageError, "one event, ticker, kind or column"),
        ({"event": "first", "ticker": "AAA"}, UsageError, "one event, ticker, kind or column"),
        ({"a": "AAA"}, UsageError, "two members"),
        ({"a": "AAA", "b": "AAA"}, UsageError, "needs two tickers"),
        ({"a": "AAA", "b": "BBD"}, UnknownNameError, "did you mean 'BBB'"),
        ({"event": "frist"}, UnknownNameError, "did you mean 'first'"),
        ({"ticker": "AAB"}, UnknownNameError, "AAA, BBB, CCC"),
        ({"kind": "deals"}, UnknownNameError, "did you mean 'deal'"),
        ({"event": "first", "between": ["AAA", "DDD"]}, UnknownNameError, "unknown ticker 'DDD'"),
        ({"ticker": "AAA", "between": ["first", "frist"]}, UnknownNameError, "unknown event 'frist'"),
        ({"kind": "deal", "between": ["deals"]}, UnknownNameError, "unknown kind 'deals'"),
        ({"event": "first", "window": (0, 3)}, UsageError, "--car=0:3"),
        ({"event": "first", "adjust": "bonferroni"}, UnknownNameError, "holm, bh, rw"),
    ],
)
def test_a_wrong_question_says_what_would_be_right(
    result: es.EventStudyResult, question: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        es.compare(result, **question)
    assert words in str(caught.value)


def test_an_event_with_one_ticker_has_no_pairs() -> None:
    frame = returns(np.random.default_rng(2))
    events = pd.DataFrame({"event_id": ["x"], "ticker": ["AAA"], "session": [frame.index[300]]})
    alone = es.run(events, returns=frame, design=es.Design(benchmark="MKT"))
    with pytest.raises(UsageError, match="fewer than two measured tickers"):
        es.compare(alone, event="x")


def test_asking_twice_finds_the_function_twice() -> None:
    import eventstudy.compare_results

    assert es.compare is eventstudy.compare_results.compare
    assert callable(es.compare)


def test_the_command_shows_what_the_function_gives(result: es.EventStudyResult, tmp_path: Path) -> None:
    result.to_parquet(tmp_path / "results")
    pairs = es.compare(result, event="second", window=(0, 1))
    done = said("compare", "--event", "second", "--car=0:1", cwd=tmp_path)
    assert done.code == 0, done.err
    shown = [line.split() for line in done.out.splitlines()[2:]]
    assert [row[-3:] for row in shown] == [[a, "-", b] for a, b in zip(pairs["a"], pairs["b"], strict=True)]
    assert [row[0] for row in shown] == [f"{value:+.2%}" for value in pairs["difference"]]
    document = said("compare", "--event", "second", "--car=0:1", "--json", cwd=tmp_path).document
    assert [pair["pvalue_holm"] for pair in document["pairs"]] == pairs["pvalue_holm"].tolist()
    assert document["pairs"][0]["note"] is None
    drawn = said("compare", "--event", "second", "--car=0:1", "--adjust", "rw", cwd=tmp_path)
    assert "RW p" in drawn.out


def test_many_pairs_are_cut_with_a_word(
    result: es.EventStudyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstudy.cli.compare.MOST_PAIRS", 2)
    result.to_parquet(tmp_path / "results")
    done = said("compare", "--ticker", "AAA", cwd=tmp_path)
    assert "the 2 largest |t| of 6 pairs" in done.out
    assert len(said("compare", "--ticker", "AAA", "--json", cwd=tmp_path).document["pairs"]) == 6
