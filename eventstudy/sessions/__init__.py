"""From a time stamp to the first session that can react to it."""

from eventstudy.sessions.calendar import calendar_bounds, last_finished_session, trading_sessions
from eventstudy.sessions.corrections import Corrections, traded_otherwise
from eventstudy.sessions.exchange import exchange_of, known_exchange
from eventstudy.sessions.first import first_sessions
from eventstudy.sessions.stamps import Stamps, session_days

__all__ = [
    "Corrections",
    "Stamps",
    "calendar_bounds",
    "exchange_of",
    "first_sessions",
    "known_exchange",
    "last_finished_session",
    "session_days",
    "traded_otherwise",
    "trading_sessions",
]
