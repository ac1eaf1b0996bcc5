"""The articles' claims about prices, checked with daily prices.

Newspapers quote prices, so closes (and opens, highs, lows) are compared, adjusted for splits and not for
dividends. A claim that daily bars cannot show is *not testable*; the reason says what it would need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray
from eventstudy.events.claim import Claim, ClaimKind
from eventstudy.events.event import Event
from eventstudy.prices.claims.sentences import ROUNDING, Verdict, judge_sentence, later_splits
from eventstudy.prices.source import PriceSeries


@dataclass(frozen=True)
class ClaimVerdict:
    """A row of the table ``claims``.

    ``stated`` is the article's figure, a decimal return, a price or money; None for a direction. ``measured``
    is the same from the prices, None where they give no single value, ``low`` and ``high`` its bounds.
    ``sentence_verdict`` is that of all claims of the event with the same ``sentence``.
    """

    event_id: str
    ticker: str
    kind: ClaimKind
    stated: float | None
    measured: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: str
    card: str
    sentence: str = ""
    sentence_verdict: Verdict | None = None
    sentence_reason: str = ""


@dataclass(frozen=True)
class _Finding:
    verdict: Verdict
    reason: str
    measured: float | None = None
    low: float | None = None
    high: float | None = None


def judge_claims(events: Iterable[Event], series: Mapping[str, PriceSeries]) -> list[ClaimVerdict]:
    """Judge every claim of every event by daily prices, in the order of the events and their claims.

    *Confirmed*: within half a unit of the last digit stated, or the stated direction or bound holds.
    *Consistent*: an intraday figure inside the session's range at that precision, or a range of starting days
    of which some satisfy the claim. *Contradicted*: otherwise. *Not testable*: no such series or session, or
    more than daily bars can show.
    """
    sessions = _common_sessions(series)
    return [
        verdict
        for event in events
        for verdict in _with_sentences(
            event.claims, [_judge(event, claim, series, sessions) for claim in event.claims], series
        )
    ]


def claimed_tickers(events: Iterable[Event]) -> tuple[str, ...]:
    """Return the tickers of the events' claims, in order of first appearance."""
    return tuple(dict.fromkeys(claim.ticker for event in events for claim in event.claims))


def claim_columns(verdicts: Iterable[ClaimVerdict]) -> dict[str, list[Any]]:
    """Return the verdicts as the columns of the table ``claims``; None where there is no value."""
    rows = list(verdicts)
    return {field.name: [getattr(row, field.name) for row in rows] for field in fields(ClaimVerdict)}


def _judge(
    event: Event, claim: Claim, series: Mapping[str, PriceSeries], sessions: DateArray
) -> ClaimVerdict:
    prices = series.get(claim.ticker)
    needs = _NEEDS.get(claim.kind, "")
    if prices is None or not len(prices.sessions):
        obstacle = f"there is no price series of {claim.ticker}"
    else:
        obstacle = _obstacle(claim, prices, sessions)
    if prices is None or obstacle:
        finding = _Finding("not testable", "; ".join(part for part in (needs, obstacle) if part))
    else:
        finding = _JUDGES[claim.kind](claim, prices, _row(prices, claim.on))
        if prices.adjusted_only:
            finding = _Finding(**vars(finding) | {"reason": f"{finding.reason} (dividend-adjusted closes)"})
    return ClaimVerdict(
        event_id=event.id,
        ticker=claim.ticker,
        kind=claim.kind,
        stated=None if claim.kind == "sign" else claim.figure.value,
        card=claim.card,
        **vars(finding),
    )


def _with_sentences(
    claims: Sequence[Claim], rows: Sequence[ClaimVerdict], series: Mapping[str, PriceSeries]
) -> list[ClaimVerdict]:
    """Add the verdict on each sentence to the rows of its claims."""
    told = list(rows)
    for sentence in dict.fromkeys(claim.sentence for claim in claims if claim.sentence):
        at = [place for place, claim in enumerate(claims) if claim.sentence == sentence]
        verdict, reason = judge_sentence(
            [claims[place] for place in at], [rows[place].verdict for place in at], series
        )
        for place in at:
            told[place] = replace(
                rows[place], sentence=sentence, sentence_verdict=verdict, sentence_reason=reason
            )
    return told


def _common_sessions(series: Mapping[str, PriceSeries]) -> DateArray:
    """Return the days that more than half of the series have: a series without one has a gap there."""
    no_days = np.array([], dtype="datetime64[D]")
    every = np.concatenate([no_days, *(prices.sessions for prices in series.values())])
    days, counts = np.unique(every, return_counts=True)
    common: DateArray = days[counts > len(series) / 2]
    return common


def _row(prices: PriceSeries, day: Any) -> int:
    """Return the row of a session, or of the next one."""
    return int(np.searchsorted(prices.sessions, np.datetime64(day, "D")))


def _obstacle(claim: Claim, prices: PriceSeries, sessions: DateArray) -> str:
    """Return why the closes that the claim needs are missing, "" where they are not."""
    first, last = prices.sessions[[0, -1]]
    at, name = _row(prices, claim.on), f"the series of {prices.ticker}"
    start = at - claim.sessions
    if not first <= np.datetime64(claim.on) <= last:
        return f"{name} runs from {first} to {last}, without {claim.on}"
    if prices.sessions[at] != np.datetime64(claim.on):
        return f"{name} has no session {claim.on}"
    if start < 0:
        return f"{name} begins on {first}, not {claim.sessions} sessions before {claim.on}"
    between = sessions[(sessions > prices.sessions[start]) & (sessions < prices.sessions[at])]
    if len(holes := np.setdiff1d(between, prices.sessions[start:at])):
        return f"{name} lacks the session {holes[0]}"
    for row in (start, at):
        if not np.isfinite(prices.close[row]):
            return f"{name} has no close on {prices.sessions[row]}"
    return ""


def _holds(claim: Claim, measured: Any) -> Any:
    """Whether a value, or each of many, is what the article states."""
    if claim.kind == "sign":
        return measured > 0 if claim.stated == "up" else measured < 0
    value, half_unit, _ = claim.figure
    if claim.bound is None:
        return np.abs(measured - value) <= half_unit + ROUNDING
    beyond = (measured - value) * (1 if value >= 0 else -1)  # "over" follows the direction of the figure
    return beyond > ROUNDING if claim.bound == "over" else beyond >= -ROUNDING


def _close_to_close(claim: Claim, prices: PriceSeries, at: int) -> _Finding:
    start = at - claim.sessions
    measured = float(prices.close[at] / prices.close[start] - 1)
    reason = f"{measured:+.2%} from the close of {prices.sessions[start]} to that of {claim.on}"
    return _Finding("confirmed" if _holds(claim, measured) else "contradicted", reason, measured)


def _intraday_high(claim: Claim, prices: PriceSeries, at: int) -> _Finding:
    measured = float(prices.high[at] / prices.close[at - 1] - 1)
    if not np.isfinite(measured):
        return _no_range(prices, at)
    value, _, _ = claim.figure
    reached = measured > value if claim.bound == "over" else measured >= value - ROUNDING
    reason = f"the high of {claim.on} was {measured:+.2%} on the close before"
    return _Finding("confirmed" if reached else "contradicted", reason, measured)


def _intraday(claim: Claim, prices: PriceSeries, at: int) -> _Finding:
    value, half_unit, unit = claim.figure
    if unit == "level":
        base, shift, shown = 1 / later_splits(prices, at), 0.0, ".2f"
    else:
        base, shift, shown = float(prices.close[at - 1]), 1.0, "+.2%"
    low, high = float(prices.low[at] / base - shift), float(prices.high[at] / base - shift)
    if not np.isfinite([low, high]).all():
        return _no_range(prices, at)
    inside = low - half_unit - ROUNDING <= value <= high + half_unit + ROUNDING
    where = "inside" if inside else "outside"
    reason = f"{claim.stated} at {claim.at} lies {where} the session's range, {low:{shown}} to {high:{shown}}"
    return _Finding("consistent" if inside else "contradicted", reason, None, low, high)


def _no_range(prices: PriceSeries, at: int) -> _Finding:
    problem = f"the series of {prices.ticker} has no high and low on {prices.sessions[at]}"
    return _Finding("not testable", problem)


def _premarket(claim: Claim, prices: PriceSeries, at: int) -> _Finding:
    gap = float(prices.open[at] / prices.close[at - 1] - 1)
    if not np.isfinite(gap):
        return _Finding("not testable", _NEEDS["premarket"])
    return _Finding("not testable", f"{_NEEDS['premarket']}; it opened {gap:+.2%} on the close before", gap)


def _since_range(claim: Claim, prices: PriceSeries, at: int) -> _Finding:
    first, last = (np.datetime64(day, "D") for day in claim.since)
    if prices.sessions[0] > first:
        problem = f"the series of {prices.ticker} begins on {prices.sessions[0]}, after {first}"
        return _Finding("not testable", problem)
    starts = (prices.sessions >= first) & (prices.sessions <= last) & np.isfinite(prices.close)
    if not starts.any():
        return _Finding("not testable", f"the series of {prices.ticker} has no close from {first} to {last}")
    moves: FloatArray = prices.close[at] / prices.close[starts] - 1
    satisfied: BoolArray = _holds(claim, moves)
    verdict: Verdict = "confirmed" if satisfied.all() else "consistent" if satisfied.any() else "contradicted"
    share = f"{satisfied.sum()} of the {len(moves)} sessions from {first} to {last} ({satisfied.mean():.0%})"
    return _Finding(verdict, f"true of {share} as the start", None, float(moves.min()), float(moves.max()))


def _market_value(claim: Claim, prices: PriceSeries, at: int) -> _Finding:
    moves = [_move_from(prices, day, at) for day in claim.since]
    return _Finding("not testable", f"{_NEEDS['market_value']}; the close to {claim.on}: {', '.join(moves)}")


def _move_from(prices: PriceSeries, day: Any, at: int) -> str:
    row = _row(prices, day)
    known = prices.sessions[row] == np.datetime64(day) and np.isfinite(prices.close[row])
    return f"{prices.close[at] / prices.close[row] - 1:+.1%} from {day}" if known else f"no close on {day}"


#: what a claim needs beyond daily bars
_NEEDS: Mapping[ClaimKind, str] = {
    "premarket": "needs trades before the open, which daily bars do not hold",
    "market_value": "needs the shares outstanding, and the day it counts from",
}
_JUDGES: Mapping[ClaimKind, Callable[[Claim, PriceSeries, int], _Finding]] = {
    "close_to_close": _close_to_close,
    "sign": _close_to_close,
    "intraday_high": _intraday_high,
    "intraday": _intraday,
    "premarket": _premarket,
    "since_range": _since_range,
    "market_value": _market_value,
}
