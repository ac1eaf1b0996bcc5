"""The last answer of Yahoo, which yfinance hides, and what it means for a ticker.

yfinance raises the same error for an unknown ticker, a failure of the server and a refused crumb, and waits
half a minute for side requests. Here its HTTP session has a time limit and keeps the last answer on prices.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventstudy.prices.source import FailureKind, FetchFailure

CHART = "/v8/finance/chart/"  #: path of the answers that hold prices
LEAST_TIMEOUT = 0.05  #: seconds; 0 would mean no limit
CONNECT_TIMEOUT = 2.0  #: seconds to find the host and connect to it
CURL_UNREACHABLE = (5, 6, 7)  #: proxy or host not found, connection refused
CURL_TIMED_OUT = 28
LONGEST_DETAIL = 160  #: characters
OWN_FILES = "or give a file of prices with --prices DIR"
REMEDIES: dict[FailureKind, str] = {
    "not-found": f"does not know it (delisted names vanish there); check the spelling, {OWN_FILES}",
    "empty": f"has no prices; check the spelling, {OWN_FILES}",
    "rate-limited": "refuses for now (too many requests); run again in some minutes (what is stored stays), "
    "upgrade yfinance if that does not help",
    "network": f"did not answer; check the network, work with --offline, {OWN_FILES}",
    "unreachable": f"cannot be reached; check the network, work with --offline, {OWN_FILES}",
    "garbled": f"answered something that cannot be used; try again later, upgrade yfinance, {OWN_FILES}",
}


@dataclass
class YahooSession:
    """The HTTP session of yfinance, with a time limit and the last answer for each thread."""

    session: Any
    timeout: float
    _own: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        self.session.request = self._request  # get and post go through it; yfinance takes no other class

    def begin(self) -> None:
        """Begin a try: forget the last answer and start the time limit."""
        self._own.response, self._own.until = None, time.monotonic() + 2 * self.timeout
        self._own.unreachable = None

    def refused(self, error: Exception) -> FetchFailure:
        """Return the reason of a failed try, by the last answer rather than by the error."""
        answer = Answer.of(getattr(self._own, "response", None))
        unreachable = getattr(self._own, "unreachable", None)
        kind = "unreachable" if unreachable is not None else answer.kind(error)
        error = unreachable or error
        if kind == "empty":
            return fetch_failure(kind, answer.complaint or "its answer is empty")
        text = f"{type(error).__name__}: {error}".partition(" See http")[0]  # curl's error adds an address
        return fetch_failure(kind, answer.complaint or text)

    def result(self) -> Mapping[str, Any]:
        """Return the content of the last answer, as Yahoo wrote it."""
        return Answer.of(self._own.response).result

    def _request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        if (unreachable := getattr(self._own, "unreachable", None)) is not None:
            raise unreachable  # side requests would each wait for the same
        left = getattr(self._own, "until", time.monotonic() + self.timeout) - time.monotonic()
        whole = max(min(self.timeout, left), LEAST_TIMEOUT)
        connect = min(CONNECT_TIMEOUT, whole / 2)
        options["timeout"] = (connect, whole - connect)
        if CHART in url:
            self._own.response = None
        try:
            response = type(self.session).request(self.session, method, url, *args, **options)
        except OSError as error:
            if _is_unreachable(error):
                self._own.unreachable = error
            raise
        if CHART in url:
            self._own.response = response
        return response


@dataclass(frozen=True)
class Answer:
    """An answer on prices: its HTTP status (0 without an answer) and its content.

    ``chart`` is empty where the answer has another form, ``result`` where it has no prices.
    """

    status: int
    chart: Mapping[str, Any]
    result: Mapping[str, Any]

    @classmethod
    def of(cls, response: Any) -> Answer:
        """Read a response of any form, or None."""
        if response is None:
            return cls(0, {}, {})
        try:
            chart = _within(response.json(), "chart")
        except (ValueError, RecursionError):
            chart = {}
        results = chart.get("result")
        return cls(
            response.status_code, chart, _mapping(results[0] if isinstance(results, list) and results else {})
        )

    @property
    def complaint(self) -> str:
        """Yahoo's own error message, else an HTTP status that is an error, else ""."""
        said = _within(self.chart, "error").get("description")
        return str(said or (f"HTTP {self.status}" if self.status >= 400 else ""))

    def kind(self, error: Exception) -> FailureKind:
        """Return the kind of a failure after this answer.

        Only Yahoo's own message is final: a server on the way may answer 404, or 200 with other content.
        """
        if self.status == 429:
            return "rate-limited"
        if self.status == 0:
            return "network" if isinstance(error, OSError) else "garbled"
        if self.status == 404 and _within(self.chart, "error").get("code") == "Not Found":
            return "not-found"
        no_such_days = self.status == 400 and "Data doesn't exist" in self.complaint
        nothing = self.status == 200 and "result" in self.chart and not self.chart.get("error")
        return "empty" if no_such_days or (nothing and not self.result.get("timestamp")) else "garbled"


def fetch_failure(kind: FailureKind, detail: str) -> FetchFailure:
    """Return a failure with its remedy, and the detail in brackets, on one line."""
    return FetchFailure(kind, f"Yahoo {REMEDIES[kind]} ({' '.join(detail.split())[:LONGEST_DETAIL]})")


def dividend_currencies(result: Mapping[str, Any]) -> set[str]:
    """Return the currencies of the dividends in an answer, which yfinance leaves out."""
    dividends = _within(result, "events", "dividends")
    return {str(_mapping(paid).get("currency") or "") for paid in dividends.values()} - {""}


def _is_unreachable(error: OSError) -> bool:
    """Tell whether there was no connection: no such host, refused, or no answer to the first packet."""
    code, text = getattr(error, "code", 0), str(error)
    return (
        code in CURL_UNREACHABLE
        or isinstance(error, ConnectionRefusedError | socket.gaierror)
        or (code == CURL_TIMED_OUT and ("Connection timed out" in text or "Resolving timed out" in text))
    )


def _within(value: Any, *keys: str) -> Mapping[str, Any]:
    """Return the mapping below some keys, an empty one where there is none."""
    for key in keys:
        value = _mapping(value).get(key)
    return _mapping(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
