"""Seeded samples of firm-events in groups, as arrays: what the tests of significance are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray
from eventstudy.design import Window
from eventstudy.numerics.kernels import least_squares
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.history import History
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.prologue import DateAndBefore
from eventstudy.significance.romano_wolf import towards
from eventstudy.significance.sample import Alignment, CrossSection, InCalendarTime, Neighbours
from eventstudy.significance.study_reference import StudyReference
from eventstudy.significance.synthetic_phi import InSpace

WINDOWS = (Window(0, 0), Window(0, 1), Window(-2, 2), Window(-1, -1))


def random_day(rng: np.random.Generator, *, slope: float = 0.0, **changes: Any) -> DateAndBefore:
    """Return 20 firms with a common factor over 150 days, and an effect of a characteristic on the last."""
    returns, x = (
        rng.normal(size=(150, 20)) * 0.02 + rng.normal(size=(150, 1)) * 0.01,
        rng.normal(size=(20, 1)),
    )
    returns[-1] += slope * x[:, 0]
    return replace(DateAndBefore.of(returns, x, 149), **changes)


def random_sample(
    rng: np.random.Generator,
    sizes: tuple[int, ...] = (12,),
    *,
    sessions: int = 60,
    missing: float = 0.0,
    shift: float = 0.0,
    windows: tuple[Window, ...] = WINDOWS,
    **changes: Any,
) -> CrossSection:
    """Return independent firm-events, one group per size, with an estimation window of ``sessions``.

    Parameters
    ----------
    missing
        Share of estimation and event returns that are NaN.
    shift
        Added to the abnormal return of day 0, decimal.
    changes
        Fields to replace.
    """
    n, window = sum(sizes), Window(-2, 2)
    scale = rng.uniform(0.01, 0.04, (n, 1))
    residuals = rng.normal(size=(n, sessions)) * scale
    ar = rng.normal(size=(n, window.length)) * scale
    ar[:, 2] += shift
    residuals[rng.random(residuals.shape) < missing] = np.nan
    ar[rng.random(ar.shape) < missing] = np.nan
    used = np.isfinite(residuals).sum(axis=1)
    sigma = np.sqrt(np.nansum(residuals**2, axis=1) / (used - 2))
    columns = [slice(each.start + 2, each.end + 3) for each in windows]
    car = np.column_stack([ar[:, part].sum(axis=1) for part in columns])
    length = np.array([each.length for each in windows])
    date = np.arange(n) // 2  # two firm-events a date
    values: dict[str, Any] = {
        "group": np.repeat(np.arange(len(sizes)), sizes),
        "groups": len(sizes),
        "windows": windows,
        "car": car,
        "scar": car / (sigma[:, None] * np.sqrt(length * (1 + 1 / used[:, None]))),
        "bhar": np.column_stack([np.prod(1 + ar[:, part], axis=1) - 1 for part in columns]),
        "df": used - 2.0,
        "ticker": rng.integers(0, max(n // 2, 1), n),
        "date": date,
        "listings": np.ones(n, dtype=np.int64),
        "alternative": "two-sided",
        "seed": 7,
        "history": History(
            estimation=Window(-2 - sessions, -3),
            window=window,
            residuals=residuals,
            studentised=residuals / (sigma[:, None] * np.sqrt(1 - rng.uniform(0.01, 0.1, residuals.shape))),
            ar=ar,
        ),
        "events": np.arange(n),
        "alignment": lambda: alignment_of(date, sessions, len(windows)),
        "calendar_time": lambda: InCalendarTime(ret=ar, regressors=np.zeros((n, 5, 0))),
        "weights": 1.0 + np.arange(n) % 3,
    }
    return CrossSection(**{**values, **changes})


SIZES = (12, 0, 7, 1, 30)  #: several groups at once, one of them empty and one alone


def each_cell(sample: CrossSection) -> Iterator[tuple[int, int, Any]]:
    """Yield every group and window by their places, with the rows complete in it."""
    for group in range(sample.groups):
        for place in range(len(sample.windows)):
            yield group, place, np.flatnonzero((sample.group == group) & np.isfinite(sample.car[:, place]))


def alignment_of(date: Any, sessions: int, windows: int) -> Alignment:
    """Return firm-events of one calendar: three sessions from a date to the next, windows that overlap."""
    day = sessions + 3 * np.arange(date.max(initial=-1) + 1)[:, None]
    return Alignment(date, day - sessions + np.arange(sessions), day + np.arange(5), Neighbours.none(windows))


def shuffled(sample: CrossSection, rng: np.random.Generator) -> CrossSection:
    """Return the same firm-events in another order within their groups."""
    order = np.lexsort((rng.random(len(sample.group)), sample.group))
    panel = sample.calendar_time()
    moved = {
        name: getattr(sample, name)[order]
        for name in ("car", "scar", "bhar", "df", "ticker", "date", "listings", "weights")
    }
    moved |= {"events": sample.events[order]}
    alignment = sample.alignment()
    return replace(
        sample,
        **moved,
        alignment=lambda: alignment._replace(session=alignment.session[order]),
        calendar_time=lambda: InCalendarTime(*(each[order] for each in panel)),
    )


def part_of(sample: CrossSection, rows: Any, groups: int = 1) -> CrossSection:
    """Return some rows of one group (or of all groups, by their number) as a sample of their own."""
    alignment, panel, group = sample.alignment(), sample.calendar_time(), sample.group[rows]
    names = ("car", "scar", "bhar", "df", "ticker", "date", "listings", "weights", "events")
    return replace(
        sample,
        **{name: getattr(sample, name)[rows] for name in names},
        group=group if groups > 1 else np.zeros_like(group),
        groups=groups,
        alignment=lambda: alignment._replace(session=alignment.session[rows]),
        calendar_time=lambda: InCalendarTime(*(each[rows] for each in panel)),
    )


def multiplied(sample: CrossSection, factor: float) -> CrossSection:
    """Return the sample with all returns, and their scale, multiplied; the standardised ones keep theirs."""
    history, panel, sign = sample.history, sample.calendar_time(), np.sign(factor)
    return replace(
        sample,
        car=factor * sample.car,
        bhar=factor * sample.bhar,
        scar=sign * sample.scar,
        history=replace(
            history,
            residuals=factor * history.residuals,
            ar=factor * history.ar,
            studentised=sign * history.studentised,
        ),
        calendar_time=lambda: panel._replace(ret=factor * panel.ret),
    )


def blanked(sample: CrossSection, rows: Any) -> CrossSection:
    """Return the sample with every return of some rows missing."""
    panel, history = sample.calendar_time(), sample.history

    def without(values: Any, places: Any) -> Any:
        values = values.copy()
        values[places] = np.nan
        return values

    events = sample.events[rows]
    return replace(
        sample,
        **{name: without(getattr(sample, name), rows) for name in ("car", "scar", "bhar")},
        history=replace(
            history,
            **{name: without(getattr(history, name), events) for name in ("residuals", "studentised", "ar")},
        ),
        calendar_time=lambda: panel._replace(ret=without(panel.ret, rows)),
    )


def random_system(rng: np.random.Generator, n: int = 4, *, shift: float = 0.01) -> OneDate:
    """Return n tickers of one date in a market model, three windows to test."""
    window, length = Window(-2, 2), 80
    x = rng.normal(0, 0.01, (1, length + 5, 1)) * np.ones((n, 1, 1))
    noise = rng.normal(0, 0.02, (n, length + 5)) + rng.normal(0, 0.01, length + 5)
    y = noise + 1.1 * x[:, :, 0]
    y[:, length + 2] += shift * np.linspace(0.5, 1.5, n)
    fit = least_squares(y[:, :length], x[:, :length])
    normal = fit.coefficients[:, :1] + fit.coefficients[:, 1:] * x[:, length:, 0]
    abnormal = AbnormalReturns(
        kind="simple",
        window=window,
        ret=y[:, length:],
        normal=normal,
        ar=y[:, length:] - normal,
        span=np.ones((n, 5)),
        root=fit.leverage_root(x[:, length:]),
        noise=np.ones((n, 5)),
        sigma=fit.sigma,
        df=fit.df,
        n=fit.n,
        residuals=fit.residuals,
        studentised=fit.residuals,
    )
    return OneDate(
        abnormal=abnormal,
        estimation_root=fit.leverage_root(x[:, :length]),
        sessions=np.arange(length),
        windows=(Window(0, 0), Window(-1, 1), window),
        alternative="two-sided",
        same_regressors=True,
    )


def tickers_of(system: OneDate, places: Any, factor: float = 1.0) -> OneDate:
    """Return a system of some of its tickers, in that order, with all returns multiplied."""
    abnormal = system.abnormal
    scaled = {name: factor * getattr(abnormal, name)[places] for name in ("ret", "normal", "ar", "residuals")}
    scaled["studentised"] = np.sign(factor) * abnormal.studentised[places]
    kept = {name: getattr(abnormal, name)[places] for name in ("span", "root", "df", "n")}
    sigma = abs(factor) * abnormal.sigma[places]
    return replace(
        system,
        abnormal=replace(abnormal, **scaled, **kept, sigma=sigma),
        estimation_root=system.estimation_root[places],
    )


def random_reference(rng: np.random.Generator, alternative: Alternative, t: FloatArray) -> StudyReference:
    """Return firm-days on dates far apart with these t, and 250 left-out t of each."""
    m = len(t)
    reference = StudyReference.empty(
        length=1,
        score=towards(t, alternative),
        day0=np.arange(m) * 100,
        shifts=250,
        sessions=1_000,
        securities=m,
    )
    reference.used[:250] = True
    reference.add(np.arange(m), towards(rng.standard_t(4, (m, 250)), alternative))
    return reference


def random_space(rng: np.random.Generator, alternative: Alternative, fall: float = 0.0) -> InSpace:
    """Return six firm-events with a CAR about ``fall``, and forty donors without an effect."""
    n, donors, windows = 6, 40, 2
    return InSpace(
        car=fall + rng.normal(0, 0.02, (n, windows)),
        sigma=rng.uniform(0.01, 0.03, n),
        placebo=rng.normal(0, 0.02, (n, donors, windows)),
        placebo_sigma=rng.uniform(0.01, 0.02, (n, donors)),
        own=np.full(n, -1),
        alternative=alternative,
    )
