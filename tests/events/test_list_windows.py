"""Windows that an event list gives its events, against those of the design."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from eventstudy.design import Design, Window
from eventstudy.errors import DesignError, EventsFileError
from eventstudy.events.inputs import StudyInputs, read_inputs


def listed(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {"event_id": ["a", "b"], "ticker": ["NVDA", "AMD"], "when": ["2025-01-27", "2025-02-26"]} | columns
    )


def windows(inputs: StudyInputs) -> tuple[Window, Window | None]:
    return inputs.design.window, inputs.design.estimation


@pytest.mark.parametrize(
    "columns",
    [
        {"window": "-1:1", "estimation": "-130:-11"},
        {"Event Window": "(-1,1)", "est_window": "[-130, -11]"},
        {"window": "-1..1", "estimation": "-130 to -11"},
        {"window": "\u22121;1", "estimation": "-130;-11"},
        {"win_start": -1, "win_end": 1, "est_start": -130, "est_end": -11},
        {"L1": "-1", "L2": "1", "est_end": -11, "est_length": 120},
        {"window_start": -1.0, "window_end": 1.0, "estimation_start": -130, "estimation_length": 120},
    ],
)
def test_one_window_of_all_events_is_the_design_s(columns: dict[str, Any]) -> None:
    inputs = read_inputs(listed(**columns)).on_own_windows()
    assert windows(inputs) == (Window(-1, 1), Window(-130, -11))
    assert set(inputs.design.car_windows) == {Window(0, 0), Window(-1, 1), Window(0, 1)}
    assert inputs.frame is not None
    names = ["window_start", "window_end", "estimation_start", "estimation_end"]
    assert inputs.frame[names].iloc[1].tolist() == [-1, 1, -130, -11]
    assert inputs.firm_events().characteristics.tolist() == ["", ""]


def test_a_list_without_windows_leaves_the_design(tmp_path: Path) -> None:
    assert read_inputs(listed()).on_own_windows().design == Design()
    (tmp_path / "e.csv").write_text("ticker,date,window\nNVDA,2025-01-27,\nAMD,2025-02-26,\n", "utf-8")
    assert read_inputs(tmp_path / "e.csv").on_own_windows().design == Design()


@pytest.mark.parametrize(
    ("windows_of", "span"),
    [(["-1:1", "-2:2"], (-2, 2)), (["-1:1", None], (-5, 5)), (["-1:1", "0:3"], (-1, 3))],
)
def test_windows_that_differ_are_spanned(windows_of: list[str | None], span: tuple[int, int]) -> None:
    design = read_inputs(listed(window=windows_of)).on_own_windows().design
    assert design.window == span
    assert Window(-1, 1) in design.car_windows


def test_a_window_that_is_stated_and_no_event_has_is_an_error_that_names_both() -> None:
    said = r"window of its own, such as \[-1,\+1\], and \[-3,\+3\] is stated"
    with pytest.raises(DesignError, match=said):
        read_inputs(listed(window="-1:1"), window=(-3, 3), car_windows=[(0, 0)])
    same = read_inputs(listed(window="-1:1"), window=(-1, 1), car_windows=[(0, 0)]).on_own_windows()
    assert same.design.car_windows == (Window(0, 0), Window(-1, 1))
    some = read_inputs(listed(window=["-1:1", None]), window=(-3, 3), car_windows=[(0, 0)])
    assert some.on_own_windows().design.window == Window(-3, 3)


def test_wrong_windows_and_other_mistakes_are_listed_together() -> None:
    wrong = listed(window=["1:-1", "soon"], timing=["lunch", ""], weight=[1, -1])
    with pytest.raises(EventsFileError) as raised:
        read_inputs(wrong)
    problems = "\n".join(raised.value.problems)
    for part in ("row 0: the window window (1, -1) ends", "row 0: unknown timing", "row 1: window: 'soon'"):
        assert part in problems


def test_of_many_mistakes_the_first_are_listed() -> None:
    rows = pd.concat([listed(window="soon")] * 20, ignore_index=True)
    rows["event_id"] = [f"e{row}" for row in range(40)]
    with pytest.raises(EventsFileError) as raised:
        read_inputs(rows)
    assert len(raised.value.problems) == 21
    assert raised.value.problems[-1].endswith("(and 19 further rows)")


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"window": "1:-1"}, r"the window window \(1, -1\) ends before it starts"),
        ({"window": "three"}, "window: 'three' is no window of sessions"),
        ({"win_start": -1}, "win_start: a window is given by two of start, end and length"),
        ({"win_start": -1.5, "win_end": 1}, "win_start: -1.5 is no whole number of sessions"),
        ({"win_start": [-1, None], "win_end": 1}, "has one end only"),
        ({"window": "-1:1", "win_start": -1, "win_end": 1}, "give the window twice"),
    ],
)
def test_what_is_no_window_is_refused(columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(EventsFileError, match=problem):
        read_inputs(listed(**columns))
