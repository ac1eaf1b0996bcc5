"""Which firm-days are named, how they are marked, and what every output begins with."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from named import with_named
from panels import bundled, random_returns, study

from eventstudy.charts import chart
from eventstudy.charts.cells import cells
from eventstudy.cli.headline_text import headline
from eventstudy.cli.run_text import run_text
from eventstudy.report.sections.answer import answer_section, finding
from eventstudy.report.sections.events import events_section
from eventstudy.results.firm_day import first_interval, mark
from eventstudy.results.first_screen import MOST_NAMED, named_firm_days, none_named
from eventstudy.study_result import EventStudyResult

ORCL, AMD = ("oracle-300b-report", "ORCL"), ("amd-openai-deal", "AMD")
#: Two events of one session: every ticker has one firm-day for both.
ONE_DAY = [(event, "AMD") for event in ("alphabet-q2-2024-call", "openai-5b-loss-report")]


def printed(result: EventStudyResult, width: int = 80) -> str:
    return "\n".join(line.text for line in headline(result.view(), width))


def page(result: EventStudyResult) -> str:
    """Return the finding, the texts of the first section of the report, and the cells of its first table."""
    texts = [finding(result.view())]
    for block in answer_section(result.view()).blocks:
        texts.append(str(getattr(block, "html", getattr(block, "rows", ""))))
    return "\n".join(texts)


@pytest.mark.parametrize(
    ("bh", "holm", "text"),
    [(0.04, 0.2, "*"), (0.05, 0.05, "**"), (0.0501, 0.0501, ""), (None, None, ""), (0.0501, 0.04, "")],
)
def test_a_firm_day_is_marked_by_its_study_p_alone(bh: Any, holm: Any, text: str) -> None:
    assert mark({"pvalue_study_bh": bh, "pvalue_study_holm": holm, "pvalue": 0.0}) == text


def test_the_conformal_interval_comes_first_and_that_of_t_stands_where_there_is_none() -> None:
    both = {"conformal_low": -0.1, "conformal_high": 0.2, "ci_low": -1.0, "ci_high": 1.0}
    assert first_interval(both) == (-0.1, 0.2)
    assert first_interval({**both, "conformal_low": None, "conformal_high": None}) == (-1.0, 1.0)


def test_named_firm_days_come_smallest_p_first_and_once_for_all_their_events() -> None:
    result = with_named({ORCL: 0.001, AMD: 0.02, **dict.fromkeys(ONE_DAY, 0.03)}, {ORCL: 0.04})
    rows = named_firm_days(result.view())
    told = result.headline()["named_firm_days"]
    assert [(row["ticker"], row["session"]) for row in rows] == [
        (row["ticker"], row["session"]) for row in told
    ]
    assert ["**" if row["beyond_doubt"] else "*" for row in told] == [row["mark"] for row in rows]
    assert [(row["ticker"], row["mark"]) for row in rows] == [("ORCL", "**"), ("AMD", "*"), ("AMD", "*")]
    assert rows[2]["event"] == "alphabet-q2-2024-call, openai-5b-loss-report"
    assert [str(row["session"]) for row in rows] == ["2025-09-10", "2025-10-06", "2024-07-24"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_terminal_begins_with_the_headline_and_the_named_firm_days(width: int) -> None:
    result = with_named({ORCL: 0.001, AMD: 0.02}, {ORCL: 0.04})
    view = result.view()
    lines = [line.text for line in run_text(view, [], width)]
    assert " ".join(lines).startswith(view.headline["sentences"][0][:width].rsplit(" ", 1)[0])
    text = printed(result, width)
    rows = [line for line in text.splitlines() if line.startswith(("  ORCL", "  AMD"))]
    assert [row.split()[0] for row in rows] == ["ORCL", "AMD"]
    assert "+35.47%" in rows[0] and "** " in rows[0] and "oracle-300b-report" in rows[0]
    assert "+22.99%" in rows[1] and "* " in rows[1] and "**" not in rows[1]
    assert max(map(len, text.splitlines())) <= width
    assert max(map(len, lines)) <= max(width, 80)


def test_a_study_without_a_named_firm_day_says_so_and_what_was_measured() -> None:
    result = with_named({})
    for text in (" ".join(printed(result).split()), page(result), result._repr_html_()):
        assert re.search(r"None of [\d,]+ firm-days[^.]* is named|no firm-day is named", text), text
    assert "Measured in AR[0]: 115 abnormal returns" in " ".join(printed(result).split())
    largest = chart(result.view(), "strongest").datasets["rows"]
    assert len(largest) == 12 and not any("*" in row["marked"] for row in largest)
    assert not any(row["mark"] for row in cells(result.view(), result.view().first))
    nothing = study(random_returns(np.random.default_rng(1), ("A",), n=400), [("early", "A", 10)])
    assert none_named(nothing.view()) is None
    assert printed(nothing) == f"{nothing.headline()['sentences'][0]}\n"


def test_many_named_firm_days_are_listed_up_to_a_bound_and_the_rest_is_counted() -> None:
    events = dict.fromkeys(bundled().events["event_id"])
    result = with_named({(str(event), "MSFT"): 0.01 for event in events})
    text = printed(result)
    assert sum(line.startswith("  MSFT") for line in text.splitlines()) == MOST_NAMED
    assert f"{22 - MOST_NAMED} more have a pvalue_study_bh of at most 5 %" in " ".join(text.split())
    (ranked,) = (block for block in answer_section(result.view()).blocks if block.kind == "ranked")
    assert len(ranked.rows) == MOST_NAMED
    assert finding(result.view()).startswith("22 of 110 firm-days are named: ")
    assert len(chart(result.view(), "strongest").datasets["rows"]) == 12


def test_every_surface_marks_the_same_firm_days_and_no_other() -> None:
    result = with_named({ORCL: 0.001, AMD: 0.02}, {ORCL: 0.04})
    view = result.view()
    marked = {(*ORCL, "**"), (*AMD, "*")}
    for window in view.windows:  # the frame is that of the first window, whichever is shown
        shown = {(row["event"], row["ticker"], row["mark"]) for row in cells(view, window) if row["mark"]}
        assert shown == marked
    largest = [(row["ticker"], row["mark"]) for row in chart(view, "strongest").datasets["rows"]]
    assert largest[:2] == [("ORCL", "**"), ("AMD", "*")] and not any(mark for _, mark in largest[2:])
    forest = chart(view, "forest", event=ORCL[0]).datasets["rows"]
    assert [row["marked"] for row in forest if "*" in row["marked"]] == ["+35.47% **"]
    lines = [line.text for line in run_text(view, [], 80)]
    start = lines.index("oracle-300b-report  deal")
    (row,) = (line for line in lines[start : start + 12] if line.startswith("  ORCL"))
    assert " **" in row
    events = events_section(view)
    assert events is not None
    cards = [block for block in events.blocks if block.kind == "card"]
    assert [card.name for card in cards if "beyond doubt" in card.told] == [ORCL[0]]
    assert [card.name for card in cards if "Named in" in card.told] == [ORCL[0], AMD[0]]
    chips = {(card.name, panel.ticker): panel.verdict for card in cards for panel in card.panels}
    assert {pair for pair, verdict in chips.items() if verdict != "not_named"} == {ORCL, AMD}
    notebook = result._repr_html_()
    assert notebook.count("<bdi>*</bdi>") == notebook.count("<bdi>**</bdi>") == 1
