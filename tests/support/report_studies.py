"""Studies of every shape for the report: many or few events, many or few tickers, skipped and confounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from panels import random_returns, study

import eventstudy as es
from eventstudy.study_result import EventStudyResult

FIRST = 300  #: session of the first event
MOST_TICKERS = 200  #: of events with a ticker each
MOST_SESSIONS = 2_600
PLANTED = 0.02  #: share of firm-events with an effect
WHAT = ("reports results", "recalls a product", "names a new chief executive", "is sued over patents")


def shaped(events: int, tickers: int = 1, *, each: bool = False) -> EventStudyResult:
    """Return a study of so many events, each of so many tickers, some of them with an effect.

    Parameters
    ----------
    each
        Whether each event has a ticker of its own, up to `MOST_TICKERS` of them.
    """
    rng = np.random.default_rng(5)
    names = [f"T{n}" for n in range(min(events, MOST_TICKERS) if each else tickers)]
    gap = max(1, min(9, (MOST_SESSIONS - FIRST) // events))
    table = random_returns(rng, names, n=min(FIRST + gap * events + 30, MOST_SESSIONS), tails=4.0)
    days = FIRST + (gap * np.arange(events)) % (len(table) - FIRST - 20)
    of = [[names[number % len(names)]] if each else names for number in range(events)]
    rows = [(f"event-{n}", ticker, int(days[n])) for n in range(events) for ticker in of[n]]
    titles = [f"{row[1]} {WHAT[place % len(WHAT)]}" for place, row in enumerate(rows)]
    for place in np.flatnonzero(rng.random(len(rows)) < PLANTED).tolist() or [0]:
        table.iloc[rows[place][2], names.index(rows[place][1])] += 0.2
    return study(table, rows, columns={"title": titles})


def confounded(folder: Path) -> EventStudyResult:
    """Return a study with a title, known news, a stated confounder, overlaps, and skipped firm-events.

    Its benchmark is compared with a basket that holds its own tickers alone, and so with nothing.
    """
    table = random_returns(np.random.default_rng(8), ("A", "B", "C"), tails=4.0)
    table.iloc[330, 0] -= 0.18
    table.iloc[300:303, 2] = np.nan
    day = [str(each.date()) for each in table.index]
    file = folder / "study.yaml"
    file.write_text(
        f"""title: {{en: Three firms and a recall, ko: 세 기업과 리콜}}
design: {{benchmark: MKT, car_windows: [[0, 0], [0, 5]], max_loss: 1.0, benchmarks: [[B, C]]}}
tickers: [A, B, C]
known:
  - {{ticker: A, date: {day[332]}, kind: results, what: A reports its third quarter}}
events:
  - {{id: early, title: Too early for an estimation window, when: {day[20]}}}
  - id: recall
    title: A recalls its product
    when: {day[330]}
    confounders: {{B: [{{date: {day[331]}, reason: B changes its chief executive}}]}}
  - {{id: strike, title: Workers of C strike, when: {day[333]}}}
  - {{id: halt, title: C is halted, when: {day[301]}, tickers: [C]}}
""",
        encoding="utf-8",
    )
    return es.run(file, returns=table)
