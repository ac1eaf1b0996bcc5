"""The headline of a study: which firm-days are named, how many are small alone, and what cannot be said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import FloatArray, TextArray
from eventstudy.numerics.arrow import from_arrow, listed, rows_at
from eventstudy.numerics.multiplicity import NAMED
from eventstudy.results.benchmark_verdicts import HOLDS_TREATED
from eventstudy.results.row_groups import Row
from eventstudy.words.formatting import count, pvalue

if TYPE_CHECKING:
    from eventstudy.results.view import ResultView


@dataclass(frozen=True)
class _FirmDays:
    """The firm-events with a t in the first window, and their m firm-days.

    Attributes
    ----------
    event_id, ticker, session
        Of each of the n firm-events, shape (n,).
    day
        Index of the firm-day of each, shape (n,), in order of first appearance.
    first
        Place of the first firm-event of each firm-day, shape (m,).
    pvalue, bh, holm, effective, masked
        Columns of the tables, shape (n,).
    """

    event_id: TextArray
    ticker: TextArray
    session: TextArray
    day: Any
    first: Any
    pvalue: FloatArray
    bh: FloatArray
    holm: FloatArray
    effective: FloatArray
    masked: FloatArray


def headline(view: ResultView) -> dict[str, Any]:
    """Return what is said of the study as a whole, about the first window.

    Returns
    -------
    dict
        ``firm_days``, ``events`` (with a measured firm-day), ``named``, ``events_named``, ``beyond_doubt``
        and ``count`` are integers; ``expected``, ``count_pvalue`` and ``smallest_holm`` floats or None;
        ``named_firm_days`` a list of dictionaries, smallest p-value first, and ``sentences`` a list of
        texts in the language of the view.
    """
    days = _curve_days(view) if view.of_specifications else _firm_days(view)
    counted = _count(view)
    named, doubtless = days.bh[days.first] <= NAMED, days.holm[days.first] <= NAMED
    m, effective = len(days.first), days.effective[days.first][:1]
    known = bool(m and np.isfinite(effective[0]))
    figures: dict[str, Any] = {
        "firm_days": m,
        "events": len(set(days.event_id)),
        "named": int(named.sum()),
        "events_named": len(set(days.event_id[named[days.day]])),
        "beyond_doubt": int(doubtless.sum()),
        "count": int(counted.get("statistic") or 0),
        "expected": counted.get("expected"),
        "count_pvalue": counted.get("pvalue"),
        "smallest_holm": min(m / (1.0 + float(effective[0])), 1.0) if known else None,
        "named_firm_days": _named(days),
    }
    resolution = 1.0 / (1.0 + float(effective[0])) if known else None
    return {**figures, "sentences": list(_sentences(view, figures, resolution, days))}


def _curve_days(view: ResultView) -> _FirmDays:
    """Return the firm-events with a median t in the first window, of a study under many specifications."""
    rows = [
        row
        for row in view.rows("specification_curves")
        if view.is_first(row) and row["median_statistic"] is not None
    ]

    def texts(name: str) -> TextArray:
        return np.array([*(row[name] for row in rows), None], dtype=object)[:-1]

    return _days_of(texts, lambda name: texts(name).astype(float), np.zeros(len(rows)))


def _firm_days(view: ResultView) -> _FirmDays:
    events, cars, width = view.tables["events"], view.tables["cars"], len(view.windows)
    measured = np.flatnonzero(np.isfinite(from_arrow(cars["statistic"])[::width]))

    def texts(name: str) -> TextArray:
        return np.array(events[name].to_pylist(), dtype=object)[measured]

    def figures(name: str) -> FloatArray:
        values: FloatArray = from_arrow(cars[name])[::width][measured]
        return values

    return _days_of(texts, figures, np.nan_to_num(from_arrow(events["masked"]))[measured])


def _days_of(
    texts: Callable[[str], TextArray], figures: Callable[[str], FloatArray], masked: FloatArray
) -> _FirmDays:
    """Return the firm-days of n firm-events; two functions give a column of texts, or of figures, by name."""
    ticker, session = texts("ticker"), texts("session")
    number: dict[Any, int] = {}
    day = np.array([number.setdefault(pair, len(number)) for pair in zip(ticker, session, strict=True)])
    return _FirmDays(
        event_id=texts("event_id"),
        ticker=ticker,
        session=session,
        day=day.astype(np.int64),
        first=np.unique(day, return_index=True)[1],
        pvalue=figures("pvalue_study"),
        bh=figures("pvalue_study_bh"),
        holm=figures("pvalue_study_holm"),
        effective=figures("study_n"),
        masked=masked,
    )


def _named(days: _FirmDays) -> list[dict[str, Any]]:
    """Return the named firm-days, each once with all its events."""
    found = {
        int(days.day[at]): {
            "event_ids": [],
            "ticker": days.ticker[at],
            "session": days.session[at],
            "pvalue_study": float(days.pvalue[at]),
            "pvalue_study_bh": float(days.bh[at]),
            "pvalue_study_holm": float(days.holm[at]),
            "beyond_doubt": bool(days.holm[at] <= NAMED),
        }
        for at in days.first
        if days.bh[at] <= NAMED
    }
    for event, day in zip(days.event_id, days.day.tolist(), strict=True):
        if day in found:
            found[day]["event_ids"].append(event)
    return sorted(found.values(), key=lambda row: row["pvalue_study"])


def _count(view: ResultView) -> Row:
    """Return the row of the count in the first window, nothing where there is none."""
    tests = view.tables["tests"]
    rows = rows_at(tests, [at for at, name in enumerate(listed(tests["test"])) if name == "study_count"])
    return next((row for row in rows if view.is_first(row)), {})


def _sentences(
    view: ResultView, figures: Mapping[str, Any], resolution: float | None, days: _FirmDays
) -> Iterator[str]:
    """Yield what was found, then what cannot be said."""
    say, label = view.words.say, view.first_label
    if not figures["firm_days"]:
        yield say("headline.nothing", window=label)
        return
    if resolution is None:
        yield say("headline.no_reference", window=label, firm_days=_many(view, "firm_day", figures))
        return
    if view.of_specifications:
        yield view.words.say("headline.specifications", n=count(len(view.manifest["specifications"])))
    yield _named_sentence(view, figures)
    values = {"n": count(figures["count"]), "expected": _few(figures["expected"])}
    yield say(f"headline.count_{_number(figures['count'])}", **values)
    yield _chance(view, figures["count_pvalue"])
    if figures["named"]:
        yield say(f"headline.doubt_{_number(figures['beyond_doubt'])}", n=count(figures["beyond_doubt"]))
    yield from _limits(view, figures, resolution)
    yield from _left_out(view, days)
    held = dict.fromkeys(row["ticker"] for row in view.rows("findings", HOLDS_TREATED))
    if held:
        yield say("headline.benchmark", names=", ".join(map(str, held)))


def _named_sentence(view: ResultView, figures: Mapping[str, Any]) -> str:
    form = _number(figures["named"])
    if figures["firm_days"] == 1:
        return view.words.say(f"headline.named_{form}_of_one")
    return view.words.say(
        f"headline.named_{form}",
        n=count(figures["named"]),
        firm_days=_many(view, "firm_day", figures),
        events_named=count(figures["events_named"]),
        events=_many(view, "event", figures),
    )


def _chance(view: ResultView, probability: float | None) -> str:
    if probability is None:
        return view.words.say("headline.count_without_p")
    return view.words.say("headline.count_p", p=pvalue(probability))


def _limits(view: ResultView, figures: Mapping[str, Any], resolution: float) -> Iterator[str]:
    """Say what the firm-days are compared with, how small a p-value can be, and what smaller ones take."""
    say, length = view.words.say, view.first.length
    smallest = figures["smallest_holm"]
    if any(row["study_reference"] == "earlier" for row in view.cars(view.first)):
        sessions = view.words.counted("session", round((1 / resolution - 1) * length))
        yield say("headline.earlier", sessions=sessions)
    values = {"p": _few(resolution), "holm": _few(smallest)}
    if smallest <= NAMED:
        yield say("headline.resolution", **values)
        return
    yield say("headline.no_doubt", **values)
    if view.of_specifications:
        return
    needed = round((figures["firm_days"] / NAMED - 1) * length)
    yield say("headline.needed", sessions=view.words.counted("session", needed))


def _left_out(view: ResultView, days: _FirmDays) -> Iterator[str]:
    """Say how many sessions are left out of the estimation windows, and why."""
    masked = days.masked[days.first]
    number = sum(len(each) for each in (view.manifest.get("masked_dates") or {}).values())
    if not masked.any():
        return
    reason = "both" if view.design.get("mask_events") and number else "dates" if number else "events"
    sessions, dates = view.words.counted("session", int(masked.sum())), view.words.counted("date", number)
    yield view.words.say(f"headline.masked_{reason}", sessions=sessions, dates=dates)
    again = view.manifest.get("unmasked")
    if number and again is not None:
        figures = {name: count(value) for name, value in again.items()}
        key = "headline.unmasked" if again else "headline.unmasked_large"
        yield view.words.say(key, dates=dates, **figures)


def _many(view: ResultView, noun: str, figures: Mapping[str, Any]) -> str:
    return view.words.counted(noun, figures[f"{noun}s"])


def _number(number: int) -> str:
    return {0: "none", 1: "one"}.get(number, "many")


def _few(value: float) -> str:
    """Write a number that is not an integer: one decimal from 1 on, two digits below."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
