"""Numbers to dates: eight digits, days since an epoch, seconds since 1970."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.intake.column import DateColumn, Days
from eventstudy.intake.stamps import stamps_of_instants, with_clocks
from eventstudy.sessions import Stamps

EPOCHS = {
    "excel": "1899-12-30",
    "excel-1904": "1904-01-01",
    "sas": "1960-01-01",
    "stata": "1960-01-01",
    "unix": "1970-01-01",
}
COUNTED = ("excel", "sas", "unix")  #: epochs that differ, for numbers of which nothing is known
WORDS = {
    "excel": "Excel",
    "excel-1904": "Excel",
    "sas": "SAS or Stata",
    "stata": "Stata",
    "unix": "R or Unix",
}
FIRST = np.datetime64("1900-01-01")
LAST_EIGHT = np.datetime64("2100-12-31")
NOT_A_DATE = "write dates as YYYY-MM-DD"
#: least value of seconds, milliseconds, microseconds and nanoseconds, and how many make a second
UNITS = ((1e8, 1), (1e11, 1_000), (1e14, 1_000_000), (1e17, 1_000_000_000))


def days_of_numbers(
    column: DateColumn,
    numbers: FloatArray,
    form: str | None,
    zone: str | None,
    *,
    codes: IntArray | None = None,
) -> Days:
    """Return the dates of numbers, shape (n,), NaT where NaN.

    Parameters
    ----------
    numbers
        Rows, or distinct values with their ``codes``.
    form
        Epoch that the container states for the column, by a name of `EPOCHS`.
    zone
        Whose clock seconds since 1970 are read by; None: of UTC.

    Raises
    ------
    FileContentError
        Numbers that are no dates, or dates by more than one epoch, with ``--date-order``.
    """
    there = np.flatnonzero(~np.isnan(numbers))
    values = numbers[there]
    days = np.full(len(numbers), np.datetime64("NaT", "D"))
    if not len(there):
        return Days(days, "")
    places = there if codes is None else codes[there]
    if form is None:
        for at in np.flatnonzero(values != np.floor(values))[:1]:
            raise column.error(f"is {values[at]:.12g}, not a date", NOT_A_DATE, int(places[at]))
    if form is not None:
        found = _since(form, np.floor(values)), f"{WORDS[form]} days"
    elif (values >= UNITS[0][0]).all():
        return _of_seconds(values, there, len(numbers), zone)
    elif ((values >= 1e7) & (values < 1e8)).all():
        found = _of_eight_digits(column, values, places), "YYYYMMDD"
    else:
        found = _of_serials(column, values, places)
    days[there] = found[0]
    return Days(days, found[1])


def _of_eight_digits(column: DateColumn, values: FloatArray, places: IntArray) -> DateArray:
    whole = values.astype(np.int64)
    months = (whole // 10_000 - 1970) * 12 + whole // 100 % 100 - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (whole % 100 - 1)
    back = days.astype("datetime64[M]").astype(np.int64)
    wrong = (back != months) | (whole % 100 < 1) | (whole // 100 % 100 > 12) | (whole // 100 % 100 < 1)
    for at in np.flatnonzero(wrong | (days < FIRST) | (days > LAST_EIGHT))[:1]:
        raise column.error(f"is {whole[at]}, no date YYYYMMDD", NOT_A_DATE, int(places[at]))
    return np.asarray(days)


def _of_seconds(values: FloatArray, there: IntArray, n: int, zone: str | None) -> Days:
    per_second = [count for least, count in UNITS if (values >= least).all()][-1]
    found = stamps_of_instants((values // per_second).astype(np.int64), zone)
    unit = {1: "seconds", 1_000: "milliseconds", 1_000_000: "microseconds"}.get(per_second, "nanoseconds")
    stamps = Stamps(np.full(n, np.datetime64("NaT", "D")), np.zeros(n, dtype=np.int64), np.zeros(n))
    stamps.days[there], stamps.clock[there], stamps.offset[there] = found.days, found.clock, found.offset
    return Days(stamps.days, f"Unix {unit}", with_clocks(stamps))


def _of_serials(column: DateColumn, values: FloatArray, places: IntArray) -> tuple[DateArray, str]:
    stated = column.options.date_order
    months = values.astype(np.int64)
    are_months = (months >= 190001) & (months <= 210012) & (months % 100 >= 1) & (months % 100 <= 12)
    if stated not in EPOCHS and are_months.all():
        remedy = "give one row per session"
        raise column.error(f"is {months[0]}: months, not days", remedy, int(places[0]))
    if stated in EPOCHS:
        days = _since(str(stated), values)
        for at in np.flatnonzero(~_possible(column, days))[:1]:
            problem = f"is {values[at]:g}, which is {days[at]} counted as {WORDS[str(stated)]} does"
            others = [name for name in COUNTED if _possible(column, _since(name, values)).all()]
            remedy = column.ask(" or ".join(others), others[0]) if others else NOT_A_DATE
            raise column.error(problem, remedy, int(places[at]))
        return days, f"{WORDS[str(stated)]} days"
    found = {name: days for name in COUNTED if _possible(column, days := _since(name, values)).all()}
    if len(found) == 1:
        name, days = next(iter(found.items()))
        return days, f"{WORDS[name]} days"
    if not found:
        raise column.error(f"is {values[0]:.12g}, not a date", NOT_A_DATE, int(places[0]))
    told = " or ".join(f"{days[0]} (days of {WORDS[name]})" for name, days in found.items())
    remedy = column.ask(" or ".join(found), next(iter(found)))
    raise column.error(f"is {values[0]:g}, {told}, and no row settles it", remedy, int(places[0]))


def _since(name: str, values: FloatArray) -> DateArray:
    return np.asarray(np.datetime64(EPOCHS[name]) + values.astype("timedelta64[D]"))


def _possible(column: DateColumn, days: DateArray) -> BoolArray:
    return np.asarray((days >= FIRST) & (days <= column.latest))
