"""The firm-days of the first window ranked, as bars on one axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor, log10

from eventstudy.report.section import Block, Figure, Ranked, RankedRow
from eventstudy.results.confounders import is_stated
from eventstudy.results.firm_day import ENDS, first_interval, verdict
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

MOST = 12  #: rows
TICKS = 5  #: about as many
STEPS = (1, 2, 5, 10)  #: of the axis, times a power of ten


def ranked_firm_days(view: ResultView, most: int = MOST) -> list[tuple[Row, Row]]:
    """Return rows of ``events`` and ``cars`` of the first window: smallest p first, a firm-day once.

    By the p-value among all firm-days of the study, then by the size of t, then of the CAR.
    """
    pairs = [
        (event, car)
        for event, car in zip(view.firm_events, view.cars(view.first), strict=True)
        if car["car"] is not None
    ]

    def rank(pair: tuple[Row, Row]) -> tuple[float, float, float]:
        car = pair[1]
        p = 1.0 if car["pvalue_study"] is None else car["pvalue_study"]
        return p, -abs(car["statistic"] or 0.0), -abs(car["car"])

    listed: dict[tuple[str, str], tuple[Row, Row]] = {}
    for event, car in sorted(pairs, key=rank):
        listed.setdefault((event["ticker"], str(event["session"])), (event, car))
        if len(listed) == most:
            break
    return list(listed.values())


def ranked(
    view: ResultView, targets: Mapping[str, str], beside: Figure | None, below: Sequence[Block] = ()
) -> Ranked:
    """Return the ranked firm-days as a block; ``targets`` has the anchor of each event."""
    words, pairs = view.words, ranked_firm_days(view)
    ends = [value for _, car in pairs for value in (car["car"], *first_interval(car)) if value is not None]
    marks = ticks([0.0, *ends])
    caption = "answer.ranked" if len(pairs) > 1 else "answer.ranked_one"
    low, span = marks[0], marks[-1] - marks[0]

    def place(value: float) -> float:
        return round(100 * (value - low) / span, 2)

    return Ranked(
        caption=words.say(caption, n=len(pairs), window=view.first_label, level=view.level),
        key=words.say("answer.key"),
        rows=tuple(_row(view, event, car, targets, place) for event, car in pairs),
        ticks=tuple((place(mark), view.figures.tick(mark)) for mark in marks),
        beside=beside,
        below=tuple(below),
    )


def ticks(values: Sequence[float]) -> list[float]:
    """Return round numbers that span the values, at least two.

    Examples
    --------
    >>> ticks([-0.13, 0.0, 0.37])
    [-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4]
    """
    low, high = min(values), max(values)
    rough = ((high - low) or 0.01) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * each for each in STEPS if power * each >= 0.999 * rough)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * number, 12) for number in range(first, max(last, first + 1) + 1)]


def _row(
    view: ResultView, event: Row, car: Row, targets: Mapping[str, str], place: Callable[[float], float]
) -> RankedRow:
    low, high = first_interval(car)
    return RankedRow(
        ticker=event["ticker"],
        title=event["title"] or event["event_id"],
        target=targets[event["event_id"]],
        day=str(event["session"]),
        value=view.figures.effect(car["car"]),
        interval=view.figures.first_interval(*(car[end] for end in ENDS)),
        side="up" if car["car"] > 0 else "down",
        verdict=verdict(car),
        flagged=is_stated(event),
        dot=place(car["car"]),
        left=None if low is None else place(low),
        width=None if low is None or high is None else round(place(high) - place(low), 2),
    )
