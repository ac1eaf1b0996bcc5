"""Confounding: other listed events, known news and stated confounders near each event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.masking import news_rows
from eventstudy.panel.panel import Panel
from eventstudy.words.by_language import first_text

MAX_NAMED = 5  #: events named in a sentence before the rest is counted


@dataclass(frozen=True)
class Confounding:
    """What confounds each firm-event; arrays of shape (N,).

    Attributes
    ----------
    in_window, in_estimation
        Number of other listed events of the ticker in the event window and in the estimation window.
    confounded, confounders
        Whether a listed event, known news or a stated confounder falls in the event window, and which.
    n_known
        Known dates of the ticker; NaN where no known news was given.
    """

    in_window: IntArray
    in_estimation: IntArray
    confounded: BoolArray
    confounders: TextArray
    n_known: FloatArray


def find_confounding(panel: Panel, design: Design) -> Confounding:
    """Count the other listed events of each security in the windows of each firm-event and name them.

    A firm-event without a day 0 is neither counted nor confounded by listed events.
    """
    firm_events = panel.firm_events
    placed = ~np.isnat(firm_events.session) & (panel.day0 <= panel.last)
    reach = len(panel.matrix.dates) + 2 * max(map(abs, (*design.window, *design.estimation_window)))
    codes = np.unique(firm_events.ticker.astype(str), return_inverse=True)[1]
    # one sorted key holds every security's day-0 rows, too far apart for a window to reach a neighbour
    key = np.where(placed, codes * 3 * reach + panel.day0, -4 * reach)
    order = np.argsort(key, kind="stable")
    windows = panel.windows(design)
    low, high = _span(key, order, windows.event)
    in_window = np.where(placed, high - low - _holds_day0(windows.event), 0)
    in_estimation = np.zeros(len(firm_events), dtype=np.int64)
    for each in np.moveaxis(windows.estimation, 1, 0):
        first, end = _span(key, order, each)
        in_estimation += end - first - _holds_day0(each)
    words = [_stated(panel, event, Window(*windows.event[event])) for event in range(len(firm_events))]
    for touched, sentence in _known(panel, codes, key, reach, windows.event):
        words[touched].append(sentence)
    stated = np.array([bool(sentences) for sentences in words], dtype=bool)
    for event in np.flatnonzero(in_window > 0):
        near = order[low[event] : high[event]][: MAX_NAMED + 1]
        words[event] += _named(panel, int(event), near[near != event][:MAX_NAMED], int(in_window[event]))
    return Confounding(
        in_window=in_window,
        in_estimation=np.where(placed, in_estimation, 0),
        confounded=stated | (in_window > 0),
        confounders=np.array(["; ".join(sentences) for sentences in words], dtype=object),
        n_known=_number_known(firm_events),
    )


def _known(
    panel: Panel, codes: IntArray, key: IntArray, reach: int, windows: IntArray
) -> Iterator[tuple[int, str]]:
    """Yield each firm-event whose window some known news touches, and the words, in order of time.

    News that *is* the event (its ticker's, on day 0 and of its kind) is left out.
    """
    firm_events, news = panel.firm_events, panel.firm_events.known
    if news is None or not len(news.session):
        return
    code = dict(zip(firm_events.ticker.tolist(), codes.tolist(), strict=True))
    rows, placed = news_rows(news.ticker, news.session, firm_events, panel.matrix)
    at = np.array([code[ticker] for ticker in news.ticker[placed]], dtype=np.int64) * 3 * reach + rows
    order = np.argsort(at, kind="stable")
    at, rows, placed = at[order], rows[order], placed[order]
    low = np.searchsorted(at, key + windows[:, 0], side="left")
    high = np.searchsorted(at, key + windows[:, 1], side="right")
    for event in np.flatnonzero(high > low):
        for near in range(low[event], high[event]):
            item, tau = placed[near], int(rows[near] - panel.day0[event])
            own = tau == 0 and not news.market[item] and news.kind[item] == firm_events.kind[event]
            if not own:
                yield int(event), f"{news.session[item]} {news.what[item]} (tau {tau:+d})"


def _number_known(firm_events: FirmEvents) -> FloatArray:
    if firm_events.known is None:
        return np.full(len(firm_events), np.nan)
    return np.asarray(firm_events.known.count(firm_events.ticker), dtype=float)


def _span(key: IntArray, order: IntArray, windows: IntArray) -> tuple[IntArray, IntArray]:
    ranked = key[order]
    return (
        np.searchsorted(ranked, key + windows[:, 0], side="left"),
        np.searchsorted(ranked, key + windows[:, 1], side="right"),
    )


def _holds_day0(windows: IntArray) -> BoolArray:
    return np.asarray((windows[:, 0] <= 0) & (windows[:, 1] >= 0))


def _stated(panel: Panel, event: int, window: Window) -> list[str]:
    """Return the confounders stated in the event list that fall in the event window."""
    listed = panel.firm_events.confounders[event]
    if not listed:
        return []
    sessions = panel.dates(np.array([event]), window)[0]
    inside = sessions[~np.isnat(sessions)]
    return [
        f"{confounder.date} {first_text(confounder.reason)}"
        for confounder in listed
        if inside.size and inside[0] <= np.datetime64(confounder.date) <= inside[-1]
    ]


def _named(panel: Panel, event: int, others: IntArray, count: int) -> list[str]:
    ids, day0 = panel.firm_events.event_id, panel.day0
    shown = [f"{ids[other]} at tau {day0[other] - day0[event]:+d}" for other in others]
    more = count - len(shown)
    return [*shown, f"and {more} more listed events"] if more > 0 else shown
