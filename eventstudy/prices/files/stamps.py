"""From the time stamps of a series to the sessions of its exchange."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.intake.series import Remark, SeriesColumns
from eventstudy.sessions import session_days


def on_sessions(columns: SeriesColumns, name: str, exchange: str) -> SeriesColumns:
    """Return a series by session, with a remark where its time stamps are of other days than their dates.

    Parameters
    ----------
    name
        The ticker, for messages.
    exchange
        Whose sessions they are, ``""`` where it is not known.

    Raises
    ------
    PriceDataError
        Intraday data, or time stamps from which the sessions cannot be told.
    """
    if columns.stamps is None:
        return columns
    days, why = session_days(name, columns.stamps, exchange)
    moved = dict(zip(columns.sessions.astype(str).tolist(), days.astype(str).tolist(), strict=True))
    remarks = [each._replace(session=moved.get(each.session or "")) for each in columns.remarks]
    if why:
        remarks.append(Remark("time-stamps", "info", why))
    return replace(columns, sessions=days, remarks=tuple(remarks), stamps=None)
