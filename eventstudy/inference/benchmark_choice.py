"""CARs against other benchmarks: whether sign and significance depend on the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.design import OTHER_TICKERS, Benchmark
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models.estimation import Estimates, Specification, estimate
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.panel.holdings import known_weights
from eventstudy.panel.screening import screen_firm_events
from eventstudy.prices.source import Finding
from eventstudy.significance.forecast_error import forecast_t

MOST_TICKERS = 12  #: tickers of an event that is compared
MOST_FIRM_EVENTS = 2_000  #: firm-events of a study that is compared
BASKET = range(3, 51)  #: tickers of a study of which a basket is made, those of the event left out


def compare_benchmarks(
    spec: Specification, estimates: Estimates, findings: Iterable[Finding], failures: Mapping[str, str]
) -> Columns:
    """Measure every event against each benchmark that is known.

    They are the benchmark given; an index whose weights are known without the security, and without the
    event's tickers; the design's further benchmarks; and the study's tickers outside the event. Events of
    more than `MOST_TICKERS` tickers, and studies of more than `MOST_FIRM_EVENTS` firm-events, are left out.

    Parameters
    ----------
    findings
        In the prices, those of the further benchmarks included.
    failures
        Why the prices of a ticker are missing.

    Returns
    -------
    Columns
        Of the table ``benchmarks``, with ``firm_event`` in place of its labels; empty where nothing is left.
    """
    panel, findings = spec.panel, list(findings)
    if not spec.model.requires.benchmark or len(panel) > MOST_FIRM_EVENTS:
        return {}
    given = panel.firm_events.benchmark
    rows = np.flatnonzero(_tickers_of_event(panel.firm_events.event_id) <= MOST_TICKERS)
    names = np.array([str(choice) for choice in panel.firm_events.benchmarks], dtype=object)
    own = _taken(estimates, rows)
    parts = [_columns(spec, own, rows, names[given[rows]], given=True)] if rows.size else []
    outside = _outside(panel.firm_events)
    placed: dict[Benchmark, Specification] = {}
    for number, choice in enumerate(panel.firm_events.benchmarks):
        for name, other in _others(choice, spec).items():
            events = rows[(given[rows] == number) & (name != OTHER_TICKERS or outside[rows] >= BASKET.start)]
            if not events.size:
                continue
            if other not in placed:
                against = panel.firm_events.against(other)
                again = Specification.of(against, panel.matrix, spec.model, spec.design, failures)
                placed[other] = replace(again, panel=screen_firm_events(again.panel, spec.design, findings))
            again = placed[other]
            found = estimate(again, None, events, ("placebo",))
            parts.append(_columns(again, found, events, name, given=False))
    table = stacked(parts)
    if not table:
        return {}
    order = np.argsort(table["firm_event"], kind="stable")
    return {name: values[order] for name, values in table.items()}


def _others(given: Benchmark, spec: Specification) -> dict[str, Benchmark]:
    """Return the benchmarks to compare a given one with, by name."""
    further = spec.design.benchmarks
    listed: list[Benchmark] = []
    if (known := known_weights(given, further)) is not None:
        listed += [replace(known, exclude="self"), replace(known, exclude="event")]
    listed += further
    if spec.design.measure != "returns":  # the volume of an index is not that of its members
        listed = [choice for choice in listed if not choice.exclude]
    others = {str(choice): choice for choice in listed if str(choice) != str(given)}
    tickers = spec.panel.firm_events.tickers
    outside = tuple(name for name in tickers if name not in given.tickers)
    if len(outside) in BASKET:
        others[OTHER_TICKERS] = Benchmark(outside)
    return others


def _columns(
    spec: Specification, estimates: Estimates, rows: IntArray, name: str | TextArray, *, given: bool
) -> Columns:
    windows = spec.design.car_windows
    n, width = len(rows), len(windows)
    car, se = estimates.car[:, :width], estimates.car_se[:, :width]
    df, factor = estimates.abnormal.reference([window.length for window in windows])
    statistic, pvalue = forecast_t(car, se, df, spec.design.alternative, factor)

    def each(values: Any) -> Any:
        return np.repeat(values, width)

    return {
        "firm_event": each(rows),
        "benchmark": each(np.broadcast_to(np.asarray(name, dtype=object), n)),
        "given": np.full(n * width, given),
        "start": np.tile([window.start for window in windows], n),
        "end": np.tile([window.end for window in windows], n),
        "car": car.ravel(),
        "car_se": se.ravel(),
        "statistic": statistic.ravel(),
        "pvalue": pvalue.ravel(),
        "placebo_pvalue": estimates.ranks.placebo_pvalue.ravel(),
        "beta": each(_beta(spec, estimates, rows)),
        "n_estimation": each(estimates.abnormal.n),
        "note": each(estimates.reason),
    }


def _beta(spec: Specification, estimates: Estimates, rows: IntArray) -> FloatArray:
    """Return the coefficient of the benchmark in its own session, shape (n,); NaN where there is none."""
    names = np.array([str(choice) for choice in spec.panel.firm_events.benchmarks], dtype=object)
    own = names[spec.panel.firm_events.benchmark[rows], None]
    place = estimates.terms == own
    there = place.any(axis=1)
    return np.where(there, np.where(place, estimates.coefficients, 0.0).sum(axis=1), np.nan)


def _outside(firm_events: FirmEvents) -> IntArray:
    """Return how many of the study's tickers are not treated at each firm-event, shape (N,)."""
    tickers = set(firm_events.tickers)
    return np.array([len(tickers.difference(treated)) for treated in firm_events.treated()])


def _tickers_of_event(event_id: TextArray) -> IntArray:
    """Return the number of firm-events of each firm-event's event, shape (N,)."""
    _, codes, counts = np.unique(event_id.astype(str), return_inverse=True, return_counts=True)
    return np.asarray(counts[codes])


def _taken(estimates: Estimates, rows: IntArray) -> Estimates:
    """Return what the table shows of some firm-events."""
    names = ("terms", "coefficients", "reason", "car", "car_se")
    kept, tail = estimates.abnormal, estimates.abnormal.tail
    abnormal = replace(
        kept,
        df=kept.df[rows],
        n=kept.n[rows],
        sigma=kept.sigma[rows],
        tail=None if tail is None else tail[rows],
    )
    ranks = replace(estimates.ranks, placebo_pvalue=estimates.ranks.placebo_pvalue[rows])
    arrays: dict[str, Any] = {name: getattr(estimates, name)[rows] for name in names}
    return replace(estimates, abnormal=abnormal, ranks=ranks, **arrays)
