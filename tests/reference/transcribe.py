"""Compute rows of answers.csv one firm-event at a time: `python tests/reference/transcribe.py`.

Formulas of the papers in loops over NumPy arrays, scipy.stats and statsmodels; nothing of the package is
imported. Rows of the reference program keep their statistics and get the p-value of their distribution.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import statsmodels.api as sm
from scipy import stats

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "answers.csv"
COLUMNS = ("case", "test", "start", "end", "statistic", "pvalue", "n", "key", "event", "source")
PROGRAM, OWN = "reference program", "transcribe.py"
BEFORE, LEAD, LENGTH = 149, 5, 11  #: estimation [-149,-30], event window [-5,+5]
M = 120
#: A group of firm-events by their numbers: all, the eight of one date, twelve of distinct dates.
GROUPS = {"": range(24), "shared": range(8), "staggered": range(8, 20)}
DRAWS, SEED = 1_000, 0
ORDINARY = 200  #: earlier days whose slopes are compared with, and from which a covariance is estimated
Value = tuple[float, float]  #: statistic and p-value


class FirmEvent(NamedTuple):
    """One regression: returns of both windows, residuals, abnormal returns and their covariance."""

    ticker: str
    day0: int
    y: Any
    x: Any
    residuals: Any
    ar: Any
    ret: Any
    normal: Any
    sigma: float
    covariance: Any
    leverage: Any


def columns(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def regression(y: Any, x: Any) -> tuple[Any, Any, float]:
    """Return coefficients, residuals and residual deviation."""
    b = np.linalg.solve(x.T @ x, x.T @ y)
    e = y - x @ b
    return b, e, sqrt(float(e @ e) / (len(y) - x.shape[1]))


def daily_returns() -> tuple[list[str], dict[str, Any]]:
    """Return the dates, and the returns of each security on them."""
    rows = columns("synthetic_prices.csv")
    dates = [row["date"] for row in rows][1:]
    names = [name for name in rows[0] if name != "date"]
    return dates, {
        name: np.array([float(b[name]) / float(a[name]) - 1 for a, b in pairwise(rows)]) for name in names
    }


def firm_events() -> list[FirmEvent]:
    dates, returns = daily_returns()
    found = []
    for event in columns("synthetic_events.csv"):
        day0 = dates.index(event["event_date"])
        past, ahead = slice(day0 - BEFORE, day0 - BEFORE + M), slice(day0 - LEAD, day0 - LEAD + LENGTH)
        own = returns[event["ticker"]]
        x, x_ahead = (
            np.column_stack([np.ones(part.stop - part.start), returns["MKT"][part]]) for part in (past, ahead)
        )
        b, e, s = regression(own[past], x)
        inverse = np.linalg.inv(x.T @ x)
        found.append(
            FirmEvent(
                ticker=event["ticker"],
                day0=day0,
                y=own[past],
                x=x,
                residuals=e,
                ar=own[ahead] - x_ahead @ b,
                ret=own[ahead],
                normal=x_ahead @ b,
                sigma=s,
                covariance=s**2 * (np.eye(LENGTH) + x_ahead @ inverse @ x_ahead.T),
                leverage=x_ahead,
            )
        )
    return found


def inside(start: int, end: int) -> slice:
    return slice(start + LEAD, end + LEAD + 1)


def car(event: FirmEvent, start: int, end: int) -> float:
    return float(sum(event.ar[inside(start, end)]))


def car_se(event: FirmEvent, start: int, end: int) -> float:
    part = inside(start, end)
    return sqrt(float(event.covariance[part, part].sum()))


def scar(event: FirmEvent, start: int, end: int) -> float:
    return car(event, start, end) / car_se(event, start, end)


def bhar(event: FirmEvent, start: int, end: int) -> float:
    part = inside(start, end)
    return float(np.prod(1 + event.ret[part]) - np.prod(1 + event.normal[part]))


def by_t(statistic: float, df: float) -> Value:
    return statistic, float(2 * stats.t.sf(abs(statistic), df))


def rank_among(value: float, others: list[float]) -> float:
    return (1 + sum(other >= value for other in others)) / (1 + len(others))


# --- one firm-event -----------------------------------------------------------------------------------------


def car_t(event: FirmEvent, start: int, end: int) -> Value:
    return by_t(scar(event, start, end), M - 2)


def bhar_t(event: FirmEvent, start: int, end: int) -> Value:
    return by_t(bhar(event, start, end) / (event.sigma * sqrt(end - start + 1)), M - 2)


def placebos(y: Any, x: Any, length: int) -> list[float]:
    """Return the CAR of every window from a refit without it."""
    found = []
    for first in range(len(y) - length + 1):
        block = np.arange(first, first + length)
        b, _, _ = regression(np.delete(y, block), np.delete(x, block, axis=0))
        found.append(float((y - x @ b)[block].sum()))
    return found


def placebo(event: FirmEvent, start: int, end: int) -> Value:
    own = car(event, start, end)
    others = placebos(event.y, event.x, end - start + 1)
    return own, rank_among(abs(own), [abs(other) for other in others])


def sq(event: FirmEvent, start: int, end: int) -> Value:
    own = car(event, start, end)
    others = placebos(event.y, event.x, end - start + 1)
    tails = rank_among(own, others), rank_among(-own, [-other for other in others])
    return own, min(1.0, 2 * min(tails))


def conformal(event: FirmEvent, start: int, end: int) -> Value:
    """Refit on both windows; the residual sum is linear in the effect, so two refits give the estimate."""
    x = np.vstack([event.x, event.leverage[inside(start, end)]])
    length = end - start + 1

    def sums(effect: float) -> list[float]:
        y = np.concatenate([event.y, event.ret[inside(start, end)] - effect / length])
        e = [*regression(y, x)[1]]
        circle = e + e[: length - 1]
        return [float(sum(circle[first : first + length])) for first in range(len(e))]

    without, removed = sums(0.0), sums(1.0)
    own = without[M]
    share = sum(abs(other) >= abs(own) for other in without) / len(without)
    return own / (own - removed[M]), share


def rank_single(event: FirmEvent, start: int, end: int) -> Value:
    """Corrado's ranks of one series; the exact rank-sum p-value is Mann and Whitney's by scipy."""
    series = [*event.residuals, *event.ar]
    rank = stats.rankdata(series)
    t, length = len(series), end - start + 1
    u = rank / (t + 1)
    window = np.arange(M + LEAD + start, M + LEAD + end + 1)
    variance = sum((value - 0.5) ** 2 for value in u) / t
    z = sum(u[window] - 0.5) / sqrt(length * (t - length) / (t - 1) * variance)
    if length == 1:
        middle = (t + 1) / 2
        extreme = sum(abs(other - middle) >= abs(rank[window[0]] - middle) for other in rank)
        return float(z), float(extreme / t)
    rest = np.delete(series, window)
    return float(z), float(stats.mannwhitneyu(np.array(series)[window], rest, method="exact").pvalue)


# --- many firm-events ---------------------------------------------------------------------------------------


def variance_ratio(events: list[FirmEvent], start: int, end: int) -> Value:
    mean, variance = (float(each) for each in stats.f.stats(1, M - 2, moments="mv"))
    excess = sum(scar(event, start, end) ** 2 - mean for event in events)
    z = excess / sqrt(len(events) * variance)
    return z, float(stats.norm.sf(z))


def jackknife(events: list[FirmEvent], start: int, end: int) -> Value:
    values = [scar(event, start, end) for event in events]
    firms = sorted({event.ticker for event in events})
    without = [
        float(np.mean([v for v, event in zip(values, events, strict=True) if event.ticker != firm]))
        for firm in firms
    ]
    f, centre = len(firms), sum(without) / len(without)
    se = sqrt((f - 1) / f * sum((value - centre) ** 2 for value in without))
    return by_t(float(np.mean(values)) / se, f - 1)


def wild_bootstrap(events: list[FirmEvent], start: int, end: int) -> Value:
    """Every sign vector of distinct dates."""
    values = np.array([scar(event, start, end) for event in events])
    d = len(values)
    assert len({event.day0 for event in events}) == d

    def statistic(v: Any) -> float:
        return float(v.sum() / sqrt(d / (d - 1) * float(((v - v.mean()) ** 2).sum())))

    own = statistic(values)
    drawn = [statistic(values * np.array(signs)) for signs in product((-1, 1), repeat=d)]
    return own, sum(abs(each) >= abs(own) - 1e-9 for each in drawn) / len(drawn)


def johnson(values: Any, centre: float) -> float:
    n, mean = len(values), float(np.mean(values))
    sd = sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    if len(set(values)) == 1:
        return float(np.sign(mean - centre)) * float("inf")
    g = sum((value - mean) ** 3 for value in values) / (n * sd**3)
    s = (mean - centre) / sd
    return sqrt(n) * (s + g * s**2 / 3 + g / (6 * n))


def bhar_skew_t(events: list[FirmEvent], start: int, end: int) -> Value:
    """Lyon, Barber & Tsai; the draws of the documented generator, one resample at a time."""
    values = sorted(bhar(event, start, end) for event in events)
    n, mean = len(values), float(np.mean(values))
    own = johnson(values, 0.0)
    random = np.random.default_rng([SEED, n])
    drawn = [johnson([values[i] for i in row], mean) for row in random.integers(0, n, (DRAWS, n // 4))]
    above = (1 + sum(each >= own for each in drawn)) / (1 + DRAWS)
    below = (1 + sum(each <= own for each in drawn)) / (1 + DRAWS)
    return own, min(1.0, 2 * min(above, below))


def calendar_time(events: list[FirmEvent], start: int, end: int) -> Value:
    """The portfolio day by day, regressed by statsmodels with Newey and West's errors."""
    days: dict[int, dict[str, list[tuple[float, float]]]] = {}
    for event in events:
        for tau in range(start, end + 1):
            member = (event.ret[tau + LEAD], event.leverage[tau + LEAD, 1])
            days.setdefault(event.day0 + tau, {}).setdefault(event.ticker, []).append(member)
    table = np.array(
        [np.mean([np.mean(listed, axis=0) for listed in days[day].values()], axis=0) for day in sorted(days)]
    )
    fit = sm.OLS(table[:, 0], sm.add_constant(table[:, 1])).fit(
        cov_type="HAC", cov_kwds={"maxlags": end - start, "use_correction": True}, use_t=True
    )
    return float(fit.tvalues[0]), float(fit.pvalues[0])


# --- several tickers on one date ----------------------------------------------------------------------------


def system(events: list[FirmEvent], block: Any, x_ahead: Any) -> tuple[Any, float, int]:
    """Return residual covariance without some sessions, the variance factor of a window, and M - k."""
    x = np.delete(events[0].x, block, axis=0)
    e = np.column_stack([regression(np.delete(event.y, block), x)[1] for event in events])
    df = len(x) - 2
    one = np.ones(len(x_ahead))
    factor = len(x_ahead) + float(one @ x_ahead @ np.linalg.inv(x.T @ x) @ x_ahead.T @ one)
    return e.T @ e / df, factor, df


def hotelling(values: Any, covariance: Any, df: int) -> tuple[float, float, float]:
    """Return T squared, its F and the p-value."""
    n = len(values)
    t2 = float(values @ np.linalg.inv(covariance) @ values)
    f = t2 * (df - n + 1) / (n * df)
    return t2, f, float(stats.f.sf(f, n, df - n + 1))


def joint(events: list[FirmEvent], start: int, end: int) -> tuple[float, float, float]:
    sigma, factor, df = system(events, [], events[0].leverage[inside(start, end)])
    return hotelling(np.array([car(event, start, end) for event in events]), sigma * factor, df)


def joint_f(events: list[FirmEvent], start: int, end: int) -> Value:
    _, f, pvalue = joint(events, start, end)
    return f, pvalue


def equality_f(events: list[FirmEvent], start: int, end: int) -> Value:
    sigma, factor, df = system(events, [], events[0].leverage[inside(start, end)])
    d = np.column_stack([np.eye(len(events) - 1), -np.ones(len(events) - 1)])
    cars = np.array([car(event, start, end) for event in events])
    _, f, pvalue = hotelling(d @ cars, d @ (sigma * factor) @ d.T, df)
    return f, pvalue


def left_out_joint(events: list[FirmEvent], length: int) -> list[tuple[float, float, float]]:
    """Refit every equation without each estimation window in turn."""
    others = []
    for first in range(M - length + 1):
        block = np.arange(first, first + length)
        x = np.delete(events[0].x, block, axis=0)
        cars = []
        for event in events:
            b, _, _ = regression(np.delete(event.y, block), x)
            cars.append(float((event.y - event.x @ b)[block].sum()))
        sigma, factor, df = system(events, block, events[0].x[block])
        others.append(hotelling(np.array(cars), sigma * factor, df))
    return others


def joint_placebo(events: list[FirmEvent], start: int, end: int) -> Value:
    t2, own, _ = joint(events, start, end)
    return t2, rank_among(own, [f for _, f, _ in left_out_joint(events, end - start + 1)])


def joint_study(events: list[FirmEvent], start: int, end: int) -> Value:
    """Of a study that is one event: its sessions over the length are its effective observations."""
    length = end - start + 1
    _, f, own = joint(events, start, end)
    share = np.mean([pvalue <= own for _, _, pvalue in left_out_joint(events, length)])
    return f, float((1 + M / length * share) / (1 + M / length))


def portfolio(events: list[FirmEvent]) -> FirmEvent:
    """Return the regression of the mean return."""
    y, ret = (np.mean([getattr(event, name) for event in events], axis=0) for name in ("y", "ret"))
    first = events[0]
    b, e, s = regression(y, first.x)
    inverse = np.linalg.inv(first.x.T @ first.x)
    covariance = s**2 * (np.eye(LENGTH) + first.leverage @ inverse @ first.leverage.T)
    normal = first.leverage @ b
    return first._replace(
        y=y, residuals=e, ret=ret, normal=normal, ar=ret - normal, sigma=s, covariance=covariance
    )


def portfolio_t(events: list[FirmEvent], start: int, end: int) -> Value:
    return car_t(portfolio(events), start, end)


def portfolio_placebo(events: list[FirmEvent], start: int, end: int) -> Value:
    return placebo(portfolio(events), start, end)


def size(event: FirmEvent) -> int:
    """Return the characteristic by which means are weighted, and on which returns are regressed."""
    return 10 + 7 * int(event.ticker[1:]) % 11


def value_weighted_t(events: list[FirmEvent], start: int, end: int) -> Value:
    fit = sm.WLS(
        [car(event, start, end) for event in events],
        np.ones(len(events)),
        weights=[size(event) for event in events],
    ).fit(cov_type="cluster", cov_kwds={"groups": [event.day0 for event in events]}, use_t=True)
    return float(fit.tvalues[0]), float(fit.pvalues[0])


def slopes(events: list[FirmEvent], start: int, end: int, components: int) -> tuple[float, list[float]]:
    """Return the slope on the size of the event, and of the earlier days; by OLS without components."""
    _, daily = daily_returns()
    length, gap = end - start + 1, start + LEAD + end - start + 1
    table = np.column_stack([daily[event.ticker] for event in events])
    sums = np.array([table[day : day + length].sum(axis=0) for day in range(len(table) - length + 1)])
    x = sm.add_constant(np.array([size(event) for event in events], dtype=float))
    begin = events[0].day0 + start
    found = []
    for day in [begin, *range(begin - gap - ORDINARY + 1, begin - gap + 1)]:
        omega = np.eye(len(events))
        if components:
            before = sums[day - gap - ORDINARY + 1 : day - gap + 1]
            whole = np.cov(before.T)
            values, vectors = np.linalg.eigh(whole)
            omega = (vectors[:, -components:] * values[-components:]) @ vectors[:, -components:].T
            omega = omega - np.diag(np.diag(omega)) + np.diag(np.diag(whole))
        found.append(float(sm.GLS(sums[day], x, sigma=omega).fit().params[1]))
    return found[0], found[1:]


def prologue(events: list[FirmEvent], start: int, end: int, components: int) -> Value:
    slope, earlier = slopes(events, start, end, components)
    mean = float(np.mean(earlier))
    t = (slope - mean) / (float(np.std(earlier, ddof=1)) * sqrt(1 + 1 / len(earlier)))
    return t, rank_among(abs(slope - mean), [abs(each - mean) for each in earlier])


def prologue_ols(events: list[FirmEvent], start: int, end: int) -> Value:
    return prologue(events, start, end, 0)


def prologue_gls(events: list[FirmEvent], start: int, end: int) -> Value:
    return prologue(events, start, end, 3)


def left_out_t(event: FirmEvent) -> list[float]:
    """Return the t of every estimation session from a fit without it."""
    found = []
    for at in range(M):
        kept = np.delete(np.arange(M), at)
        b, _, s = regression(event.y[kept], event.x[kept])
        inverse = np.linalg.inv(event.x[kept].T @ event.x[kept])
        variance = s**2 * (1 + event.x[at] @ inverse @ event.x[at])
        found.append(float((event.y[at] - event.x[at] @ b) / sqrt(variance)))
    return found


def study_count(events: list[FirmEvent], start: int, end: int) -> Value:
    """Return the count on day 0 and its p-value, dates convolved one after another."""
    reference = [np.abs(left_out_t(event)) for event in events]
    k = (M + 1) // 20
    count = sum(
        bool((own >= abs(scar(event, start, end))).sum() < k)
        for own, event in zip(reference, events, strict=True)
    )
    law = [1.0]
    for date in dict.fromkeys(event.day0 for event in events):
        members = [own for own, event in zip(reference, events, strict=True) if event.day0 == date]
        hits = sum((own >= sorted(own)[-k]).astype(int) for own in members)
        longer = [0.0] * (len(law) + len(members))
        for so_far, more in product(range(len(law)), hits):
            longer[so_far + more] += law[so_far] / M
        law = longer
    return float(count), sum(law[count:])


#: Tests of one firm-event, and of a group, with the key of the group.
OF_ONE: dict[str, Callable[[FirmEvent, int, int], Value]] = {
    "ar_t": car_t,
    "car_t": car_t,
    "conformal": conformal,
    "placebo": placebo,
    "sq": sq,
    "rank_single": rank_single,
    "bhar_t": bhar_t,
}
OF_GROUPS: dict[str, tuple[str, Callable[[list[FirmEvent], int, int], Value]]] = {
    "variance_ratio": ("", variance_ratio),
    "jackknife": ("", jackknife),
    "wild_bootstrap": ("staggered", wild_bootstrap),
    "bhar_skew_t": ("", bhar_skew_t),
    "calendar_time": ("", calendar_time),
    "joint_f": ("shared", joint_f),
    "equality_f": ("shared", equality_f),
    "joint_placebo": ("shared", joint_placebo),
    "joint_study": ("shared", joint_study),
    "portfolio_t": ("shared", portfolio_t),
    "portfolio_placebo": ("shared", portfolio_placebo),
    "prologue_ols": ("shared", prologue_ols),
    "prologue_gls": ("shared", prologue_gls),
    "value_weighted_t": ("", value_weighted_t),
    "study_count": ("", study_count),
}
WINDOWS = ((0, 0), (-5, 0), (-5, 5))
#: An AR is of one session; over one session a BHAR is the CAR; the count has no p-value over long windows.
ONLY = {
    "ar_t": WINDOWS[:1],
    "bhar_t": WINDOWS[1:],
    "bhar_skew_t": WINDOWS[1:],
    "study_count": WINDOWS[:1],
}


def transcribed() -> Iterator[dict[str, str]]:
    """Yield the rows of the tests that the reference program does not have."""
    events = firm_events()
    for test, of_one in OF_ONE.items():
        for number in (0, 13):
            for window in ONLY.get(test, WINDOWS):
                yield row(test, window, of_one(events[number], *window), 1, event=f"e{number + 1:02d}")
    for test, (key, of_group) in OF_GROUPS.items():
        members = [events[number] for number in GROUPS[key]]
        for window in ONLY.get(test, WINDOWS):
            yield row(test, window, of_group(members, *window), len(members), key=key)


def row(
    test: str, window: tuple[int, int], value: Value, n: int, key: str = "", event: str = ""
) -> dict[str, str]:
    cells = ("synthetic", test, *window, *map(repr, value), n, key, event, OWN)
    return dict(zip(COLUMNS, map(str, cells), strict=True))


def with_pvalue(kept: dict[str, str]) -> dict[str, str]:
    """Return a row of another source with the two-sided p-value of its distribution where it has none."""
    degrees = {"bmp_adj_t": int(kept["n"]) - 1, "crude_dependence_t": M - 1, "grank_t": M - 1}
    if not kept["pvalue"]:
        z, df = abs(float(kept["statistic"])), degrees.get(kept["test"])
        kept["pvalue"] = repr(float(2 * (stats.norm.sf(z) if df is None else stats.t.sf(z, df))))
    return {**dict.fromkeys(COLUMNS, ""), **kept, "source": kept.get("source") or PROGRAM}


def main() -> None:
    """Rewrite the file."""
    with FILE.open(newline="") as file:
        kept = [with_pvalue(each) for each in csv.DictReader(file) if each.get("source") != OWN]
    with FILE.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, *transcribed()])


if __name__ == "__main__":
    main()
