"""From a time stamp to the first session that can react to it."""

from eventstudy.sessions.calendar import calendar_bounds, last_finished_session, trading_sessions
from eventstudy.sessions.corrections import Corrections, traded_otherwise
from eventstudy.sessions.exchange import exchange_of
from eventstudy.sessions.first import first_sessions

__all__ = [
    "Corrections",
    "calendar_bounds",
    "exchange_of",
    "first_sessions",
    "last_finished_session",
    "traded_otherwise",
    "trading_sessions",
]
