"""Changes of unit, splits and dividends that the closes do not reflect, and dividends that are missing.

A move alone proves nothing: AMD rose by 52 % on 2016-04-22, close to the ratio 3:2. The rest of the bar
decides. A split that was not applied happens overnight: the open already reflects it, and range and turnover
are ordinary. News that moves a price that far comes with a multiple of the usual turnover (at least 2.2 times
on the 30 largest moves of 28 US series, 2015-2026, except for one day in March 2020).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.prices.source import Finding, Severity
from eventstudy.soundness.bars import TO_SIGMA, Bars, multiple_of_usual, sigma_around

HUNDRED = float(np.log(100.0))  #: pence for pounds, cents for dollars
UNIT_SLACK = 0.1  #: of a log: how far from 100 a change of unit may look on an ordinary day
RATIOS = {
    f"{new}:{old}": float(np.log(new / old))
    for new, old in [(n, 1) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50)]
    + [(5, 4), (4, 3), (3, 2), (5, 2), (7, 2)]
}
TENFOLD = RATIOS["10:1"]  #: from there on closes alone prove a split, where they stay
STAYS = 10  #: sessions before and after a split over which the closes stay at their level ...
NEAR_LEVEL = 0.5  #: ... within that of a log
LEAST_MOVE = 0.17  #: of a log: below the smallest ratio (5:4) by an ordinary day
REACH = 4.0  #: standard deviations that a move may lie off the exact ratio
MOST_SLACK = 0.08  #: of a log: and never farther off than that
LEAST_SLACK = 0.05  #: the same for the open under ratios below 2:1, which news reaches as well
LARGE_SLACK = 0.15  #: the same for the close from 3:1 on, which news hardly ever reaches
CLOSES_SLACK = 0.03  #: the same for the close where nothing but closes is known
WIDE, BUSY = 2.5, 2.0  #: multiples of the usual range and turnover above which a move is news
QUIET_BUSY = 1.3  #: the same for a payout, which may be of any size
LEAST_PAYOUT = 0.02  #: of a log
LARGE_DIVIDEND = 0.2  #: of the close; regular ones never are that large, and special ones move the price
ALMOST_ALL = 0.99
LEAST_DIVIDEND = 1e-4  #: of the close: a smaller dividend is rounding
NEIGHBOURS = 3  #: payments to either side whose distances are the rhythm
UNEVEN = 0.3  #: share of the rhythm by which a distance may differ from it
QUIET_MARKET = 0.015  #: of a log: on a day that the market moved more, a gap needs no payout


def unit_jumps(bars: Bars) -> Iterator[Finding]:
    """Find closes that go up or down a hundredfold or more, for one session or from there on."""
    jumps = np.flatnonzero(np.abs(bars.moves) > HUNDRED - UNIT_SLACK)
    for place in jumps.tolist():
        up = bars.moves[place] > 0
        if place - 1 in jumps and (bars.moves[place - 1] > 0) != up:
            continue  # the way back from a single session
        is_unit = abs(bars.moves[place]) < HUNDRED + UNIT_SLACK
        text = f"the close is {'100 times' if up else 'a hundredth of'} the one before"
        if not is_unit:
            text = f"the close is {bars.close[place] / bars.close[place - 1]:.3g} times the one before"
        alone = place + 1 in jumps and (bars.moves[place + 1] > 0) != up
        text += ", for this session only" if alone else ", and stays there"
        cause = "a change of unit" if is_unit else "no trading makes such a move"
        yield bars.finding(place, "unit-jump", "error", f"{text}: {cause}")


def unapplied_splits(bars: Bars) -> Iterator[Finding]:
    """Find moves by the exact ratio of a split, on an otherwise ordinary day."""
    for place in np.flatnonzero(np.abs(bars.moves) > LEAST_MOVE).tolist():
        found = _split(bars, place)
        if found is not None:
            ratio, severity, why = found
            text = f"the close moves by the ratio of a {ratio} split {why}: closes before it are not adjusted"
            yield bars.finding(place, "unapplied-split", severity, text)


def unapplied_dividends(bars: Bars) -> Iterator[Finding]:
    """Find a large fall overnight on an ordinary day of a quiet market, with no dividend listed.

    It needs opens, volumes and a market. Below about six times the usual gap (some 4 % of a share, 2 % of a
    fund) a missing dividend cannot be distinguished from a fall of the price.
    """
    if bars.market is None or not np.isfinite(bars.gaps).any():
        return
    listed = bars.series.dividend[bars.rows]
    least = max(LEAST_PAYOUT, REACH / 2 * TO_SIGMA * float(np.nanmedian(np.abs(bars.gaps))))
    fell = (bars.gaps < -least) & (bars.moves < -LEAST_PAYOUT) & (listed == 0)
    for place in np.flatnonzero(fell).tolist():
        if not _market_is_quiet(bars, place):
            continue
        gap, usual = bars.gaps[place], sigma_around(bars.gaps, place)
        ordinary = (
            -gap > 1.5 * REACH * usual
            and abs(bars.moves[place] - gap) < REACH / 2 * sigma_around(bars.moves, place)
            and multiple_of_usual(bars.turnover, place) < QUIET_BUSY
            and multiple_of_usual(bars.spans, place) < WIDE / 2
        )
        if ordinary and _split(bars, place) is None and abs(gap + HUNDRED) > UNIT_SLACK:
            text = f"opens {1 - np.exp(gap):.1%} lower on an ordinary day, and no dividend is listed"
            yield bars.finding(place, "unapplied-dividend", "warning", text)


def wrong_dividends(bars: Bars) -> Iterator[Finding]:
    """Find a dividend above a fifth of the close without a fall of the price: it would be all return."""
    before = np.concatenate([bars.close[:1], bars.close[:-1]])
    share = bars.series.dividend[bars.rows] / before
    held = np.log1p(-np.minimum(share, ALMOST_ALL)) / 2  # half of the fall that it makes
    for place in np.flatnonzero((share > LARGE_DIVIDEND) & (bars.moves > held)).tolist():
        text = f"a dividend of {share[place]:.0%} of the close is listed, and the price does not fall by half"
        yield bars.finding(place, "wrong-dividend", "error", text)


def missing_dividends(bars: Bars) -> Iterator[Finding]:
    """Find a gap of two or three times the rhythm in the dividends of a regular payer.

    The finding lies on the session at which the first missing one was due. The newest and the oldest dividend
    cannot be missed: nothing lies behind them.
    """
    series = bars.series
    with np.errstate(invalid="ignore"):
        paid = np.flatnonzero(series.dividend > LEAST_DIVIDEND * series.close)
    gaps: list[int] = np.diff(series.sessions[paid]).astype(np.int64).tolist()
    for place in range(1, len(gaps) - 1):
        near = gaps[max(place - NEIGHBOURS, 0) : place] + gaps[place + 1 : place + 1 + NEIGHBOURS]
        rhythm = sorted(near)[len(near) // 2]
        missing = round(gaps[place] / rhythm) - 1
        regular = len(near) >= NEIGHBOURS and all(abs(gap - rhythm) <= UNEVEN * rhythm for gap in near)
        if missing in (1, 2) and regular and abs(gaps[place] / rhythm - missing - 1) <= UNEVEN:
            due = series.sessions[paid[place]] + np.timedelta64(round(gaps[place] / (missing + 1)), "D")
            at = int(np.searchsorted(bars.sessions, due))
            text = f"a dividend is paid every {rhythm} days, none is listed around this one"
            yield bars.finding(at, "missing-dividend", "warning", text)


def _split(bars: Bars, place: int) -> tuple[str, Severity, str] | None:
    """Return the ratio of a split that a move looks like, how sure that is and why; None for other moves."""
    move = float(bars.moves[place])
    name, size = min(RATIOS.items(), key=lambda ratio: abs(abs(move) - ratio[1]))
    exact, slack = float(np.copysign(size, move)), _slack(bars.moves, place)
    ratio = name if move < 0 else ":".join(reversed(name.split(":")))
    large, small = size > RATIOS["3:1"] - 1e-6, size < RATIOS["2:1"] - 1e-6
    off = abs(move - exact)
    if off > (LARGE_SLACK if large else slack):
        return None
    if bars.series.split is not None:
        shares = float(bars.series.split[bars.rows[place]])
        if shares > 0 and abs(np.log(shares) + exact) < 1e-6:
            return ratio, "error", "that is listed for that day"
    gap, wide = float(bars.gaps[place]), multiple_of_usual(bars.spans, place)
    busy = multiple_of_usual(bars.turnover, place, strict=small)
    early = min(_slack(bars.gaps, place), LEAST_SLACK if small else MOST_SLACK)
    if off > slack or abs(gap - exact) > early or wide > WIDE or busy > BUSY:
        return (ratio, "warning", "or more or less, on a lively day") if large else None
    if np.isfinite([gap, wide, busy]).all():
        severity: Severity = "error" if size > RATIOS["4:3"] + 1e-6 else "warning"
        return ratio, severity, "overnight, on an ordinary day"
    only_closes = not np.isfinite([gap, wide, busy]).any()
    if only_closes and size > TENFOLD - 1e-6 and _stays(bars, place, exact):
        return ratio, "error", "and stays there, as no trading makes it"
    if small or (only_closes and not large and (off > CLOSES_SLACK or not name.endswith(":1"))):
        return None
    return ratio, "warning", "(not contradicted by its open, range and volume, as far as known)"


def _stays(bars: Bars, place: int, exact: float) -> bool:
    """Whether a move leads from the level of the closes before it to that of those after it."""
    earlier, later = bars.close[max(place - STAYS, 0) : place], bars.close[place : place + STAYS]
    level = float(np.log(np.median(later) / np.median(earlier)))
    return abs(level - exact) < NEAR_LEVEL


def _slack(values: object, place: int) -> float:
    usual = sigma_around(np.asarray(values, dtype=np.float64), place)
    return min(REACH * usual, MOST_SLACK) if np.isfinite(usual) else MOST_SLACK


def _market_is_quiet(bars: Bars, place: int) -> bool:
    """Whether the market's close, and its open, are near its previous close."""
    market = bars.market
    if market is None:
        return False
    at = int(np.searchsorted(market.sessions, bars.sessions[place]))
    if not 0 < at < len(market.sessions) or market.sessions[at] != bars.sessions[place]:
        return False
    moved = abs(np.log(market.close[at] / market.close[at - 1]))
    opened = np.nan_to_num(abs(np.log(market.open[at] / market.close[at - 1])))  # 0 where unknown
    return bool(max(moved, opened) < QUIET_MARKET) and bool(np.isfinite(moved))
