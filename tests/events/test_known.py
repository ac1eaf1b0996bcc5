"""Known news: read from a study, a table or Python, matched to sessions, and flagged where it touches."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventsFileError, UsageError
from eventstudy.events.event import KnownNews
from eventstudy.events.inputs import read_inputs
from eventstudy.events.known import place_known, read_known

STUDY = """
design: {{window: [-2, 2], car_windows: [[0, 0]], mask_dates: {mask}}}
tickers: [NVDA, AMD]
known: {known}
events:
  - {{id: results-of-nvda, session: 2025-02-27, kind: results}}
  - {{id: other, session: 2025-02-27, kind: talk}}
"""
TABLE = """ticker,date,timing,kind,what
NVDA,2025-02-26,post,results,Nvidia's results
NVDA AMD,2025-02-28,,deal,a deal
*,2025-02-25,regular,economy,rates
AMD,2025-02-20,regular,results,too early
"""


def study(folder: Path, known: str, mask: str = "economy") -> Path:
    path = folder / "events.yaml"
    path.write_text(STUDY.format(known=known, mask=mask), "utf-8")
    return path


def flags(path: Path, **given: Any) -> dict[tuple[str, str], str]:
    result = es.run(path, prices="cache/snapshot", **given)
    events = result.events.set_index(["event_id", "ticker"])["confounders"]
    return {pair: "" if pd.isna(words) else words for pair, words in events.items()}


@pytest.fixture
def with_table(tmp_path: Path) -> Path:
    (tmp_path / "known.csv").write_text(TABLE, "utf-8")
    return study(tmp_path, "known.csv")


def test_what_it_touches_is_flagged_but_the_event_that_it_is(with_table: Path) -> None:
    found = flags(with_table)
    rest = ["2025-02-25 rates (tau -2)", "2025-02-28 a deal (tau +1)"]
    own = "2025-02-27 Nvidia's results (tau +0)"
    assert found == {
        ("results-of-nvda", "NVDA"): "; ".join([*rest, "other at tau +0"]),
        ("results-of-nvda", "AMD"): "; ".join([*rest, "other at tau +0"]),
        ("other", "NVDA"): "; ".join([rest[0], own, rest[1], "results-of-nvda at tau +0"]),
        ("other", "AMD"): "; ".join([*rest, "results-of-nvda at tau +0"]),
    }


def test_a_list_a_table_and_a_frame_say_the_same(with_table: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    inline = study(
        tmp_path / "more",
        """
  - {ticker: NVDA, date: 2025-02-26, timing: post, kind: results, what: Nvidia's results}
  - {ticker: [NVDA, AMD], date: 2025-02-28, kind: deal, what: a deal}
  - {ticker: "*", date: 2025-02-25, timing: regular, kind: economy, what: rates}
  - {ticker: AMD, date: 2025-02-20, timing: regular, kind: results, what: too early}""",
    )
    frame = pd.read_csv(tmp_path / "known.csv")
    known = read_inputs(with_table).known
    assert known is not None
    assert read_inputs(inline).known == known == read_known(frame) == read_known(list(known))
    assert read_known(frame.replace({"timing": {"post": "AMC"}})) == known


def test_nothing_given_is_not_nothing_known(with_table: Path, tmp_path: Path) -> None:
    given = es.run(with_table, prices="cache/snapshot").events
    assert given["n_known"].tolist() == [3, 3, 3, 3]
    (tmp_path / "bare").mkdir()
    bare = study(tmp_path / "bare", "[]").read_text().replace("known: []\n", "").replace("economy", "{}")
    path = tmp_path / "bare" / "events.yaml"
    path.write_text(bare)
    assert es.run(path, prices="cache/snapshot").events["n_known"].isna().all()


@pytest.mark.parametrize(
    ("when", "timing", "session"),
    [
        ("2025-02-26", "post", "2025-02-27"),
        ("2025-02-26", "regular", "2025-02-26"),
        ("2025-02-26", None, "2025-02-26"),
        ("2025-01-18", "pre", "2025-01-21"),  # a Saturday before a holiday
        ("2025-02-26 16:20 America/New_York", None, "2025-02-27"),
    ],
)
def test_the_session_is_that_of_an_event_of_the_same_date(
    when: str, timing: str | None, session: str
) -> None:
    from eventstudy.events.moments import read_when

    news = [KnownNews(("NVDA",), read_when(when), "results", "r", timing)]
    placed = place_known(news, ["NVDA"], {"NVDA": "XNYS"})
    event = es.Event(id="e", when=read_when(when), timing=timing, tickers=("NVDA",))  # type: ignore[arg-type]
    own = read_inputs([event]).firm_events().session
    assert str(placed.session[0]) == str(own[0]) == session


def test_news_of_the_market_trades_when_each_exchange_opens() -> None:
    news = [KnownNews((), date(2025, 10, 6), "economy", "rates")]
    placed = place_known(news, ["NVDA", "005930.KS"], {"NVDA": "XNYS", "005930.KS": "XKRX"})
    assert dict(zip(placed.ticker, placed.session.astype(str), strict=True)) == {
        "NVDA": "2025-10-06",
        "005930.KS": "2025-10-10",  # closed for the Harvest Moon Festival
    }
    assert placed.count(np.array(["NVDA", "X"], dtype=object)).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("NVDA,2025-02-30,post,results,x", "known.csv:2: '2025-02-30': there is no day 30"),
        ("N/A,2025-02-26,post,results,x", "known.csv:2: ticker 'N/A' is not one"),
        ("NVDA,2025-02-26,evening,results,x", "known.csv:2: unknown timing 'evening'"),
        ("NVDA,2025-02-26,post,,x", "known.csv:2: known news needs a kind"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "known.csv").write_text(f"ticker,date,timing,kind,what\n{line}\n", "utf-8")
    with pytest.raises(EventsFileError) as caught:
        read_inputs(study(tmp_path, "known.csv"))
    assert says in str(caught.value)


def test_what_is_wrong_in_the_study_has_its_place(tmp_path: Path) -> None:
    for known, mask, says in (
        ("[{ticker: NVDA, date: 2025-02-26, kind: results}]", "{}", ":4:9: what is missing"),
        ("[{ticker: NVDA, date: 2025-02-26, kind: r, what: x, when: 1}]", "{}", "unknown key 'when'"),
        ("[{ticker: NVDA, date: 2025-02-26, kind: r, what: x}]", "results", ":2:62: 'results' is neither"),
        ("missing.csv", "{}", "there is no such file"),
    ):
        with pytest.raises(EventsFileError) as caught:
            read_inputs(study(tmp_path, known, mask))
        assert says in str(caught.value)


def test_a_table_of_dates_is_read_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "masks.csv").write_text("ticker,date\nNVDA,2025-02-03\nNVDA,2025-02-04\nAMD,2025-02-03\n")
    path = study(tmp_path, "[]", "masks.csv")
    design = read_inputs(path).design
    assert design == es.Design(
        window=(-2, 2),
        car_windows=((0, 0),),
        mask_dates={"NVDA": ["2025-02-03", "2025-02-04"], "AMD": ["2025-02-03"]},
    )
    result = es.run(path, prices="cache/snapshot")
    assert result.manifest["masked_dates"] == {"NVDA": ["2025-02-03", "2025-02-04"], "AMD": ["2025-02-03"]}
    assert es.Design(**result.manifest["design"]) == design
    (tmp_path / "masks.csv").write_text("ticker,day\nNVDA,2025-02-03\n")
    with pytest.raises(EventsFileError, match="column 'date' is missing"):
        read_inputs(path)


def test_what_is_no_known_news_is_refused() -> None:
    for known in (7, [("NVDA", "2025-02-26")], pd.DataFrame({"ticker": ["NVDA"]})):
        with pytest.raises((UsageError, EventsFileError)):
            read_inputs([], known=known)
